package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"yinda/content"
	"yinda/kb"
)

type evalCmd struct {
	Retrieval     evalRetrievalCmd     `cmd:"" help:"Recall, precision, coverage, calibration and latency of the search."`
	Understanding evalUnderstandingCmd `cmd:"" help:"Requests for a person, complaints, emergencies, emotions."`
	Requests      evalRequestsCmd      `cmd:"" help:"Whether requests for a person are heard."`
	Dialogues     evalDialoguesCmd     `cmd:"" help:"Whether conversations reach a person at the right turn."`
	Guard         evalGuardCmd         `cmd:"" help:"Whether forbidden sentences are blocked and good ones pass."`
	Privacy       evalPrivacyCmd       `cmd:"" help:"Whether private data is masked."`
}

// Help is shown by `yinda eval --help`.
func (evalCmd) Help() string {
	return `Examples:
  yinda eval retrieval --gold content/testdata/gold/retrieval_test.tsv
  yinda eval understanding --gold bot/testdata/gold/understanding.tsv --faults
  yinda eval dialogues --gold bot/testdata/blind/dialogues.txt
  yinda eval requests --gold bot/testdata/gold/requests.tsv
  yinda eval guard --gold bot/testdata/gold/lint.tsv
  yinda eval privacy --gold internal/vault/testdata/mask.tsv`
}

type evalRetrievalCmd struct {
	Gold    string `help:"Questions with their right entries (TSV: question, ids, also_ok, label; no ids: no answer here)." type:"existingfile" required:"" placeholder:"FILE"`
	KB      string `name:"kb" help:"Knowledge base from a TSV file instead of the published content." type:"existingfile" placeholder:"FILE"`
	Similar string `help:"Similar questions; with --kb." type:"existingfile" placeholder:"FILE"`
	Pairs   string `help:"Confirmed questions; with --kb." type:"existingfile" placeholder:"FILE"`
	Against int64  `help:"Compare with an earlier generation of the published content and list what changed." placeholder:"N"`
	Faults  bool   `help:"List the questions whose best candidate is wrong."`
	JSON    bool   `name:"json" help:"The whole report as JSON."`
}

// Run evaluates, and compares when asked to.
func (c *evalRetrievalCmd) Run(env *environment) error {
	if c.KB == "" && (c.Similar != "" || c.Pairs != "") || c.KB != "" && c.Against != 0 {
		return usageError{"--similar 和 --pairs 须与 --kb 一起使用；--against 只用于已发布的内容。"}
	}
	cases, err := kb.LoadCases(c.Gold)
	if err != nil {
		return err
	}
	set, before, err := c.sets(env)
	if err != nil {
		return err
	}
	report, err := evaluate(env.ctx, set, cases)
	if err != nil {
		return err
	}
	if c.JSON {
		return writeJSON(env.out, report)
	}
	if err := report.WriteText(env.out); err != nil {
		return err
	}
	if c.Faults {
		writeFaults(env.out, report)
	}
	if before == nil {
		return nil
	}
	earlier, err := evaluate(env.ctx, before, cases)
	if err != nil {
		return err
	}
	changes := kb.Compare(earlier, report)
	fmt.Fprintf(env.out, "\n与第%d版相比，%d个问题的结果不同\n", c.Against, len(changes))
	for _, ch := range changes {
		fmt.Fprintf(env.out, "  %-7s %s：%s → %s\n", ch.Kind, ch.Question, ch.Before, ch.After)
	}
	return nil
}

// sets returns what is evaluated, and what it is compared with (nil: nothing).
func (c *evalRetrievalCmd) sets(env *environment) (set, before *content.Set, err error) {
	if c.KB != "" {
		set, err = readKB(env, c.KB, c.Similar, c.Pairs)
		return set, nil, err
	}
	if c.Against == 0 {
		set, err = publishedSet(env)
		return set, nil, err
	}
	store, set, closeDB, err := openStore(env)
	if err != nil {
		return nil, nil, err
	}
	defer closeDB()
	before, err = store.Load(env.ctx, c.Against)
	return set, before, err
}

func evaluate(ctx context.Context, set *content.Set, cases []kb.Case) (*kb.Report, error) {
	index, err := kb.Build(ctx, set.Base(time.Now()))
	if err != nil {
		return nil, err
	}
	defer index.Close()
	return kb.Evaluate(ctx, index, cases)
}

func writeFaults(w io.Writer, r *kb.Report) {
	fmt.Fprintln(w, "\n首位不对，或库外问题得到了回答")
	for _, o := range r.Outcomes {
		wrong := len(o.Case.IDs) > 0 && o.Rank != 1 || len(o.Case.IDs) == 0 && o.Verdict == kb.Answer
		if wrong {
			got := ""
			if len(o.Got) > 0 {
				got = o.Got[0]
			}
			fmt.Fprintf(w, "  %-11s %s  应为 %v，得到 %s（%.2f，正确的排第%d）\n", o.Case.Slice, o.Case.Question, o.Case.IDs, got, o.Score, o.Rank)
		}
	}
}
