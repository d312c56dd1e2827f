package kb

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"strings"
	"unicode/utf8"

	"yinda/internal/fault"
)

// Table is a knowledge base read from files.
type Table struct {
	Entries []Entry
	Pairs   []Pair
	Answers map[string]string // by entry id, where the file has a column for it
	Notes   []string          // what was skipped or merged, in Chinese, for the person who wrote the file
	byID    map[string]int
}

// maxFile bounds a file: 100 000 entries with ten questions each need 60 MB.
const maxFile = 512 << 20

// LoadTSV reads a knowledge base from tab-separated files: kb (id, question, optionally answer and
// category), and, unless their names are empty, similar (id, question) and pairs (question, id; an
// empty id marks a question without an answer). A header row is recognised, BOM and CRLF are
// accepted, fields may be quoted. Errors are *fault.Error of kind Invalid and name file, line and
// column in Chinese.
func LoadTSV(kb, similar, pairs string) (*Table, error) {
	t := &Table{}
	for _, f := range []struct {
		path string
		read func(io.Reader, string) error
	}{{kb, t.ReadEntries}, {similar, t.ReadSimilar}, {pairs, t.ReadPairs}} {
		if f.path == "" {
			continue
		}
		if err := readFile(f.path, f.read); err != nil {
			return nil, err
		}
	}
	return t, nil
}

func readFile(path string, read func(io.Reader, string) error) error {
	file, err := os.Open(path)
	if err != nil {
		return fault.Wrap(err, fault.Invalid, "kb_file", fmt.Sprintf("无法打开文件 %s，请检查路径和读取权限。", path))
	}
	defer file.Close()
	return read(file, path)
}

// Base returns what Build needs.
func (t *Table) Base() Base { return Base{Generation: 1, Entries: t.Entries, Pairs: t.Pairs} }

func (t *Table) note(format string, args ...any) {
	if len(t.Notes) < maxNotes {
		t.Notes = append(t.Notes, fmt.Sprintf(format, args...))
	}
}

// ReadEntries reads id, question and optionally answer and category. A further row with the id of
// an earlier one adds a similar question.
func (t *Table) ReadEntries(r io.Reader, name string) error {
	rows, err := readRows(r, name)
	if err != nil {
		return err
	}
	cols, rows := columns(rows, []string{"id", "question", "answer", "category"})
	if t.byID == nil {
		t.byID, t.Answers = map[string]int{}, map[string]string{}
	}
	for _, row := range rows {
		if len(row.cells) < 2 {
			return row.fail(name, len(row.cells), "缺少列：每行至少要有编号（id）和问题（question）两列，以制表符（Tab）分隔")
		}
		id, question := row.get(cols["id"]), row.get(cols["question"])
		if id == "" {
			return row.fail(name, cols["id"], "编号（id）为空，请为每个标准问题填写唯一编号")
		}
		if at, ok := t.byID[id]; ok {
			if question != "" && question != t.Entries[at].Title {
				t.Entries[at].Similar = append(t.Entries[at].Similar, question)
				t.note("%s 第 %d 行：编号 %s 重复，已作为相似问法合并", name, row.line, id)
			} else {
				t.note("%s 第 %d 行：编号 %s 重复，已跳过", name, row.line, id)
			}
			continue
		}
		if question == "" {
			t.note("%s 第 %d 行：编号 %s 的问题为空，将无法通过标准问找到", name, row.line, id)
		}
		t.byID[id] = len(t.Entries)
		t.Entries = append(t.Entries, Entry{ID: id, Title: question, Category: row.get(cols["category"])})
		if answer := row.get(cols["answer"]); answer != "" {
			t.Answers[id] = answer
		}
	}
	return nil
}

// ReadSimilar reads id and question, and adds the questions to the entries read before.
func (t *Table) ReadSimilar(r io.Reader, name string) error {
	rows, err := readRows(r, name)
	if err != nil {
		return err
	}
	cols, rows := columns(rows, []string{"id", "question"})
	for _, row := range rows {
		if len(row.cells) < 2 {
			return row.fail(name, len(row.cells), "缺少列：每行要有编号（id）和相似问法（question）两列，以制表符（Tab）分隔")
		}
		id, question := row.get(cols["id"]), row.get(cols["question"])
		at, ok := t.byID[id]
		switch {
		case id == "":
			return row.fail(name, cols["id"], "编号（id）为空，请填写相似问法所属标准问题的编号")
		case question == "":
			t.note("%s 第 %d 行：问法为空，已跳过", name, row.line)
		case !ok:
			t.note("%s 第 %d 行：编号 %s 在知识库中不存在，已跳过", name, row.line, id)
		default:
			t.Entries[at].Similar = append(t.Entries[at].Similar, question)
		}
	}
	return nil
}

// ReadPairs reads question and id; an empty or missing id marks a question without an answer.
func (t *Table) ReadPairs(r io.Reader, name string) error {
	rows, err := readRows(r, name)
	if err != nil {
		return err
	}
	cols, rows := columns(rows, []string{"question", "id"})
	for _, row := range rows {
		id, question := row.get(cols["id"]), row.get(cols["question"])
		if question == "" {
			t.note("%s 第 %d 行：提问为空，已跳过", name, row.line)
			continue
		}
		if _, ok := t.byID[id]; id != "" && !ok {
			t.note("%s 第 %d 行：编号 %s 在知识库中不存在，已跳过", name, row.line, id)
			continue
		}
		t.Pairs = append(t.Pairs, Pair{Question: question, EntryID: id})
	}
	return nil
}

// headings are the names under which a column may appear in a header row.
var headings = map[string]string{
	"id": "id", "编号": "id", "ids": "id", "entry_id": "id", "标准问编号": "id", "问题编号": "id", "知识编号": "id", "序号": "id",
	"question": "question", "问题": "question", "标准问": "question", "标准问题": "question", "相似问": "question",
	"相似问题": "question", "相似问法": "question", "问法": "question", "提问": "question", "title": "question", "query": "question",
	"answer": "answer", "答案": "answer", "回答": "answer", "标准答案": "answer",
	"category": "category", "分类": "category", "类别": "category", "类目": "category",
}

// columns finds the columns by the header row, if the first row is one: two or more of its cells
// are headings, id and question among them. Otherwise they stand in the given order.
func columns(rows []tsvRow, order []string) (map[string]int, []tsvRow) {
	out := map[string]int{"id": -1, "question": -1, "answer": -1, "category": -1}
	if len(rows) > 0 {
		found := map[string]int{}
		for i, c := range rows[0].cells {
			if h, ok := headings[strings.ToLower(strings.TrimSpace(c))]; ok {
				if _, twice := found[h]; !twice {
					found[h] = i
				}
			}
		}
		_, id := found["id"]
		_, question := found["question"]
		if id && question {
			for h, i := range found {
				out[h] = i
			}
			return out, rows[1:]
		}
	}
	for i, h := range order {
		out[h] = i
	}
	return out, rows
}

// tsvRow is a row and where it begins.
type tsvRow struct {
	line  int
	cells []string
}

// get returns a cell without surrounding space; "" if the row has no such column.
func (r tsvRow) get(i int) string {
	if i < 0 || i >= len(r.cells) {
		return ""
	}
	return strings.TrimSpace(r.cells[i])
}

func (r tsvRow) fail(name string, column int, message string) error {
	return badFile(name, r.line, column+1, message)
}

func badFile(name string, line, column int, message string) error {
	return fault.New(fault.Invalid, "kb_file", fmt.Sprintf("文件 %s 第 %d 行第 %d 列：%s。", name, line, column, message))
}

// readRows cuts a file into rows and cells. Columns in errors of encoding count characters, all
// others count cells.
func readRows(r io.Reader, name string) ([]tsvRow, error) {
	b, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "kb_file", fmt.Sprintf("读取文件 %s 失败，请检查它是否为普通文件。", name))
	}
	if len(b) > maxFile {
		return nil, fault.New(fault.TooLarge, "kb_file", fmt.Sprintf("文件 %s 超过 %d MB，请拆分后再导入。", name, maxFile>>20))
	}
	if bytes.HasPrefix(b, []byte{0xFF, 0xFE}) || bytes.HasPrefix(b, []byte{0xFE, 0xFF}) {
		return nil, badFile(name, 1, 1, "文件是 UTF-16 编码，请另存为 UTF-8 编码的文本文件后重试")
	}
	b = bytes.TrimPrefix(b, []byte("\xEF\xBB\xBF"))
	if err := checkText(b, name); err != nil {
		return nil, err
	}
	var rows []tsvRow
	s := string(b)
	line := 1
	for len(s) > 0 {
		row := tsvRow{line: line}
		for {
			cell, rest, end := cutCell(s)
			line += strings.Count(s[:len(s)-len(rest)], "\n")
			row.cells = append(row.cells, cell)
			s = rest
			if end {
				break
			}
		}
		if len(row.cells) == 1 && strings.TrimSpace(row.cells[0]) == "" {
			continue // an empty line
		}
		rows = append(rows, row)
	}
	return rows, nil
}

// checkText refuses what is no UTF-8 text, and says where it stops being one.
func checkText(b []byte, name string) error {
	if utf8.Valid(b) && bytes.IndexByte(b, 0) < 0 {
		return nil
	}
	line, column := 1, 1
	for len(b) > 0 {
		r, size := utf8.DecodeRune(b)
		switch {
		case r == utf8.RuneError && size == 1:
			return badFile(name, line, column, fmt.Sprintf("字节 0x%02X 不是有效的 UTF-8 文本，请把文件另存为 UTF-8 编码后重试", b[0]))
		case r == 0:
			return badFile(name, line, column, "含有空字符（NUL），文件可能已损坏或不是文本文件，请重新导出")
		case r == '\n':
			line, column = line+1, 1
		default:
			column++
		}
		b = b[size:]
	}
	return nil
}

// maxQuoted bounds a quoted cell: a quote that is not closed must not swallow the file.
const maxQuoted = 64 << 10

// cutCell returns the first cell of s, the rest behind its separator, and whether it ended its row.
func cutCell(s string) (cell, rest string, end bool) {
	if strings.HasPrefix(s, `"`) {
		if cell, rest, end, ok := cutQuoted(s); ok {
			return cell, rest, end
		}
		// `"花呗"是什么` is no quoted cell: the quotes are part of the text.
	}
	i := strings.IndexAny(s, "\t\n")
	switch {
	case i < 0:
		return strings.TrimSuffix(s, "\r"), "", true
	case s[i] == '\t':
		return s[:i], s[i+1:], false
	}
	return strings.TrimSuffix(s[:i], "\r"), s[i+1:], true
}

func cutQuoted(s string) (cell, rest string, end, ok bool) {
	var b strings.Builder
	for i := 1; i < len(s) && i < maxQuoted; i++ {
		if s[i] != '"' {
			b.WriteByte(s[i])
			continue
		}
		if i+1 < len(s) && s[i+1] == '"' {
			b.WriteByte('"')
			i++
			continue
		}
		switch after := s[i+1:]; {
		case after == "" || after == "\r":
			return b.String(), "", true, true
		case after[0] == '\t':
			return b.String(), after[1:], false, true
		case after[0] == '\n':
			return b.String(), after[1:], true, true
		case strings.HasPrefix(after, "\r\n"):
			return b.String(), after[2:], true, true
		}
		return "", "", false, false
	}
	return "", "", false, false
}
