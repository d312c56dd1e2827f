package handoff

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Protected is a text after private data was dealt with.
type Protected struct {
	Kept   string   // C3 (passwords, one-time codes, CVV) destroyed; may be stored encrypted
	Shown  string   // C2 (card, identity and phone numbers) masked as well; what everybody sees
	Found  []string // types of private data, for the message's "masked" field
	Secret bool     // C3 data was destroyed
}

// Privacy is what the log needs of the vault. Every text passes Protect before anything is stored,
// logged or published; every body is sealed with the conversation's own data key, bound to its row.
type Privacy interface {
	Protect(text string) Protected
	// NewKey makes a data key for a conversation, wrapped by the master key.
	NewKey(conversation string) (wrapped []byte, err error)
	Seal(conversation string, wrapped []byte, row string, plain []byte) ([]byte, error)
	Open(conversation string, wrapped []byte, row string, sealed []byte) ([]byte, error)
}

// plain is the Privacy of tests and benchmarks: it changes nothing and encrypts nothing.
type plain struct{}

func (plain) Protect(text string) Protected                               { return Protected{Kept: text, Shown: text} }
func (plain) NewKey(string) ([]byte, error)                               { return nil, nil }
func (plain) Seal(_ string, _ []byte, _ string, b []byte) ([]byte, error) { return b, nil }
func (plain) Open(_ string, _ []byte, _ string, b []byte) ([]byte, error) { return b, nil }

// The rows that sealed values are bound to.
func bodyRow(seq int64) string     { return fmt.Sprintf("body/%d", seq) }
func originalRow(seq int64) string { return fmt.Sprintf("original/%d", seq) }

const (
	courseRow  = "course"
	previewRow = "preview"
)

// erased stands in for what can no longer be read.
var erased = json.RawMessage(`{"text":"（内容已按规定删除）"}`)

// clean makes text storable in both databases: valid UTF-8 without NUL, which PostgreSQL refuses.
// Half a character becomes U+FFFD and is seen; it is not dropped silently.
func clean(text string) string {
	return strings.ReplaceAll(strings.ToValidUTF8(text, "\uFFFD"), "\x00", "\uFFFD")
}

// cut shortens text to n characters, with an ellipsis.
func cut(text string, n int) string {
	i := 0
	for at := range text {
		if i == n {
			return text[:at] + "…"
		}
		i++
	}
	return text
}
