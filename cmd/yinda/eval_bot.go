package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"yinda/bot"
	"yinda/content"
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

// goldAndEdition reads a gold set and makes ready what it is asked of. The caller closes the edition.
func goldAndEdition[T any](env *environment, path string, read func(io.Reader) ([]T, error)) ([]T, *content.Edition, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, nil, err
	}
	defer f.Close()
	gold, err := read(f)
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
