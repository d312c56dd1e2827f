package main

import (
	"fmt"
	"io"
	"os"
	"strings"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/fault"
)

type trainCmd struct {
	Understanding trainUnderstandingCmd `cmd:"" help:"Measure what labelled transcripts would teach, and take them in as drafts of examples."`
	Published     trainPublishedCmd     `cmd:"" help:"Train the model of the published examples anew, after an upgrade of the program."`
}

// Help is shown by `yinda train --help`.
func (trainCmd) Help() string {
	return `Examples:
  yinda train understanding --data transcripts.tsv --dry-run
  yinda train understanding --data transcripts.tsv --author editor
  yinda train published`
}

type trainUnderstandingCmd struct {
	Data   string `help:"Labelled turns (TSV: text, emotion, complaint category or -, urgent class or none, person 1 or 0)." type:"existingfile" required:"" placeholder:"FILE"`
	DryRun bool   `help:"Measure only; nothing is stored."`
	Author string `help:"Account in whose name the drafts are written." default:"import"`
}

// Help is shown by `yinda train understanding --help`.
func (trainUnderstandingCmd) Help() string {
	return `The turns become drafts of examples: a second person approves and publishes them in the console,
and the publication trains the model. The figures say beforehand what that would bring: each fifth of
the file read by the model in force and by one that learned the other four fifths, and a fifth of the
shipped examples read without and with the file.

Example, a file of two turns (columns separated by tabs):
  你们再不处理我就去银保监会	angry	服务效率	media_or_regulator_threat	0
  人工智能基金怎么买	neutral	-	none	0

  yinda train understanding --data transcripts.tsv --dry-run
  yinda train understanding --data transcripts.tsv --author editor`
}

// Run measures the file's turns and stores them as drafts, all new ones or none.
func (c *trainUnderstandingCmd) Run(env *environment) error {
	published, current, store, closeDB, err := c.examples(env)
	if err != nil {
		return err
	}
	defer closeDB()
	f, err := os.Open(c.Data)
	if err != nil {
		return err
	}
	defer f.Close()
	in, err := current.ReadTranscripts(c.Data, f)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "新例句%d条，已有%d条，不能用%d条。\n", len(in.New), in.Known, len(in.Refused))
	for _, r := range in.Refused {
		fmt.Fprintf(env.out, "  第%d行：%s\n", r.Line, r.Message)
	}
	if len(in.New) == 0 {
		if in.Known == 0 {
			return fault.New(fault.Invalid, "no_rows", "文件里没有可用的例句，请按 yinda train understanding --help 的示例检查格式。")
		}
		return nil
	}
	onData, onShipped, err := published.Trial(in.New, time.Now(), func(step, of int) {
		fmt.Fprintf(env.err, "yinda: 试训第%d次，共%d次……\n", step, of)
	})
	if err != nil {
		return err
	}
	writeComparison(env.out, "本文件（五折交叉验证）", onData)
	writeComparison(env.out, "内置例句（留出的五分之一）", onShipped)
	if c.DryRun {
		fmt.Fprintln(env.out, "只是测量，没有保存。去掉 --dry-run 可存为草稿。")
		return nil
	}
	done, err := store.ImportExamples(env.ctx, c.Author, in.New)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "已存为%d条例句草稿。请在控制台“例句”提交复核；发布时训练，有所退步则不采用。\n", done.Added+done.Changed)
	return nil
}

// examples opens the store with its published content and with every example in it; a dry run without
// a database stands on the starter content and leaves nothing behind.
func (c *trainUnderstandingCmd) examples(env *environment) (published, current *content.Set, store *content.Store, closeDB func(), err error) {
	if path, ok := strings.CutPrefix(env.config.Database, "sqlite:"); ok && c.DryRun {
		if _, err := os.Stat(path); os.IsNotExist(err) {
			set, err := content.Starter()
			return set, set, nil, func() {}, err
		}
	}
	store, published, closeDB, err = openStore(env)
	if err != nil {
		return nil, nil, nil, nil, err
	}
	if current, err = store.CurrentExamples(env.ctx); err != nil {
		closeDB()
		return nil, nil, nil, nil, err
	}
	return published, current, store, closeDB, nil
}

type trainPublishedCmd struct{}

// Help is shown by `yinda train published --help`.
func (trainPublishedCmd) Help() string {
	return `A new version of the program brings new examples of its own; a model that was trained with the old
ones is not used any more. The next publication trains it anew, or this command does.

Example:
  yinda train published`
}

// Run trains the model of the newest generation and stores it.
func (trainPublishedCmd) Run(env *environment) error {
	store, _, closeDB, err := openStore(env)
	if err != nil {
		return err
	}
	defer closeDB()
	lesson, err := store.Reteach(env.ctx)
	if err != nil {
		return err
	}
	writeComparison(env.out, "内置例句（留出的五分之一）", lesson.Shipped)
	if lesson.Own != nil {
		writeComparison(env.out, "本行例句（留出的五分之一）", *lesson.Own)
	}
	if !lesson.Adopted {
		fmt.Fprintf(env.out, "已试训%d条例句：有指标退步超过一个百分点，不采用，继续用内置模型。\n", lesson.Examples)
		return nil
	}
	fmt.Fprintf(env.out, "已用%d条例句训练并保存。重新启动服务后生效。\n", lesson.Examples)
	return nil
}

func writeComparison(w io.Writer, name string, c bot.Comparison) {
	fmt.Fprintf(w, "%s，%d句，F1 前 → 后\n", name, c.Before.Examples)
	for _, row := range []struct {
		name          string
		before, after float64
	}{
		{"要求人工", c.Before.Person, c.After.Person},
		{"投诉    ", c.Before.Complaint, c.After.Complaint},
		{"紧急    ", c.Before.Urgent, c.After.Urgent},
		{"情绪    ", c.Before.Emotion, c.After.Emotion},
	} {
		if row.before < 0 {
			fmt.Fprintf(w, "  %s  没有这类句子\n", row.name)
			continue
		}
		fmt.Fprintf(w, "  %s  %.3f → %.3f\n", row.name, row.before, row.after)
	}
}
