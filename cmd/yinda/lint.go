package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"yinda/bot"
)

type lintCmd struct {
	As   string   `help:"Whose text it is: ${enum}." enum:"agent,bot" default:"agent"`
	JSON bool     `name:"json" help:"One JSON object a line, in and out."`
	Text []string `arg:"" optional:"" help:"The text; - reads lines from standard input."`
}

// Help is shown by `yinda lint --help`.
func (lintCmd) Help() string {
	return `Examples:
  yinda lint 这款理财保本保息
  yinda lint --as bot --json - < sentences.txt`
}

// lintAnswer is one line of the output of `lint --json` (design §8).
type lintAnswer struct {
	Text string `json:"text"`
	bot.Verdict
}

// Run checks one text, or one a line.
func (c *lintCmd) Run(env *environment) error {
	if len(c.Text) == 0 {
		return usageError{"请给出要检查的文字，或用 - 从标准输入逐行读取。"}
	}
	set, err := publishedSet(env)
	if err != nil {
		return err
	}
	guard, err := bot.NewGuard(set.Playbook(time.Now()))
	if err != nil {
		return err
	}
	as := bot.SpeakerAgent
	if c.As == "bot" {
		as = bot.SpeakerBot
	}
	out := json.NewEncoder(env.out)
	out.SetEscapeHTML(false)
	check := func(t textLine) error {
		v := guard.Check(t.Text, as)
		if v.Findings == nil {
			v.Findings = []bot.Finding{}
		}
		if c.JSON {
			return out.Encode(lintAnswer{t.Text, v})
		}
		return printVerdict(env.out, v)
	}
	if len(c.Text) > 1 || c.Text[0] != "-" {
		return check(textLine{Text: strings.Join(c.Text, " ")})
	}
	return badLines(inputLines(env.in, out, c.JSON, check))
}

func printVerdict(w io.Writer, v bot.Verdict) error {
	word := map[string]string{"ok": "通过", "warn": "提醒", "block": "拦截"}[v.Verdict]
	if _, err := fmt.Fprintln(w, word); err != nil {
		return err
	}
	for _, f := range v.Findings {
		if _, err := fmt.Fprintf(w, "  第%d—%d字 “%s” [%s] %s\n", f.Start+1, f.End, f.Match, f.Rule, f.Advice); err != nil {
			return err
		}
	}
	return nil
}
