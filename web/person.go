package web

import (
	"regexp"
	"unicode/utf8"
)

// personWords is a wide net: what might be a request for a person is never limited away, at the
// price of letting a few other messages through. Whether it is one, the bot decides.
var personWords = regexp.MustCompile(`(?i)人工|真人|活人|客服|客服務|坐席|座席|专员|專員|转人|轉人|找人|人啊|人呢|ren\s*gong|zhen\s*ren|human|agent|person|operator|representative|help`)

// mayAskForPerson reports whether a text might ask for a person. Long texts are not searched.
func mayAskForPerson(text string) bool {
	return utf8.RuneCountInString(text) <= 200 && personWords.MatchString(text)
}
