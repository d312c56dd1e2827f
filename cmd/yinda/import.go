package main

import (
	"fmt"
	"io"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"yinda/bot"
	"yinda/content"
	"yinda/internal/db"
	"yinda/internal/fault"
)

type importCmd struct {
	File   string `arg:"" help:"xlsx, tsv, csv or yaml; the first row of a table names the columns." type:"existingfile"`
	Author string `help:"Account in whose name the drafts are written." default:"import"`
	Kind   string `help:"What is in the file: ${enum}." enum:"entry,example" default:"entry"`
}

// Help is shown by `yinda import --help`.
func (importCmd) Help() string {
	return `The entries become drafts: a second person approves and publishes them in the console.

Example:
  yinda export entries.xlsx      # the columns are named in its first row
  yinda import --author editor entries.xlsx
  yinda import --kind example --author editor examples.xlsx`
}

// Run imports the file's entries as drafts, all or none.
func (c *importCmd) Run(env *environment) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	var result content.Imported
	if c.Kind == "example" {
		result, err = c.importExamples(env, f)
	} else {
		result, err = c.importEntries(env, f)
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "新增%d条草稿，修改%d条，未变%d条。请在控制台提交复核。\n", result.Added, result.Changed, result.Unchanged)
	for _, id := range slices.Sorted(maps.Keys(result.Findings)) {
		for _, finding := range result.Findings[id] {
			word := "提醒"
			if finding.Level == "error" {
				word = "须改正"
			}
			fmt.Fprintf(env.out, "  %s %s %s：%s\n", id, word, finding.Field, finding.Message)
		}
	}
	return nil
}

func (c *importCmd) importEntries(env *environment, f io.Reader) (content.Imported, error) {
	entries, err := content.ReadEntries(c.File, f)
	if err != nil {
		return content.Imported{}, err
	}
	store, set, closeDB, err := openStore(env)
	if err != nil {
		return content.Imported{}, err
	}
	defer closeDB()
	guard, err := bot.NewGuard(set.Playbook(time.Now()))
	if err != nil {
		return content.Imported{}, err
	}
	lint := func(text string) bot.Verdict { return guard.Check(text, bot.SpeakerDraft) }
	return store.Import(env.ctx, c.Author, entries, lint)
}

func (c *importCmd) importExamples(env *environment, f io.Reader) (content.Imported, error) {
	examples, err := content.ReadExamples(c.File, f)
	if err != nil {
		return content.Imported{}, err
	}
	store, _, closeDB, err := openStore(env)
	if err != nil {
		return content.Imported{}, err
	}
	defer closeDB()
	return store.ImportExamples(env.ctx, c.Author, examples)
}

type exportCmd struct {
	File       string `arg:"" optional:"" help:"Target; its ending (xlsx, tsv, yaml) says the format; - or nothing: TSV to standard output." default:"-"`
	Kind       string `help:"What is exported: ${enum}." enum:"entry,example" default:"entry"`
	Generation int64  `help:"An earlier generation instead of the newest: what would we have said then?"`
}

// Help is shown by `yinda export --help`.
func (exportCmd) Help() string {
	return `Examples:
  yinda export entries.xlsx
  yinda export --kind example examples.xlsx
  yinda export --generation 3 - | less`
}

// Run writes the entries of a generation.
func (c *exportCmd) Run(env *environment) error {
	format := strings.TrimPrefix(strings.ToLower(filepath.Ext(c.File)), ".")
	if c.File == "-" {
		format = "tsv"
	}
	if format == "yml" {
		format = "yaml"
	}
	if !slices.Contains([]string{"xlsx", "tsv", "yaml"}, format) {
		return usageError{"文件名须以 .xlsx、.tsv 或 .yaml 结尾。"}
	}
	var set *content.Set
	var err error
	if c.Generation == 0 {
		set, err = publishedSet(env)
	} else {
		var store *content.Store
		var closeDB func()
		store, _, closeDB, err = openStore(env)
		if err == nil {
			defer closeDB()
			set, err = store.Load(env.ctx, c.Generation)
		}
	}
	if err != nil {
		return err
	}
	write, count := func(w io.Writer) error { return content.WriteEntries(w, set.Entries, format) }, fmt.Sprintf("%d条知识", len(set.Entries))
	if c.Kind == "example" {
		write, count = func(w io.Writer) error { return content.WriteExamples(w, set.Examples, format) }, fmt.Sprintf("%d条例句", len(set.Examples))
	}
	if c.File == "-" {
		return write(env.out)
	}
	// Written beside the target and renamed: a full disk must not leave half a spreadsheet behind.
	tmp, err := os.CreateTemp(filepath.Dir(c.File), ".yinda-export-*")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "not_writable", fmt.Sprintf("不能写入文件夹 %s。", filepath.Dir(c.File)))
	}
	defer os.Remove(tmp.Name())
	if err := write(tmp); err != nil {
		tmp.Close()
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	if err := os.Chmod(tmp.Name(), 0o644); err != nil {
		return err
	}
	if err := os.Rename(tmp.Name(), c.File); err != nil {
		return err
	}
	fmt.Fprintf(env.out, "已导出%s到 %s。\n", count, c.File)
	return nil
}

// openStore opens the database, with the starter content in it if it was empty, and loads what is
// published.
func openStore(env *environment) (*content.Store, *content.Set, func(), error) {
	if err := makeDataFolder(env.config.Database); err != nil {
		return nil, nil, nil, err
	}
	d, err := db.Open(env.ctx, env.config.Database)
	if err != nil {
		return nil, nil, nil, err
	}
	store := content.NewStore(d, time.Now)
	set, err := seeded(env, store)
	if err != nil {
		d.Close()
		return nil, nil, nil, err
	}
	return store, set, func() { d.Close() }, nil
}

// seeded returns the published content, after publishing the starter content if there was none.
func seeded(env *environment, store *content.Store) (*content.Set, error) {
	current, err := store.Current(env.ctx)
	if err != nil {
		return nil, err
	}
	if current == 0 {
		starter, err := content.Starter()
		if err != nil {
			return nil, err
		}
		if _, err := store.Seed(env.ctx, starter); err != nil {
			return nil, err
		}
	}
	return store.Load(env.ctx, 0)
}

// loadPublished loads the newest generation and closes the database again.
func loadPublished(env *environment) (*content.Set, error) {
	_, set, closeDB, err := openStore(env)
	if err != nil {
		return nil, err
	}
	closeDB()
	return set, nil
}
