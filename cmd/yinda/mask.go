package main

import (
	"encoding/json"
	"fmt"
	"strings"

	"yinda/internal/vault"
)

type maskCmd struct {
	JSON bool     `name:"json" help:"One JSON object a line, in and out."`
	Text []string `arg:"" optional:"" help:"The text; - reads lines from standard input."`
}

// Help is shown by `yinda mask --help`.
func (maskCmd) Help() string {
	return `Examples:
  yinda mask 我的手机号是13812345678
  yinda mask --json - < messages.txt`
}

// maskAnswer is one line of the output of `mask --json` (design §8).
type maskAnswer struct {
	Masked string          `json:"masked"`
	Found  []vault.Finding `json:"found"`
}

// Run masks one text, or one a line.
func (c *maskCmd) Run(env *environment) error {
	if len(c.Text) == 0 {
		return usageError{"请给出要脱敏的文字，或用 - 从标准输入逐行读取。"}
	}
	out := json.NewEncoder(env.out)
	out.SetEscapeHTML(false)
	mask := func(t textLine) error {
		m := vault.Mask(t.Text)
		if m.Found == nil {
			m.Found = []vault.Finding{}
		}
		if c.JSON {
			return out.Encode(maskAnswer{m.Text, m.Found})
		}
		_, err := fmt.Fprintln(env.out, m.Text)
		return err
	}
	if len(c.Text) > 1 || c.Text[0] != "-" {
		return mask(textLine{Text: strings.Join(c.Text, " ")})
	}
	return badLines(inputLines(env.in, out, c.JSON, mask))
}
