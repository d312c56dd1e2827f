package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/vault"
	"yinda/kb"
)

type askCmd struct {
	KB       string   `name:"kb" help:"Knowledge base from a TSV file (id, question, answer, category) instead of the published content." type:"existingfile" placeholder:"FILE"`
	Similar  string   `help:"Similar questions (TSV: id, question); with --kb." type:"existingfile" placeholder:"FILE"`
	Pairs    string   `help:"Confirmed questions of customers (TSV: question, id; empty id: no answer here); with --kb." type:"existingfile" placeholder:"FILE"`
	Explain  bool     `help:"Say why: tokens, synonyms, features, runner-up, margin."`
	JSON     bool     `name:"json" help:"One JSON object a line, in and out."`
	Question []string `arg:"" optional:"" help:"The question; - reads lines from standard input."`
}

// Help is shown by `yinda ask --help`.
func (askCmd) Help() string {
	return `Examples:
  yinda ask 卡丢了怎么办
  yinda ask --explain 信用卡年费怎么免
  echo '{"conversation":"a","text":"转人工"}' | yinda ask --json -
  yinda ask --kb kb.tsv --similar similar.tsv --json - < questions.txt`
}

// askAnswer is one line of the output of `ask --json` (design §8).
type askAnswer struct {
	Conversation      string         `json:"conversation"`
	Text              string         `json:"text"`
	Kind              bot.Kind       `json:"kind"`
	EntryID           string         `json:"entry_id"`
	Title             string         `json:"title"`
	Reply             string         `json:"reply"`
	Candidates        []askCandidate `json:"candidates"`
	Emotion           string         `json:"emotion"`
	EmotionLevel      int            `json:"emotion_level"`
	Complaint         bool           `json:"complaint"`
	ComplaintCategory string         `json:"complaint_category"`
	Urgent            string         `json:"urgent"`
	WantsPerson       bool           `json:"wants_person"`
	Escalate          bool           `json:"escalate"`
	Reason            string         `json:"reason"`
	Evidence          []string       `json:"evidence"`
	Ms                float64        `json:"ms"`
	Explanation       *kb.Result     `json:"explanation,omitempty"`
}

type askCandidate struct {
	ID    string  `json:"id"`
	Title string  `json:"title"`
	Score float64 `json:"score"`
}

// Run answers one question, or one a line.
func (c *askCmd) Run(env *environment) error {
	if c.KB == "" && (c.Similar != "" || c.Pairs != "") {
		return usageError{"--similar 和 --pairs 须与 --kb 一起使用。"}
	}
	if len(c.Question) == 0 {
		return usageError{"请给出问题，或用 - 从标准输入逐行读取。"}
	}
	edition, err := c.edition(env)
	if err != nil {
		return err
	}
	defer edition.Close()
	a := asker{edition: edition, explain: c.Explain, courses: map[string]bot.Course{}}
	if len(c.Question) > 1 || c.Question[0] != "-" {
		answer := a.ask(env.ctx, textLine{Text: strings.Join(c.Question, " ")})
		if c.JSON {
			return writeJSON(env.out, answer)
		}
		return c.print(env.out, answer)
	}
	out := json.NewEncoder(env.out)
	out.SetEscapeHTML(false)
	bad, err := inputLines(env.in, out, c.JSON, func(t textLine) error {
		answer := a.ask(env.ctx, t)
		if c.JSON {
			return out.Encode(answer)
		}
		return c.print(env.out, answer)
	})
	return badLines(bad, err)
}

// edition is what the questions are asked of: the files of --kb, the published content of the
// database, or, when there is no database yet, the starter content.
func (c *askCmd) edition(env *environment) (*content.Edition, error) {
	if c.KB == "" {
		return publishedEdition(env)
	}
	set, err := readKB(env, c.KB, c.Similar, c.Pairs)
	if err != nil {
		return nil, err
	}
	return content.NewEdition(env.ctx, set, time.Now())
}

// readKB makes a set from TSV files with the starter scripts, notices and lists around it.
// What was skipped or merged in the files is said on standard error.
func readKB(env *environment, path, similar, pairs string) (*content.Set, error) {
	table, err := kb.LoadTSV(path, similar, pairs)
	if err != nil {
		return nil, err
	}
	for i, note := range table.Notes {
		if i == maxNotes {
			fmt.Fprintf(env.err, "yinda: 还有%d条类似的提示。\n", len(table.Notes)-maxNotes)
			break
		}
		fmt.Fprintln(env.err, "yinda: "+note)
	}
	entries := make([]content.Entry, len(table.Entries))
	for i, e := range table.Entries {
		entries[i] = content.Entry{ID: e.ID, Question: e.Title, Similar: e.Similar, Negative: e.Negative,
			Category: e.Category, Product: "none", Answer: content.Answer{Conclusion: table.Answers[e.ID]}}
		if entries[i].Answer.Conclusion == "" {
			entries[i].Answer.Conclusion = e.Title
		}
	}
	set, err := content.AdHoc(entries)
	if err != nil {
		return nil, err
	}
	set.Pairs = table.Pairs
	return set, nil
}

// maxNotes bounds the notes about a file that are printed.
const maxNotes = 5

// asker keeps the course of every conversation of the input.
type asker struct {
	edition *content.Edition
	explain bool
	courses map[string]bot.Course
}

func (a *asker) ask(ctx context.Context, t textLine) askAnswer {
	began := time.Now()
	safe := vault.Mask(t.Text)
	turn := bot.Turn{Text: safe.Text, At: began}
	for _, f := range safe.Found {
		turn.Masked = true
		turn.Secret = turn.Secret || f.Level == vault.C3
	}
	d := a.edition.Bot.Decide(ctx, a.courses[t.Conversation], turn)
	if t.Conversation != "" {
		a.courses[t.Conversation] = d.Course
	}
	answer := askAnswer{
		Conversation: t.Conversation, Text: safe.Text, Kind: d.Kind, EntryID: d.EntryID, Title: d.Title,
		Reply: d.Reply.Text(), Candidates: make([]askCandidate, 0, len(d.Candidates)),
		Emotion: d.Emotion, EmotionLevel: d.EmotionLevel, Complaint: d.Complaint, ComplaintCategory: d.ComplaintCategory,
		Urgent: d.Urgent, WantsPerson: d.WantsPerson, Escalate: d.Escalate, Reason: d.Reason,
		Evidence: make([]string, 0, len(d.Evidence)),
	}
	for _, cand := range d.Candidates {
		answer.Candidates = append(answer.Candidates, askCandidate{cand.ID, cand.Title, round(cand.Score, 4)})
	}
	for _, e := range d.Evidence {
		answer.Evidence = append(answer.Evidence, e.Rule+": "+e.Match)
	}
	answer.Ms = round(float64(time.Since(began).Nanoseconds())/1e6, 3)
	if a.explain {
		if r, err := a.edition.Index.Search(ctx, safe.Text, kb.SearchOptions{Explain: true}); err == nil {
			answer.Explanation = &r
		}
	}
	return answer
}

// print shows an answer to a person at a terminal.
func (c *askCmd) print(w io.Writer, a askAnswer) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n\n", a.Reply)
	fmt.Fprintf(&b, "  决定  %s", a.Kind)
	if a.EntryID != "" {
		fmt.Fprintf(&b, "  %s %s", a.EntryID, a.Title)
	}
	if a.Escalate {
		fmt.Fprintf(&b, "  转人工（%s）", a.Reason)
	}
	fmt.Fprintf(&b, "\n  情绪  %s %d级", a.Emotion, a.EmotionLevel)
	if a.Urgent != bot.UrgentNone {
		fmt.Fprintf(&b, "  紧急 %s", a.Urgent)
	}
	if a.Complaint {
		fmt.Fprintf(&b, "  投诉 %s", a.ComplaintCategory)
	}
	if len(a.Evidence) > 0 {
		fmt.Fprintf(&b, "  依据 %s", strings.Join(a.Evidence, "；"))
	}
	b.WriteByte('\n')
	for i, cand := range a.Candidates {
		fmt.Fprintf(&b, "  候选%d  %.3f  %s  %s\n", i+1, cand.Score, cand.ID, cand.Title)
	}
	if r := a.Explanation; r != nil {
		fmt.Fprintf(&b, "  分词  %s\n", strings.Join(r.Tokens, " "))
		if len(r.Synonyms) > 0 {
			fmt.Fprintf(&b, "  同义  %s\n", strings.Join(r.Synonyms, "；"))
		}
		fmt.Fprintf(&b, "  差距  %.3f  阈值 答%.2f 问%.2f 差%.2f\n", r.Margin, r.Thresholds.Answer, r.Thresholds.Clarify, r.Thresholds.Margin)
		for _, cand := range r.Candidates[:min(2, len(r.Candidates))] {
			fmt.Fprintf(&b, "  %s ← “%s”\n", cand.ID, cand.Question)
			for _, f := range cand.Features {
				fmt.Fprintf(&b, "    %-24s %8.3f  %+7.3f\n", f.Name, f.Value, f.Contribution)
			}
		}
	}
	fmt.Fprintf(&b, "  用时  %.2f ms\n\n", a.Ms)
	_, err := io.WriteString(w, b.String())
	return err
}

// publishedSet is the content that serves: of the database when there is one, else the starter.
func publishedSet(env *environment) (*content.Set, error) {
	if path, ok := strings.CutPrefix(env.config.Database, "sqlite:"); ok {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			return content.Starter()
		}
	}
	return loadPublished(env)
}
