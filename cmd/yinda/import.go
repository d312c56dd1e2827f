package main

import (
	"fmt"
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
}

// Help is shown by `yinda import --help`.
func (importCmd) Help() string {
	return `The entries become drafts: a second person approves and publishes them in the console.

Example:
  yinda export entries.xlsx      # the columns are named in its first row
  yinda import --author editor entries.xlsx`
}

// Run imports the file's entries as drafts, all or none.
func (c *importCmd) Run(env *environment) error {
	f, err := os.Open(c.File)
	if err != nil {
		return err
	}
	defer f.Close()
	entries, err := content.ReadEntries(c.File, f)
	if err != nil {
		return err
	}
	store, set, closeDB, err := openStore(env)
	if err != nil {
		return err
	}
	defer closeDB()
	guard, err := bot.NewGuard(set.Playbook(time.Now()))
	if err != nil {
		return err
	}
	lint := func(text string) bot.Verdict { return guard.Check(text, bot.SpeakerDraft) }
	result, err := store.Import(env.ctx, c.Author, entries, lint)
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

type exportCmd struct {
	File       string `arg:"" optional:"" help:"Target; its ending (xlsx, tsv, yaml) says the format; - or nothing: TSV to standard output." default:"-"`
	Generation int64  `help:"An earlier generation instead of the newest: what would we have said then?"`
}

// Help is shown by `yinda export --help`.
func (exportCmd) Help() string {
	return `Examples:
  yinda export entries.xlsx
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
	if c.File == "-" {
		return content.WriteEntries(env.out, set.Entries, format)
	}
	// Written beside the target and renamed: a full disk must not leave half a spreadsheet behind.
	tmp, err := os.CreateTemp(filepath.Dir(c.File), ".yinda-export-*")
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "not_writable", fmt.Sprintf("不能写入文件夹 %s。", filepath.Dir(c.File)))
	}
	defer os.Remove(tmp.Name())
	if err := content.WriteEntries(tmp, set.Entries, format); err != nil {
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
	fmt.Fprintf(env.out, "已导出%d条知识到 %s。\n", len(set.Entries), c.File)
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
