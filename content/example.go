package content

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"slices"
	"strings"
	"unicode"

	"yinda/bot"
	"yinda/internal/text"
	"yinda/internal/vault"
)

// Example is a customer's turn with what the bot shall read in it. The published ones teach the model
// of understanding (Set.teach).
type Example struct {
	ID                string `yaml:"id" json:"id"`                                                     // left out: made from the text
	Text              string `yaml:"text" json:"text"`                                                 // 1..500 characters, private data masked
	Emotion           string `yaml:"emotion" json:"emotion"`                                           // one of bot.Emotions
	ComplaintCategory string `yaml:"complaint_category,omitempty" json:"complaint_category,omitempty"` // one of bot.ComplaintCategories (requirements CP-02); "": no complaint
	Urgent            string `yaml:"urgent,omitempty" json:"urgent,omitempty"`                         // one of bot.UrgentClasses; "": no emergency
	WantsPerson       bool   `yaml:"wants_person,omitempty" json:"wants_person,omitempty"`
	Origin            string `yaml:"origin,omitempty" json:"origin,omitempty"` // number of the conversation, or name of the file
	Note              string `yaml:"note,omitempty" json:"note,omitempty"`
}

// maxExample bounds the text of an example in characters. The model sees the first 240.
const maxExample = 500

// turn is the example as the model is taught it.
func (e Example) turn() bot.Example {
	urgent := e.Urgent
	if urgent == "" {
		urgent = bot.UrgentNone
	}
	return bot.Example{Text: e.Text, Emotion: e.Emotion, Category: e.ComplaintCategory, Urgent: urgent, Person: e.WantsPerson}
}

func turns(examples []Example) []bot.Example {
	out := make([]bot.Example, len(examples))
	for i, e := range examples {
		out[i] = e.turn()
	}
	return out
}

// title is the beginning of the text, on one line of a list.
func (e Example) title() string {
	title := []rune(strings.ReplaceAll(e.Text, "\n", " "))
	if len(title) > 60 {
		return string(title[:60]) + "…"
	}
	return string(title)
}

// class is what lists show of an example: the most pressing of its labels.
func (e Example) class() string {
	switch {
	case e.Urgent != "":
		return "紧急"
	case e.ComplaintCategory != "":
		return "投诉"
	case e.WantsPerson:
		return "要求人工"
	case e.Emotion != bot.EmotionNeutral:
		return "情绪"
	}
	return "平常"
}

// tidy brings an example into the form in which it is stored: private data masked, as in everything
// that is kept of customers, and an id. masked names what was masked.
func (e Example) tidy() (tidied Example, masked []string) {
	hide := func(s string) string {
		m := vault.Mask(strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n")))
		for _, f := range m.Found {
			if !slices.Contains(masked, f.Label()) {
				masked = append(masked, f.Label())
			}
		}
		return m.Text
	}
	e.Text, e.Origin, e.Note = hide(e.Text), hide(e.Origin), hide(e.Note)
	if e.Urgent == bot.UrgentNone {
		e.Urgent = ""
	}
	if e.ID == "" && e.Text != "" {
		sum := sha256.Sum256([]byte(sameWords(e.Text)))
		e.ID = "EX-" + hex.EncodeToString(sum[:6])
	}
	return e, masked
}

// tidied is the body as it is stored, with a finding when something was masked in it. Only examples
// are changed, and only when they decode: the check names what does not.
func tidied(kind Kind, body json.RawMessage) (json.RawMessage, []Finding) {
	var e Example
	if kind != KindExample || strictly(body, &e) != nil {
		return body, nil
	}
	e, masked := e.tidy()
	raw, err := json.Marshal(e)
	if err != nil {
		return body, nil
	}
	if len(masked) == 0 {
		return raw, nil
	}
	return raw, []Finding{{Field: "text", Level: "warn", Message: "其中的个人信息已隐藏：" + strings.Join(masked, "、") + "。"}}
}

func strictly(body json.RawMessage, into any) error {
	dec := json.NewDecoder(bytes.NewReader(body))
	dec.DisallowUnknownFields()
	return dec.Decode(into)
}

// sameWords is what two texts that say the same have in common: neither script nor width nor spaces
// count. Punctuation does: 人工！！ is louder than 人工.
func sameWords(s string) string { return strings.Join(strings.Fields(text.Fold(s).String()), "") }

// labelled finds examples by their words.
type labelled map[string][]Example

func labelledBy(examples []Example) labelled {
	l := make(labelled, len(examples))
	for _, e := range examples {
		l.add(e)
	}
	return l
}

func (l labelled) add(e Example) { l[sameWords(e.Text)] = append(l[sameWords(e.Text)], e) }

// like is another example with the words of e; equal, when it has the same labels as well.
func (l labelled) like(e Example) (other Example, equal, found bool) {
	for _, other := range l[sameWords(e.Text)] {
		if other.ID != e.ID {
			a, b := other.turn(), e.turn()
			a.Text, b.Text = "", ""
			return other, a == b, true
		}
	}
	return other, false, false
}

// exampleFields checks an example by itself.
func (c *checker) exampleFields(e Example) {
	switch n := runes(strings.TrimSpace(e.Text)); {
	case n == 0:
		c.add("error", "text", "请填写客户的原话。")
	case n > maxExample:
		c.add("error", "text", "客户的话最多%d字，现有%d字。", maxExample, n)
	case strings.ContainsFunc(e.Text, func(r rune) bool { return r == unicode.ReplacementChar || unicode.IsControl(r) && r != '\n' }):
		c.add("error", "text", "文字里有乱码或控制字符，请清理后再提交。")
	}
	if !entryID.MatchString(e.ID) {
		c.add("error", "id", "编号须为1—64位字母、数字、点、短横或下划线。")
	}
	if f := vault.Mask(e.Text).Found; len(f) > 0 {
		c.add("error", "text", "文字里有个人信息（%s），请隐去后再提交。", f[0].Label())
	}
	if !slices.Contains(bot.Emotions, e.Emotion) {
		c.add("error", "emotion", "情绪“%s”不在清单内，可用：%s。", e.Emotion, strings.Join(bot.Emotions, "、"))
	}
	if e.ComplaintCategory != "" && !slices.Contains(bot.ComplaintCategories, e.ComplaintCategory) {
		c.add("error", "complaint_category", "投诉类别“%s”不在清单内，可用：%s。", e.ComplaintCategory, strings.Join(bot.ComplaintCategories, "、"))
	}
	if e.Urgent != "" && !slices.Contains(bot.UrgentClasses, e.Urgent) {
		c.add("error", "urgent", "紧急类别“%s”不在清单内，可用：%s。", e.Urgent, strings.Join(bot.UrgentClasses, "、"))
	}
	for field, s := range map[string]string{"origin": e.Origin, "note": e.Note} {
		if runes(s) > maxExample {
			c.add("error", field, "文字过长，最多%d字。", maxExample)
		}
	}
}

// example checks an example by itself and against the others: one sentence is labelled once.
func (c *checker) example(e Example, others labelled) {
	c.exampleFields(e)
	switch other, equal, found := others.like(e); {
	case !found:
	case equal:
		c.add("error", "text", "例句%s已有同样的话和标注，不必重复。", other.ID)
	default:
		c.add("error", "text", "例句%s是同样的话，标注却不同，机器人无从学起。请改那一条，或先停用它。", other.ID)
	}
}

// contradiction is why these examples cannot be taught together, "" when they can.
func contradiction(examples []Example) string {
	known := labelled{}
	for _, e := range examples {
		if other, _, found := known.like(e); found {
			return fmt.Sprintf("例句%s与%s是同样的话。请停用其中一条再发布。", other.ID, e.ID)
		}
		known.add(e)
	}
	return ""
}
