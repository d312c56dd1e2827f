package kb

import (
	"strings"
	"testing"

	"yinda/internal/fault"
)

func TestReadEntries(t *testing.T) {
	for name, file := range map[string]string{
		"plain":    "1\t怎么退款\n2\t怎么发货\n",
		"header":   "id\tquestion\n1\t怎么退款\n2\t怎么发货\n",
		"chinese":  "问题\t编号\n怎么退款\t1\n怎么发货\t2\n",
		"bom crlf": "\xEF\xBB\xBFid\tquestion\r\n1\t怎么退款\r\n2\t怎么发货\r\n",
		"quoted":   "\"1\"\t\"怎么退款\"\r\n2\t\"怎么发货\"",
		"gaps":     "\n1\t怎么退款\n\n  \n2\t怎么发货\n\n",
	} {
		var table Table
		if err := table.ReadEntries(strings.NewReader(file), name); err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		if len(table.Entries) != 2 || table.Entries[0].ID != "1" || table.Entries[0].Title != "怎么退款" || table.Entries[1].Title != "怎么发货" {
			t.Errorf("%s: %+v", name, table.Entries)
		}
	}
}

func TestReadEntriesKeepsQuotesThatAreText(t *testing.T) {
	var table Table
	file := "1\t\"花呗\"是什么\n2\t\"没有结尾的引号\n3\t\"有\"\"引号\"\"的\t制表符\"\n4\t\"两\n行\"\t\"答\"\n"
	if err := table.ReadEntries(strings.NewReader(file), "kb.tsv"); err != nil {
		t.Fatal(err)
	}
	for i, want := range []string{`"花呗"是什么`, `"没有结尾的引号`, "有\"引号\"的\t制表符", "两\n行"} {
		if table.Entries[i].Title != want {
			t.Errorf("row %d: %q, want %q", i+1, table.Entries[i].Title, want)
		}
	}
	if table.Answers["4"] != "答" {
		t.Errorf("answers %v", table.Answers)
	}
}

func TestReadMergesAndNotes(t *testing.T) {
	var table Table
	read := func(err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	read(table.ReadEntries(strings.NewReader("1\t怎么退款\n1\t如何退钱\n2\t\n1\t怎么退款\n"), "kb.tsv"))
	read(table.ReadSimilar(strings.NewReader("1\t退钱\n9\t没有这条\n1\t\n"), "similar.tsv"))
	read(table.ReadPairs(strings.NewReader("question\tid\n退我钱\t1\n天气\t\n天气好\n退吗\t9\n\t1\n"), "pairs.tsv"))
	if len(table.Entries) != 2 || len(table.Entries[0].Similar) != 2 || len(table.Pairs) != 3 {
		t.Errorf("%+v %+v", table.Entries, table.Pairs)
	}
	if len(table.Notes) != 7 {
		t.Errorf("%d notes: %s", len(table.Notes), strings.Join(table.Notes, "\n"))
	}
}

func TestReadNamesLineAndColumn(t *testing.T) {
	for file, want := range map[string]string{
		"1\t怎么退款\n只有一列\n":        "第 2 行第 2 列",
		"1\t怎么退款\n\t没有编号\n":      "第 2 行第 1 列",
		"1\t怎么退款\n2\t怎么\xff发货\n": "第 2 行第 5 列",
		"1\t怎\x00么\n":            "第 1 行第 4 列",
		"\xff\xfe1\x00\t\x00":    "UTF-16",
		"1\t\"两\n行\"\n坏行\n":      "第 3 行",
	} {
		var table Table
		err := table.ReadEntries(strings.NewReader(file), "kb.tsv")
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "kb.tsv") {
			t.Errorf("%q: %v, want %s", file, err, want)
		}
		if fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: kind %s", file, fault.KindOf(err))
		}
	}
	if _, err := LoadTSV("testdata/none.tsv", "", ""); fault.KindOf(err) != fault.Invalid {
		t.Errorf("missing file: %v", err)
	}
}
