package segment

import (
	"bytes"
	"compress/gzip"
	_ "embed"
	"fmt"
	"io"
	"strconv"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/yanyiwu/gojieba"
)

//go:embed dict/jieba.dict.gz
var dictGz []byte

//go:embed dict/hmm_model.gz
var hmmGz []byte

// shared is the only jieba handle of the process. It is read by any number of goroutines and is
// never changed after it was loaded.
var shared struct {
	once sync.Once
	j    *gojieba.Jieba
	err  error
}

// Load loads the shared dictionary if that has not happened yet: 0.9 s on one core. Every other
// function does so by itself; a server calls Load early so that its first customer need not wait.
func Load() error {
	shared.once.Do(func() { shared.j, shared.err = open() })
	return shared.err
}

func open() (j *gojieba.Jieba, err error) {
	// gojieba panics when a dictionary cannot be found; a panic while starting helps nobody.
	defer func() {
		if r := recover(); r != nil {
			err = fmt.Errorf("load jieba: %v", r)
		}
	}()
	dict, err := gunzip(dictGz)
	if err != nil {
		return nil, fmt.Errorf("unpack dictionary: %w", err)
	}
	if err := checkDict(dict); err != nil {
		return nil, err
	}
	hmm, err := gunzip(hmmGz)
	if err != nil {
		return nil, fmt.Errorf("unpack hmm model: %w", err)
	}
	// The idf and stop-word tables serve keyword extraction, which is not used: one line each is
	// the least that jieba accepts.
	contents := [][]byte{dict, hmm, []byte("客服 100 n\n"), []byte("客服 10\n"), []byte("的\n")}
	paths := make([]string, len(contents))
	for i, c := range contents {
		f, err := memoryFile(fmt.Sprintf("yinda-dict-%d", i), c)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		paths[i] = f.Path
	}
	return gojieba.NewJieba(paths...), nil
}

func gunzip(b []byte) ([]byte, error) {
	r, err := gzip.NewReader(bytes.NewReader(b))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(r)
}

// checkDict refuses any line that jieba would abort on: word, frequency, tag, nothing else.
func checkDict(dict []byte) error {
	n := 0
	for line := range bytes.Lines(dict) {
		n++
		line = bytes.TrimRight(line, "\r\n")
		if len(line) == 0 {
			return fmt.Errorf("dictionary line %d is empty", n)
		}
		// The shipped dictionary has words with a space inside ("AT&T 3 nz" does not, "c# 3 nz"
		// neither): three fields, the middle one a number.
		f := bytes.Split(line, []byte(" "))
		if len(f) != 3 || len(f[0]) == 0 || len(f[2]) == 0 || !utf8.Valid(line) {
			return fmt.Errorf("dictionary line %d: want word, frequency, tag", n)
		}
		if _, err := strconv.Atoi(string(f[1])); err != nil {
			return fmt.Errorf("dictionary line %d: frequency %q is no number", n, f[1])
		}
	}
	return nil
}

// MaxRunes bounds what is cut at once: the longest complaint pasted in the samples has 3 000
// characters, and 1 MB would occupy a core for 0.2 s.
const MaxRunes = 4096

// repair makes a text safe for jieba: valid UTF-8, no NUL, at most MaxRunes characters.
func repair(s string) string {
	if !utf8.ValidString(s) {
		s = strings.ToValidUTF8(s, " ")
	}
	if strings.IndexByte(s, 0) >= 0 {
		s = strings.ReplaceAll(s, "\x00", " ")
	}
	if len(s) > MaxRunes { // bytes: only then can there be more characters
		n := 0
		for i := range s {
			if n == MaxRunes {
				return s[:i]
			}
			n++
		}
	}
	return s
}

// Words cuts s in search mode: long words come with the shorter words inside them, the shorter
// first. Spaces and punctuation are left out. s should be folded (internal/text) before.
func Words(s string) ([]string, error) {
	if err := Load(); err != nil {
		return nil, err
	}
	return keep(shared.j.CutForSearch(repair(s), true)), nil
}

// Cut cuts s into words that do not overlap. Spaces and punctuation are left out.
func Cut(s string) ([]string, error) {
	if err := Load(); err != nil {
		return nil, err
	}
	return keep(shared.j.Cut(repair(s), true)), nil
}

// Known reports whether w stands in the dictionary as one word (or is a single character).
func Known(w string) (bool, error) {
	if err := Load(); err != nil {
		return false, err
	}
	return len(shared.j.Cut(repair(w), false)) == 1, nil
}

// Token is a word and where it stands, in bytes of the text that was cut.
type Token struct {
	Text       string
	Start, End int
}

// Tokens cuts s like Cut and says where each word stands. Offsets refer to s if it is valid UTF-8
// without NUL (a folded text is), and to its repaired form otherwise.
func Tokens(s string) ([]Token, error) {
	if err := Load(); err != nil {
		return nil, err
	}
	words := shared.j.Cut(repair(s), true)
	out := make([]Token, 0, len(words))
	at := 0
	for _, w := range words {
		if isWord(w) {
			out = append(out, Token{Text: w, Start: at, End: at + len(w)})
		}
		at += len(w)
	}
	return out, nil
}

func keep(words []string) []string {
	out := words[:0]
	for _, w := range words {
		if isWord(w) {
			out = append(out, w)
		}
	}
	return out
}
