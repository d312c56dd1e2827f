package content

import (
	"bytes"
	"context"
	"encoding/csv"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/xuri/excelize/v2"
	"go.yaml.in/yaml/v3"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// columns of a spreadsheet of entries, in the order of an export. An import finds them by name, in
// any order; the first three must be there.
var columns = []struct {
	name  string
	alias string // accepted in imports
	get   func(Entry) string
	set   func(*Entry, string)
}{
	{"编号", "id", func(e Entry) string { return e.ID }, func(e *Entry, s string) { e.ID = s }},
	{"标准问", "question", func(e Entry) string { return e.Question }, func(e *Entry, s string) { e.Question = s }},
	{"结论", "answer", func(e Entry) string { return e.Answer.Conclusion }, func(e *Entry, s string) { e.Answer.Conclusion = s }},
	{"步骤", "steps", func(e Entry) string { return strings.Join(e.Answer.Steps, "\n") }, func(e *Entry, s string) { e.Answer.Steps = lines(s) }},
	{"说明", "note", func(e Entry) string { return e.Answer.Note }, func(e *Entry, s string) { e.Answer.Note = s }},
	{"相似问", "similar", func(e Entry) string { return strings.Join(e.Similar, "\n") }, func(e *Entry, s string) { e.Similar = lines(s) }},
	{"反例", "negative", func(e Entry) string { return strings.Join(e.Negative, "\n") }, func(e *Entry, s string) { e.Negative = lines(s) }},
	{"分类", "category", func(e Entry) string { return e.Category }, func(e *Entry, s string) { e.Category = s }},
	{"产品类型", "product", func(e Entry) string { return e.Product }, func(e *Entry, s string) { e.Product = s }},
	{"长辈版", "elderly", func(e Entry) string { return e.Elderly }, func(e *Entry, s string) { e.Elderly = s }},
	{"服务流程", "process", func(e Entry) string { return e.Process }, func(e *Entry, s string) { e.Process = s }},
	{"收费项目", "fee", func(e Entry) string { return e.Fee }, func(e *Entry, s string) { e.Fee = s }},
	{"风险提示", "risk", func(e Entry) string { return e.Risk }, func(e *Entry, s string) { e.Risk = s }},
	{"通知", "notices", func(e Entry) string { return strings.Join(e.Notices, "\n") }, func(e *Entry, s string) { e.Notices = lines(s) }},
	{"依据", "legal_basis", func(e Entry) string { return strings.Join(e.LegalBasis, "\n") }, func(e *Entry, s string) { e.LegalBasis = lines(s) }},
	{"涉及个人账户", "personal", func(e Entry) string { return yes(e.Personal) }, func(e *Entry, s string) { e.Personal = isYes(s) }},
	{"提示人工", "offer_person", func(e Entry) string { return yes(e.OfferPerson) }, func(e *Entry, s string) { e.OfferPerson = isYes(s) }},
	{"紧急类别", "urgent", func(e Entry) string { return e.Urgent }, func(e *Entry, s string) { e.Urgent = s }},
	{"生效日", "valid_from", func(e Entry) string { return e.ValidFrom }, func(e *Entry, s string) { e.ValidFrom = s }},
	{"失效日", "valid_to", func(e Entry) string { return e.ValidTo }, func(e *Entry, s string) { e.ValidTo = s }},
	{"复审日", "review_due", func(e Entry) string { return e.ReviewDue }, func(e *Entry, s string) { e.ReviewDue = s }},
	{"归口部门", "owner", func(e Entry) string { return e.Owner }, func(e *Entry, s string) { e.Owner = s }},
}

func lines(s string) []string {
	var out []string
	for l := range strings.Lines(s) {
		if l = strings.TrimSpace(l); l != "" {
			out = append(out, l)
		}
	}
	return out
}

func yes(b bool) string {
	if b {
		return "是"
	}
	return ""
}

func isYes(s string) bool {
	return slices.Contains([]string{"是", "true", "1", "y", "yes"}, strings.ToLower(s))
}

// WriteEntries exports entries: format is xlsx, tsv or yaml.
func WriteEntries(w io.Writer, entries []Entry, format string) error {
	switch format {
	case "yaml":
		enc := yaml.NewEncoder(w)
		enc.SetIndent(2)
		defer enc.Close()
		return enc.Encode(entries)
	case "tsv":
		out := csv.NewWriter(w)
		out.Comma = '\t'
		for _, row := range table(entries) {
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	case "xlsx":
		return writeXLSX(w, entries)
	}
	return fault.New(fault.Invalid, "format", fmt.Sprintf("不支持的格式“%s”，请使用 xlsx、tsv 或 yaml。", format))
}

func table(entries []Entry) [][]string {
	head := make([]string, len(columns))
	for i, c := range columns {
		head[i] = c.name
	}
	rows := [][]string{head}
	for _, e := range entries {
		row := make([]string, len(columns))
		for i, c := range columns {
			row[i] = c.get(e)
		}
		rows = append(rows, row)
	}
	return rows
}

const sheet = "知识条目"

func writeXLSX(w io.Writer, entries []Entry) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", sheet); err != nil {
		return err
	}
	for i, row := range table(entries) {
		cells := make([]any, len(row))
		for j, s := range row {
			cells[j] = s // always text: a cell such as =HYPERLINK(…) must not become a formula
		}
		if err := f.SetSheetRow(sheet, fmt.Sprintf("A%d", i+1), &cells); err != nil {
			return err
		}
	}
	return f.Write(w)
}

// maxImport bounds an import file: 100 000 entries of the starter's size are about 200 MB unpacked,
// 32 MB packed.
const maxImport = 64 << 20

// ReadEntries reads entries from a file: the ending of name (xlsx, tsv, csv, yaml) says how. Broken
// input is an Invalid fault that names file, line and column.
func ReadEntries(name string, r io.Reader) ([]Entry, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxImport+1))
	if err != nil {
		return nil, fault.Wrap(err, fault.Invalid, "import_unreadable", fmt.Sprintf("文件 %s 无法读取。", path.Base(name)))
	}
	if len(data) > maxImport {
		return nil, fault.New(fault.TooLarge, "import_too_large", fmt.Sprintf("文件超过%d MB，请拆分后导入。", maxImport>>20))
	}
	var rows [][]string
	switch ext := strings.ToLower(path.Ext(name)); ext {
	case ".yaml", ".yml":
		var entries []Entry
		err := decodeYAML(data, path.Base(name), &entries)
		return entries, err
	case ".xlsx":
		if rows, err = readXLSX(data); err != nil {
			return nil, fault.Wrap(err, fault.Invalid, "import_unreadable", fmt.Sprintf("文件 %s 不是可读取的Excel表格。", path.Base(name)))
		}
	case ".tsv", ".csv", ".txt":
		if rows, err = readSeparated(data, path.Base(name), ext == ".csv"); err != nil {
			return nil, err
		}
	default:
		return nil, fault.New(fault.Invalid, "format", fmt.Sprintf("不支持的文件类型“%s”，请使用 xlsx、tsv、csv 或 yaml。", ext))
	}
	return entriesOf(rows, path.Base(name))
}

func readXLSX(data []byte) ([][]string, error) {
	// The unpacked size is bounded: a small file may unpack to gigabytes.
	f, err := excelize.OpenReader(bytes.NewReader(data), excelize.Options{UnzipSizeLimit: 512 << 20, UnzipXMLSizeLimit: 256 << 20})
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return f.GetRows(f.GetSheetName(0))
}

func readSeparated(data []byte, name string, commas bool) ([][]string, error) {
	data = bytes.TrimPrefix(data, []byte("\xef\xbb\xbf"))
	if line, column, ok := firstInvalid(data); !ok {
		return nil, fault.New(fault.Invalid, "not_utf8", fmt.Sprintf("%s 第%d行第%d列不是UTF-8文字，请另存为UTF-8编码后再导入。", name, line, column))
	}
	r := csv.NewReader(bytes.NewReader(data))
	r.FieldsPerRecord = -1
	r.LazyQuotes = true
	if !commas {
		r.Comma = '\t'
	}
	rows, err := r.ReadAll()
	if p, ok := errors.AsType[*csv.ParseError](err); ok {
		return nil, fault.New(fault.Invalid, "bad_table", fmt.Sprintf("%s 第%d行第%d列格式不正确（%v）。", name, p.Line, p.Column, p.Err))
	}
	return rows, err
}

// firstInvalid finds the first byte that is not UTF-8, or NUL; line and column count from 1, the
// column in characters.
func firstInvalid(data []byte) (line, column int, ok bool) {
	for i, l := range bytes.Split(data, []byte("\n")) {
		for column = 1; len(l) > 0; column++ {
			r, size := utf8.DecodeRune(l)
			if r == 0 || r == utf8.RuneError && size == 1 {
				return i + 1, column, false
			}
			l = l[size:]
		}
	}
	return 0, 0, true
}

// entriesOf reads a table whose first row names the columns.
func entriesOf(rows [][]string, name string) ([]Entry, error) {
	if len(rows) == 0 {
		return nil, fault.New(fault.Invalid, "empty_import", fmt.Sprintf("文件 %s 是空的。", name))
	}
	setters := make([]func(*Entry, string), len(rows[0]))
	found := map[string]bool{}
	for i, head := range rows[0] {
		head = strings.TrimSpace(head)
		for _, c := range columns {
			if head == c.name || strings.EqualFold(head, c.alias) {
				setters[i], found[c.name] = c.set, true
			}
		}
		if setters[i] == nil && head != "" {
			return nil, fault.New(fault.Invalid, "unknown_column", fmt.Sprintf("%s 第1行第%d列：不认识的列名“%s”。", name, i+1, head))
		}
	}
	for _, c := range columns[:3] {
		if !found[c.name] {
			return nil, fault.New(fault.Invalid, "missing_column", fmt.Sprintf("%s 缺少“%s”列（第一行须为列名）。", name, c.name))
		}
	}
	var entries []Entry
	line := map[string]int{}
	for n, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		e := Entry{Product: "none"}
		for i, cell := range row {
			if i < len(setters) && setters[i] != nil {
				setters[i](&e, strings.TrimSpace(cell))
			}
		}
		if !entryID.MatchString(e.ID) {
			return nil, fault.New(fault.Invalid, "bad_id", fmt.Sprintf("%s 第%d行：编号“%s”须为1—64位字母、数字、点、短横或下划线。", name, n+2, e.ID))
		}
		if first, ok := line[e.ID]; ok {
			return nil, fault.New(fault.Invalid, "duplicate_id", fmt.Sprintf("%s 第%d行：编号%s与第%d行重复。", name, n+2, e.ID, first))
		}
		line[e.ID] = n + 2
		entries = append(entries, e)
	}
	return entries, nil
}

// Imported says what an import did with the entries of a file.
type Imported struct {
	Added     int                  `json:"added"`
	Changed   int                  `json:"changed"`
	Unchanged int                  `json:"unchanged"`
	Findings  map[string][]Finding `json:"findings"` // by entry id
}

// Import saves entries as drafts, all or none. Entries equal to their newest version are left alone.
func (s *Store) Import(ctx context.Context, author string, entries []Entry, lint Linter) (Imported, error) {
	result := Imported{Findings: map[string][]Finding{}}
	set, err := s.Load(ctx, 0)
	if err != nil {
		return result, err
	}
	now := db.Micros(s.clock())
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		result = Imported{Findings: map[string][]Finding{}}
		for _, e := range entries {
			body, err := json.Marshal(e)
			if err != nil {
				return err
			}
			latest, err := newest(tx, KindEntry, e.ID)
			switch {
			case fault.KindOf(err) == fault.NotFound:
				result.Added++
			case err != nil:
				return err
			case latest.State == StateInReview:
				return fault.New(fault.Conflict, "in_review", fmt.Sprintf("%s正在复核，请先退回再导入。", e.ID))
			case string(latest.Body) == string(body):
				result.Unchanged++
				continue
			default:
				result.Changed++
			}
			if findings := set.Check(KindEntry, body, lint); len(findings) > 0 {
				result.Findings[e.ID] = findings
			}
			_, err = tx.Exec(`INSERT INTO content_version (kind, id, version, state, title, category, review_due, body, author, note, created_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '导入', ?)`,
				KindEntry, e.ID, latest.Version+1, StateDraft, e.Question, e.Category, e.ReviewDue, string(body), author, now)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return result, err
}
