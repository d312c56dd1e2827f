package kb

import (
	"crypto/sha256"
	"embed"
	"io/fs"
	"iter"
	"strings"
	"sync"
)

// The language data of the project: written for it, reviewed like code, general to Chinese customer
// language. What is particular to one bank comes with its Base.
//
//go:embed data/*.txt
var shippedFiles embed.FS

// shippedLines yields the lines of data/name.txt without comments.
func shippedLines(name string) iter.Seq[string] {
	b, err := shippedFiles.ReadFile("data/" + name + ".txt")
	if err != nil {
		panic(err) // embedded: a missing file is a mistake in the program, found by every test
	}
	return func(yield func(string) bool) {
		for line := range strings.Lines(string(b)) {
			line = strings.TrimSpace(line)
			if line == "" || strings.HasPrefix(line, "#") {
				continue
			}
			if !yield(line) {
				return
			}
		}
	}
}

// shippedPairs yields the two tab-separated columns of data/name.txt.
func shippedPairs(name string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for line := range shippedLines(name) {
			a, b, ok := strings.Cut(line, "\t")
			if ok && !yield(strings.TrimSpace(a), strings.TrimSpace(b)) {
				return
			}
		}
	}
}

// shippedDigest changes when the language data does: what was learned with other data is of no use.
var shippedDigest = sync.OnceValue(func() []byte {
	h := sha256.New()
	h.Write(generalFile)
	names, err := fs.Glob(shippedFiles, "data/*") // sorted
	if err != nil {
		panic(err) // the pattern is malformed
	}
	for _, name := range names {
		b, err := shippedFiles.ReadFile(name)
		if err != nil {
			panic(err)
		}
		h.Write(b)
	}
	return h.Sum(nil)
})
