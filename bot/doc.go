// Package bot decides what to do with a turn of the customer: answer, ask back, decline, hand over.
//
// A decision has three stages, and every stage can be looked at by itself:
//
//   - understanding (understand*.go) reads one turn: emergency, request for a person, complaint,
//     emotion, chat. What lists find (lexicon.go, content/starter/lexicons) is weighed (judge.go)
//     against a linear model (model.go) that is trained from written examples (data/*.tsv);
//   - the course (course.go) remembers what matters of earlier turns: heat with decay, failures in a
//     row, the question asked last, what a bare 好的 would answer;
//   - the policy (policy.go) is a table of steps in the order of design §6; the first that takes the
//     turn decides.
//
// What is said comes from published entries and scripts through the guard (guard.go) and from
// nowhere else. What is done is a field of the Decision, never a sentence.
//
//	b, err := bot.New(playbook, index)
//	d := b.Decide(ctx, course, bot.Turn{Text: "我的卡丢了", At: now})
//	course = d.Course // stored with the conversation
package bot
