package main

import (
	"os"
	"strings"
	"testing"
)

// TestTrainUnderstanding: measured beforehand, taken in once, every bad row named.
func TestTrainUnderstanding(t *testing.T) {
	if testing.Short() {
		t.Skip("trains seven times; make test runs it without the race detector, under which that takes minutes")
	}
	dir := emptyFolder(t)
	write(t, dir, "turns.tsv", "# text\temotion\tcategory\turgent\tperson\n我要为城东支行的事敲大鼓\tdissatisfied\t其他\tnone\t0\n"+
		"大鼓展览几点开始\tneutral\t-\tnone\t0\n少了列\tneutral\n我的卡13812345678丢了\tanxious\t-\tcard_lost\t0\n")
	status, out, errOut := yinda(t, "", "train", "understanding", "--data", "turns.tsv", "--author", "editor")
	for _, want := range []string{"新例句3条，已有0条，不能用1条", "第4行：只有2列", "本文件（五折交叉验证），3句", "要求人工  没有这类句子", "内置例句", "已存为3条例句草稿"} {
		if status != 0 || !strings.Contains(out, want) {
			t.Errorf("status %d, %q %q; want %q", status, out, errOut, want)
		}
	}
	// Drafts are known, so nothing is left to measure.
	status, out, errOut = yinda(t, "", "train", "understanding", "--data", "turns.tsv")
	if status != 0 || !strings.Contains(out, "新例句0条，已有3条，不能用1条") || errOut != "" {
		t.Errorf("again: status %d, %q %q", status, out, errOut)
	}
}

func TestTrainSaysWhatToDo(t *testing.T) {
	dir := emptyFolder(t)
	write(t, dir, "none.tsv", "只有一列\n")
	for _, c := range []struct {
		args   []string
		status int
		want   string
	}{
		{[]string{"train"}, 2, "yinda --help"},
		{[]string{"train", "understanding"}, 2, "--data"},
		{[]string{"train", "understanding", "--data", "missing.tsv"}, 2, "missing.tsv"},
		{[]string{"train", "understanding", "--data", "none.tsv", "--dry-run"}, 1, "没有可用的例句"},
		{[]string{"train", "published"}, 1, "没有已发布的例句"},
	} {
		if files, _ := os.ReadDir(dir); len(files) != 1 {
			t.Errorf("before yinda %v there are %d files: a dry run leaves nothing behind", c.args, len(files))
		}
		if status, _, errOut := yinda(t, "", c.args...); status != c.status || !strings.Contains(errOut, c.want) {
			t.Errorf("yinda %v: status %d, %q; want %d and %q", c.args, status, errOut, c.status, c.want)
		}
	}
	for _, args := range [][]string{{"train"}, {"train", "understanding"}, {"train", "published"}} {
		if status, out, _ := yinda(t, "", append(args, "--help")...); status != 0 || !strings.Contains(out, "xample") {
			t.Errorf("yinda %v --help: status %d, %q", args, status, out)
		}
	}
}

// TestExamplesGoThroughFiles: exported and imported as entries are.
func TestExamplesGoThroughFiles(t *testing.T) {
	dir := emptyFolder(t)
	write(t, dir, "examples.tsv", "客户的话\t情绪\t要求人工\n叫你们管事的来\tangry\t是\n")
	for _, want := range []string{"新增1条草稿", "未变1条"} {
		if status, out, errOut := yinda(t, "", "import", "--kind", "example", "examples.tsv"); status != 0 || !strings.Contains(out, want) {
			t.Errorf("status %d, %q %q, want %q", status, out, errOut, want)
		}
	}
	if status, out, errOut := yinda(t, "", "export", "--kind", "example", "-"); status != 0 || !strings.HasPrefix(out, "编号\t客户的话\t情绪") || strings.Contains(out, "管事") {
		t.Errorf("status %d, %q %q: drafts are not exported", status, out, errOut)
	}
	if status, _, errOut := yinda(t, "", "import", "--kind", "poem", "examples.tsv"); status != 2 {
		t.Errorf("an unknown kind: status %d %q", status, errOut)
	}
}
