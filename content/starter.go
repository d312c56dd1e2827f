package content

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"path"

	"go.yaml.in/yaml/v3"

	"yinda/internal/fault"
)

//go:embed all:starter
var starterFiles embed.FS

// StarterAuthor and StarterApprover own the starter content in the records of generation 1.
const (
	StarterAuthor   = "初始内容（编写）"
	StarterApprover = "初始内容（复核）"
)

// Starter returns the content that ships with the program: 示例银行's knowledge, facts, notices,
// scripts and word lists.
func Starter() (*Set, error) {
	sub, err := fs.Sub(starterFiles, "starter")
	if err != nil {
		return nil, err
	}
	return ReadFolder(sub)
}

// ReadFolder reads a folder of content files laid out as starter/README.md says. A file that cannot
// be read is an Invalid fault that names file, line and column.
func ReadFolder(files fs.FS) (*Set, error) {
	s := &Set{Generation: 1, Origin: map[string]Origin{}}
	for _, part := range []struct {
		glob string
		into func(data []byte, name string) error
	}{
		{"entries/*.yaml", readInto(&s.Entries)},
		{"facts/*.yaml", readInto(&s.Facts)},
		{"lexicons/*.yaml", readInto(&s.Lexicons)},
		{"notices.yaml", readInto(&s.Notices)},
		{"scripts.yaml", readInto(&s.Scripts)},
		{"laws.yaml", readInto(&s.Laws)},
		{"policy.yaml", func(data []byte, name string) error { return decodeYAML(data, name, &s.Policy) }},
	} {
		names, err := fs.Glob(files, part.glob)
		if err != nil {
			return nil, err
		}
		for _, name := range names {
			data, err := fs.ReadFile(files, name)
			if err != nil {
				return nil, err
			}
			if err := part.into(data, path.Base(name)); err != nil {
				return nil, err
			}
		}
	}
	for _, e := range s.Entries {
		s.Origin[e.ID] = Origin{Version: 1, Approver: StarterApprover}
	}
	// What the ranking learned from these files, so that a first start need not learn it again. A
	// stale or missing one costs seconds, nothing else.
	if model, err := fs.ReadFile(files, modelFile); err == nil {
		s.Model = model
	}
	return s, nil
}

// modelFile holds kb.Index.Model of the starter content: go generate ./content writes it anew.
const modelFile = "model.bin"

//go:generate go test -run TestStarterModel -update

func readInto[T any](list *[]T) func([]byte, string) error {
	return func(data []byte, name string) error {
		var items []T
		if err := decodeYAML(data, name, &items); err != nil {
			return err
		}
		*list = append(*list, items...)
		return nil
	}
}

// decodeYAML decodes strictly: a mistyped field name is an error, not a silently missing answer.
func decodeYAML(data []byte, name string, into any) error {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fault.Wrap(err, fault.Invalid, "broken_content_file",
			fmt.Sprintf("内容文件 %s 无法读取：%v。请按提示的行号检查格式。", name, err))
	}
	return nil
}

// AdHoc is a set for `yinda ask --kb`: the entries of a file with the starter scripts, notices and
// word lists, so that a knowledge base of any company runs through the same code as the live bot.
// An entry without an answer text is answered with its standard question's title.
func AdHoc(entries []Entry) (*Set, error) {
	s, err := Starter()
	if err != nil {
		return nil, err
	}
	s.Entries, s.Model = entries, nil
	s.Origin = map[string]Origin{}
	for _, e := range entries {
		s.Origin[e.ID] = Origin{Version: 1, Approver: "文件导入"}
	}
	return s, nil
}
