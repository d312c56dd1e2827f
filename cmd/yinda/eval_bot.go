package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/vault"
)

type evalUnderstandingCmd struct {
	Gold   string `help:"Labelled turns (TSV: text, emotion, complaint category or -, urgent class or none, person 1 or 0)." type:"existingfile" required:"" placeholder:"FILE"`
	Faults bool   `help:"List every turn that was read wrongly."`
	JSON   bool   `name:"json" help:"The whole report as JSON."`
}

// Run measures how turns are read.
func (c *evalUnderstandingCmd) Run(env *environment) error {
	examples, edition, err := goldAndEdition(env, c.Gold, bot.ReadExamples)
	if err != nil {
		return err
	}
	defer edition.Close()
	r := edition.Bot.EvaluateUnderstanding(examples)
	if c.JSON {
		return writeJSON(env.out, r)
	}
	binary := func(name string, b bot.Binary) {
		fmt.Fprintf(env.out, "%s  准确率 %.3f  召回率 %.3f  F1 %.3f\n", name, b.Precision(), b.Recall(), b.F1())
	}
	fmt.Fprintf(env.out, "共%d句\n", r.Examples)
	binary("要求人工", r.Person)
	binary("投诉    ", r.Complaint)
	binary("紧急    ", r.Urgent)
	fmt.Fprintf(env.out, "情绪（六类） 宏平均F1 %.3f  （中性/负面/投诉） %.3f\n", r.Emotion.MacroF1(), r.Coarse.MacroF1())
	fmt.Fprintf(env.out, "投诉类别     宏平均F1 %.3f\n", r.Category.MacroF1())
	if c.Faults {
		writeBotFaults(env, r.Faults)
	}
	return nil
}

type evalDialoguesCmd struct {
	Gold   string `help:"Dialogues: a line \"# name never\" or \"# name escalate_by=3 not_before=2\", then one turn a line, then an empty line." type:"existingfile" required:"" placeholder:"FILE"`
	Faults bool   `help:"List every dialogue that was escalated too early, too late or needlessly."`
	JSON   bool   `name:"json" help:"The whole report as JSON."`
}

// Run plays the dialogues and measures when they reach a person.
func (c *evalDialoguesCmd) Run(env *environment) error {
	dialogues, edition, err := goldAndEdition(env, c.Gold, bot.ReadDialogues)
	if err != nil {
		return err
	}
	defer edition.Close()
	r := edition.Bot.EvaluateDialogues(env.ctx, dialogues)
	if c.JSON {
		return writeJSON(env.out, r)
	}
	fmt.Fprintf(env.out, "共%d段对话，其中%d段应转人工\n应转的在时限内转接 %.1f%%（偏早%d，偏晚或未转%d），不应转而转 %.1f%%\n",
		r.Dialogues, r.Wanted, 100*r.InTime(), r.Early, r.Late, 100*r.NeedlessRate())
	if c.Faults {
		writeBotFaults(env, r.Faults)
	}
	return nil
}

type evalRequestsCmd struct {
	Gold   string `help:"Turns (TSV: text, 1 when it asks for a person, else 0)." type:"existingfile" required:"" placeholder:"FILE"`
	Faults bool   `help:"List every request that was missed and every look-alike that was taken for one."`
	JSON   bool   `name:"json" help:"The whole report as JSON."`
}

// Run measures whether requests for a person are heard.
func (c *evalRequestsCmd) Run(env *environment) error {
	requests, err := readGold(c.Gold, bot.ReadRequests)
	if err != nil {
		return err
	}
	edition, err := publishedEdition(env)
	if err != nil {
		return err
	}
	defer edition.Close()
	r := edition.Bot.EvaluateRequests(requests)
	if c.JSON {
		return writeJSON(env.out, r)
	}
	p := r.Person
	fmt.Fprintf(env.out, "共%d句，其中%d句要求人工\n", r.Requests, p.TP+p.FN)
	fmt.Fprintf(env.out, "  听懂%d，漏掉%d，误认%d  准确率 %.3f  召回率 %.3f  F1 %.3f\n", p.TP, p.FN, p.FP, p.Precision(), p.Recall(), p.F1())
	if c.Faults {
		writeBotFaults(env, r.Faults)
	}
	return nil
}

type evalGuardCmd struct {
	Gold   string `help:"Sentences (TSV: text, ok|warn|block, rule or -)." type:"existingfile" required:"" placeholder:"FILE"`
	Faults bool   `help:"List every sentence that was judged otherwise."`
	JSON   bool   `name:"json" help:"The whole report as JSON."`
}

// Run measures the guard of outgoing texts.
func (c *evalGuardCmd) Run(env *environment) error {
	sentences, err := readGold(c.Gold, bot.ReadSentences)
	if err != nil {
		return err
	}
	set, err := publishedSet(env)
	if err != nil {
		return err
	}
	guard, err := bot.NewGuard(set.Playbook(time.Now()))
	if err != nil {
		return err
	}
	r := bot.EvaluateGuard(guard, sentences)
	if c.JSON {
		return writeJSON(env.out, r)
	}
	fmt.Fprintf(env.out, "违规%d句，拦截%d（%.1f%%），其中规则也对%d\n", r.Forbidden, r.Blocked, 100*r.BlockedRate(), r.Ruled)
	fmt.Fprintf(env.out, "合规%d句，误拦%d（%.1f%%），误提醒%d\n", r.Good, r.Stopped, 100*r.StoppedRate(), r.Warned)
	if r.Doubtful > 0 {
		fmt.Fprintf(env.out, "应提醒%d句，已提醒或拦截%d\n", r.Doubtful, r.Noticed)
	}
	for _, rule := range r.MissedRules() {
		fmt.Fprintf(env.out, "  漏拦 %-22s %d\n", rule, r.Missed[rule])
	}
	if c.Faults {
		writeBotFaults(env, r.Faults)
	}
	return nil
}

type evalPrivacyCmd struct {
	Gold   string `help:"Texts (TSV: text, findings as type:start-end separated by spaces, or none)." type:"existingfile" required:"" placeholder:"FILE"`
	Faults bool   `help:"List every text in which something was found otherwise. It shows the private data of the set."`
	JSON   bool   `name:"json" help:"The whole report as JSON; its faults show the private data of the set."`
}

// Run measures the masking of private data.
func (c *evalPrivacyCmd) Run(env *environment) error {
	samples, err := readGold(c.Gold, vault.ReadSamples)
	if err != nil {
		return err
	}
	r := vault.Evaluate(samples)
	if c.JSON {
		return writeJSON(env.out, r)
	}
	fmt.Fprintf(env.out, "含隐私%d句，泄漏%d，类型与位置全对%d\n不含隐私%d句，误遮%d\n", r.Private, r.Leaks, r.Exact, r.Clean, r.Wrong)
	if c.Faults {
		for _, f := range r.Faults {
			fmt.Fprintln(env.out, "  "+f)
		}
	}
	return nil
}

// readGold reads a gold set.
func readGold[T any](path string, read func(io.Reader) ([]T, error)) ([]T, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	gold, err := read(f)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	return gold, nil
}

// goldAndEdition reads a gold set and makes ready what it is asked of. The caller closes the edition.
func goldAndEdition[T any](env *environment, path string, read func(io.Reader) ([]T, error)) ([]T, *content.Edition, error) {
	gold, err := readGold(path, read)
	if err != nil {
		return nil, nil, err
	}
	edition, err := publishedEdition(env)
	return gold, edition, err
}

func writeBotFaults(env *environment, faults []bot.Fault) {
	for _, f := range faults {
		fmt.Fprintf(env.out, "  %-9s 应为 %s，得到 %s  %s  （%s）\n", f.Task, f.Want, f.Got, strings.ReplaceAll(f.Text, "\n", " / "), f.Why)
	}
}

// publishedEdition is the published content made ready, as `yinda ask` uses it.
func publishedEdition(env *environment) (*content.Edition, error) {
	set, err := publishedSet(env)
	if err != nil {
		return nil, err
	}
	return content.NewEdition(env.ctx, set, time.Now())
}
