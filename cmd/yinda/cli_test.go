package main

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// yinda runs the program in this process with the given standard input, in an empty folder.
func yinda(t *testing.T, in string, args ...string) (status int, out, errOut string) {
	t.Helper()
	var o, e bytes.Buffer
	status = run(t.Context(), args, strings.NewReader(in), &o, &e)
	return status, o.String(), e.String()
}

// emptyFolder makes the working folder an empty one without a configuration.
func emptyFolder(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	t.Chdir(dir)
	return dir
}

func TestAskAnswersFromStarterContentWithoutADatabase(t *testing.T) {
	dir := emptyFolder(t)
	status, out, errOut := yinda(t, "", "ask", "--json", "房贷提前还款要违约金吗")
	if status != 0 || errOut != "" {
		t.Fatalf("status %d, stderr %q", status, errOut)
	}
	var a askAnswer
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatalf("%v in %q", err, out)
	}
	if a.EntryID != "LOAN-072" || a.Kind != "answer" || len(a.Candidates) != 5 {
		t.Errorf("got %s %s with %d candidates, want answer LOAN-072 with 5", a.Kind, a.EntryID, len(a.Candidates))
	}
	if files, _ := os.ReadDir(dir); len(files) != 0 {
		t.Errorf("asking left %d files behind", len(files))
	}
}

// TestAskSurvivesBadLines feeds what programs and people get wrong; every line keeps its place.
func TestAskSurvivesBadLines(t *testing.T) {
	emptyFolder(t)
	lines := []string{
		`{"text":"卡丢了怎么办","unknown":{"a":[1]}}`,
		`{"text":"` + strings.Repeat("怎么转账", 100_000) + `"}`, // 1.2 MB
		"{\"text\":\"余额\xe4\xb8\"}",                          // half a character
		`{"text":"转账\u0000限额"}`,
		`{"text":`,
		`{"text":5}`,
		``,
		`plain line 转人工`,
	}
	status, out, errOut := yinda(t, strings.Join(lines, "\n"), "ask", "--json", "-")
	if status != 1 || strings.Count(errOut, "\n") != 1 || !strings.Contains(errOut, "2行") {
		t.Errorf("status %d, stderr %q; want 1 and one line that counts two bad lines", status, errOut)
	}
	got := strings.Split(strings.TrimRight(out, "\n"), "\n")
	if len(got) != len(lines) {
		t.Fatalf("%d lines in, %d out", len(lines), len(got))
	}
	for i, line := range got {
		var a struct {
			askAnswer
			Error *struct {
				Code, Message string
				Line          int
			}
		}
		if err := json.Unmarshal([]byte(line), &a); err != nil {
			t.Fatalf("line %d is not JSON: %v", i+1, err)
		}
		bad := i == 4 || i == 5
		if bad != (a.Error != nil) {
			t.Errorf("line %d: error %+v, want one: %v", i+1, a.Error, bad)
		}
		if a.Error != nil && (a.Error.Line != i+1 || !strings.Contains(a.Error.Message, "JSON")) {
			t.Errorf("line %d: %+v", i+1, a.Error)
		}
		if !bad && a.Kind == "" {
			t.Errorf("line %d has no decision: %s", i+1, line[:min(200, len(line))])
		}
	}
	if !strings.Contains(got[7], `"wants_person":true`) {
		t.Errorf("a plain line in a JSON run is a question: %s", got[7])
	}
}

func TestAskKeepsTheCourseOfAConversation(t *testing.T) {
	emptyFolder(t)
	in := `{"conversation":"a","text":"吧啦吧啦滴滴嘟怎么弄"}
{"conversation":"a","text":"呜噜呜噜嘀嘀咕是什么"}
{"conversation":"a","text":"咕叽咕叽哒哒哒在哪里"}
{"conversation":"b","text":"咕叽咕叽哒哒哒在哪里"}`
	status, out, _ := yinda(t, in, "ask", "--json", "-")
	if status != 0 {
		t.Fatalf("status %d", status)
	}
	lines := strings.Split(out, "\n")
	if !strings.Contains(lines[2], `"escalate":true`) || strings.Contains(lines[3], `"escalate":true`) {
		t.Errorf("three fallbacks in a row transfer, in their own conversation only:\n%s", out)
	}
}

func TestAskReadsAKnowledgeBaseFromFiles(t *testing.T) {
	dir := emptyFolder(t)
	write(t, dir, "kb.tsv", "id\tquestion\tanswer\nQ1\t怎么修改收货地址\t在订单页点“修改地址”。\nQ2\t退款多久到账\t一般三天。\n")
	write(t, dir, "similar.tsv", "id\tquestion\nQ1\t地址填错了怎么改\n")
	status, out, errOut := yinda(t, "", "ask", "--json", "--kb", "kb.tsv", "--similar", "similar.tsv", "收货地址写错了能改吗")
	if status != 0 {
		t.Fatal(errOut)
	}
	var a askAnswer
	if err := json.Unmarshal([]byte(out), &a); err != nil {
		t.Fatal(err)
	}
	if len(a.Candidates) == 0 || a.Candidates[0].ID != "Q1" {
		t.Errorf("candidates %+v, want Q1 first", a.Candidates)
	}
}

func TestBrokenFilesAreNamedWithLineAndColumn(t *testing.T) {
	dir := emptyFolder(t)
	for name, c := range map[string]struct{ content, line string }{
		"half a character": {"id\tquestion\nQ1\t转账\xe4\xb8限额\n", "2"},
		"NUL":              {"id\tquestion\nQ1\t好的\nQ2\t转\x00账\n", "3"},
		"missing column":   {"id\tquestion\nQ1\n", "2"},
	} {
		t.Run(name, func(t *testing.T) {
			write(t, dir, "kb.tsv", c.content)
			status, out, errOut := yinda(t, "", "ask", "--kb", "kb.tsv", "问题")
			if status != 1 || out != "" || strings.Count(errOut, "\n") != 1 {
				t.Errorf("status %d, stdout %q, stderr %q; want 1 and one line", status, out, errOut)
			}
			if !strings.Contains(errOut, "kb.tsv") || !strings.Contains(errOut, "第 "+c.line+" 行") {
				t.Errorf("stderr %q does not name the file and line %s", errOut, c.line)
			}
		})
	}
}

// TestTolerableFaultsAreReported: empty and double lines cost nothing but a note.
func TestTolerableFaultsAreReported(t *testing.T) {
	dir := emptyFolder(t)
	write(t, dir, "kb.tsv", "id\tquestion\nQ1\t怎么退货\nQ2\t\nQ1\t退货流程是什么\n")
	status, out, errOut := yinda(t, "", "ask", "--json", "--kb", "kb.tsv", "怎么退货")
	if status != 0 || !strings.Contains(out, `"Q1"`) || !strings.Contains(errOut, "kb.tsv") {
		t.Errorf("status %d, stdout %q, stderr %q", status, out, errOut)
	}
}

func TestLintAndMaskSpeakTheDocumentedJSON(t *testing.T) {
	emptyFolder(t)
	_, out, _ := yinda(t, "这款理财保本保息\n很高兴为您服务。\n", "lint", "--json", "-")
	if !strings.Contains(out, `"verdict":"block"`) || !strings.Contains(out, `"rule":"promise"`) || !strings.Contains(out, `"findings":[]`) {
		t.Errorf("lint: %s", out)
	}
	_, out, _ = yinda(t, `{"text":"我的验证码是384920，手机13812345678"}`, "mask", "--json", "-")
	if strings.Contains(out, "384920") || strings.Contains(out, "13812345678") || !strings.Contains(out, `"type":"otp","level":"C3"`) {
		t.Errorf("mask: %s", out)
	}
}

// TestEvalCountsAndNamesFaults: each evaluation says what it counted, lists what was wrong, and names
// the line of a broken gold set.
func TestEvalCountsAndNamesFaults(t *testing.T) {
	dir := emptyFolder(t)
	for _, c := range []struct{ command, gold, want, fault, broken string }{
		{"requests", "转人工\t1\n人工智能基金有吗\t0\n怎么开卡\t1\n", "听懂1，漏掉1，误认0", "怎么开卡", "转人工\n"},
		{"understanding", "卡丢了赶紧挂失\tanxious\t-\tcard_lost\t0\n怎么开卡\tneutral\t-\twrong_transfer\t-\n", "召回率 0.500", "怎么开卡", "卡丢了\tblue\t-\tnone\t0\n"},
		{"dialogues", "# a never\n卡丢了\n\n# b escalate_by=1 not_before=1\n转人工\n", "不应转而转 100.0%", "[1 卡丢了", "转人工\n"},
		{"guard", "这款理财保本保息\tblock\tpromise\n很高兴为您服务。\tblock\ttaboo\n请问还有什么可以帮您？\tok\t-\n", "违规2句，拦截1（50.0%）", "很高兴为您服务", "你好\n"},
		{"privacy", "手机号13812345678\tphone:3-14\n没有隐私\tphone:0-2\n", "泄漏1", "没有隐私", "你好\tphone:x\n"},
	} {
		write(t, dir, "gold.tsv", c.gold)
		status, out, errOut := yinda(t, "", "eval", c.command, "--gold", "gold.tsv", "--faults")
		if status != 0 || !strings.Contains(out, c.want) || !strings.Contains(out, c.fault) {
			t.Errorf("eval %s: status %d, %q, %q; want %q and the fault %q", c.command, status, out, errOut, c.want, c.fault)
		}
		write(t, dir, "gold.tsv", c.broken)
		if status, _, errOut := yinda(t, "", "eval", c.command, "--gold", "gold.tsv"); status != 1 || !strings.Contains(errOut, "line 1") {
			t.Errorf("eval %s of a broken set: status %d, %q", c.command, status, errOut)
		}
	}
}

func TestUsageErrorsAndHelp(t *testing.T) {
	dir := emptyFolder(t)
	for _, args := range [][]string{{"frobnicate"}, {"ask"}, {"ask", "--nope", "x"}, {"ask", "--similar", "s.tsv", "x"}, {"lint"}, {"serve", "extra"}} {
		write(t, dir, "s.tsv", "id\tquestion\n")
		if status, _, errOut := yinda(t, "", args...); status != 2 || errOut == "" {
			t.Errorf("yinda %v: status %d, stderr %q; want 2 and a reason", args, status, errOut)
		}
	}
	for _, command := range []string{"serve", "ask", "lint", "mask", "eval", "import", "export", "user", "migrate"} {
		status, out, _ := yinda(t, "", command, "--help")
		if status != 0 || !strings.Contains(out, "xample") {
			t.Errorf("yinda %s --help: status %d, no example in %q", command, status, out)
		}
	}
	write(t, dir, "yinda.yaml", "listn: 1\n")
	if status, _, errOut := yinda(t, "", "lint", "你好"); status != 1 || !strings.Contains(errOut, "listn") {
		t.Errorf("mistyped setting: status %d, stderr %q", status, errOut)
	}
}

func TestExportAndImportRoundTrip(t *testing.T) {
	emptyFolder(t)
	for _, name := range []string{"all.xlsx", "all.tsv", "all.yaml"} {
		if status, _, errOut := yinda(t, "", "export", name); status != 0 {
			t.Fatalf("export %s: %s", name, errOut)
		}
		status, out, errOut := yinda(t, "", "import", name)
		if status != 0 || !strings.Contains(out, "新增0条草稿") || !strings.Contains(out, "修改0条") {
			t.Errorf("importing an unchanged export of %s: status %d %s %s", name, status, out, errOut)
		}
	}
}

// TestAccountsFromTheCommandLine: created, listed, and recorded in the audit log.
func TestAccountsFromTheCommandLine(t *testing.T) {
	emptyFolder(t)
	if status, _, errOut := yinda(t, "Xiang-Mu-2026-ab\n", "user", "add", "--name", "王芳", "--roles", "admin", "wangfang"); status != 0 {
		t.Fatal(errOut)
	}
	if status, _, errOut := yinda(t, "", "user", "add", "--name", "王芳", "--roles", "admin", "wangfang2"); status != 2 || errOut == "" {
		t.Errorf("no password: status %d, %s", status, errOut)
	}
	if _, out, _ := yinda(t, "", "user", "list"); !strings.Contains(out, "wangfang") || strings.Contains(out, "wangfang2") {
		t.Errorf("list: %s", out)
	}
	if status, out, errOut := yinda(t, "", "audit", "verify"); status != 0 || !strings.Contains(out, "共1条") {
		t.Errorf("audit: status %d %s%s", status, out, errOut)
	}
}

func write(t *testing.T, dir, name, content string) {
	t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
