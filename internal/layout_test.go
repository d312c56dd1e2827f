// Package internal_test guards the shape of the repository: which package may import which, and
// that every package says what it is for.
package internal_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// allowed is the one direction of dependencies (README, Layout): a package of the
// left folder may import the folders on its right, itself, internal and the outside. Nothing else.
var allowed = map[string][]string{
	"cmd":      {"web", "handoff", "content", "bot", "kb", "internal"},
	"web":      {"handoff", "content", "bot", "kb", "internal"},
	"handoff":  {"bot", "kb", "internal"},
	"content":  {"bot", "kb", "internal"},
	"bot":      {"kb", "internal"},
	"kb":       {"internal"},
	"internal": {"internal"},
}

const module = "yinda"

func TestImportDirection(t *testing.T) {
	seen := map[string]bool{}
	eachGoFile(t, func(path string, file *ast.File) {
		folder, _, _ := strings.Cut(filepath.ToSlash(path), "/")
		permitted, known := allowed[folder]
		if !known {
			t.Errorf("%s: folder %q is not part of the layout", path, folder)
			return
		}
		seen[folder] = true
		// Tests outside the package may look at what uses it: the bot is tested with real content.
		if strings.HasSuffix(file.Name.Name, "_test") {
			return
		}
		for _, spec := range file.Imports {
			imported, err := strconv.Unquote(spec.Path.Value)
			if err != nil {
				t.Fatal(err)
			}
			rest, ours := strings.CutPrefix(imported, module+"/")
			if !ours {
				continue
			}
			target, _, _ := strings.Cut(rest, "/")
			if target != folder && !contains(permitted, target) {
				t.Errorf("%s imports %s: %s must not depend on %s", path, imported, folder, target)
			}
		}
	})
	for folder := range allowed {
		if !seen[folder] {
			t.Errorf("no Go file found in %s: is the test looking at the right place?", folder)
		}
	}
}

func TestEveryPackageIsDocumented(t *testing.T) {
	documented := map[string]bool{}
	eachGoFile(t, func(path string, file *ast.File) {
		if strings.HasSuffix(path, "_test.go") {
			return
		}
		dir := filepath.Dir(path)
		documented[dir] = documented[dir] || file.Doc != nil && len(file.Doc.Text()) > 40
	})
	for dir, ok := range documented {
		if !ok {
			t.Errorf("package %s has no doc comment that says what it is for", dir)
		}
	}
}

func eachGoFile(t *testing.T, visit func(path string, file *ast.File)) {
	t.Helper()
	root := ".."
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && (d.Name() == "node_modules" || d.Name() == "testdata" || strings.HasPrefix(d.Name(), ".") && path != root) {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(path, ".go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly|parser.ParseComments)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(root, path)
		if err != nil {
			return err
		}
		visit(rel, file)
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
}

func contains(list []string, s string) bool {
	for _, l := range list {
		if l == s {
			return true
		}
	}
	return false
}
