// Package handoff holds the conversations: what was said, who is responsible now, and who is next.
//
// A conversation is a log of events with a sequence number that starts at 1 and has no gaps. Whatever
// happens to it (a message, a change of state, a transfer, a rating) is an event, so one mechanism
// keeps every screen up to date: read what is committed after the newest number one has seen.
//
//	s, err := handoff.New(handoff.Options{DB: d, Bus: b, Decider: brain})
//	s.Start(ctx)
//	defer s.Close()
//	c, err := s.Open(ctx, handoff.Visitor{ID: "v1", Channel: "web"}, "")
//	ack, err := s.Say(ctx, c.ID, "v1", handoff.Message{Ref: ref, Text: "怎么挂失"})
//	sub, err := s.Subscribe(c.ID, ack.Seq)
//	for signal := range sub.Signals() { … }
//
// # Writing
//
// Every change goes through the committer (committer.go): a function that is applied to the locked
// conversation inside a transaction shared by up to 512 changes. The sender's reference is unique in
// the conversation, so a change that is sent again answers with its first sequence number. Commit,
// then acknowledge, then publish: what is not committed is not acknowledged, and the sender repeats it.
//
// # The bot's turn
//
// The customer's message is committed and acknowledged at once. The answer it is owed is part of that
// transaction, as columns of the conversation (turn_from, turn_due); bubbles within the debounce time
// are one turn (BL-12). When the time is up, the decision is made outside any transaction and then
// committed in one: reply, hidden decision event, course, change of state, queue or ticket. It is
// dropped if a new bubble came or a person took over meanwhile. A crash in between loses nothing: a
// sweeper finds turns that are overdue, on any node.
//
// # The handoff promise
//
// An explicit request for a person ends in exactly one of: queued, with an agent, numbered ticket, in
// the transaction that recognised it. person_requests keeps the proof; Overview counts the failures,
// of which there must be none.
package handoff
