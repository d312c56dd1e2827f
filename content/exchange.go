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

// table is how items of a kind stand in a spreadsheet: the columns in the order of an export. An import
// finds them by name, in any order.
type table[T any] struct {
	sheet   string
	columns []column[T]
	blank   T               // what a row begins as
	id      func(*T) string // of a row that has been read
}

type column[T any] struct {
	name     string
	alias    string // accepted in imports
	get      func(T) string
	set      func(*T, string)
	required bool
}

var entryTable = table[Entry]{
	sheet: "知识条目",
	blank: Entry{Product: "none"},
	id:    func(e *Entry) string { return e.ID },
	columns: []column[Entry]{
		{"编号", "id", func(e Entry) string { return e.ID }, func(e *Entry, s string) { e.ID = s }, true},
		{"标准问", "question", func(e Entry) string { return e.Question }, func(e *Entry, s string) { e.Question = s }, true},
		{"结论", "answer", func(e Entry) string { return e.Answer.Conclusion }, func(e *Entry, s string) { e.Answer.Conclusion = s }, true},
		{"步骤", "steps", func(e Entry) string { return strings.Join(e.Answer.Steps, "\n") }, func(e *Entry, s string) { e.Answer.Steps = lines(s) }, false},
		{"说明", "note", func(e Entry) string { return e.Answer.Note }, func(e *Entry, s string) { e.Answer.Note = s }, false},
		{"相似问", "similar", func(e Entry) string { return strings.Join(e.Similar, "\n") }, func(e *Entry, s string) { e.Similar = lines(s) }, false},
		{"反例", "negative", func(e Entry) string { return strings.Join(e.Negative, "\n") }, func(e *Entry, s string) { e.Negative = lines(s) }, false},
		{"分类", "category", func(e Entry) string { return e.Category }, func(e *Entry, s string) { e.Category = s }, false},
		{"产品类型", "product", func(e Entry) string { return e.Product }, func(e *Entry, s string) { e.Product = s }, false},
		{"长辈版", "elderly", func(e Entry) string { return e.Elderly }, func(e *Entry, s string) { e.Elderly = s }, false},
		{"服务流程", "process", func(e Entry) string { return e.Process }, func(e *Entry, s string) { e.Process = s }, false},
		{"收费项目", "fee", func(e Entry) string { return e.Fee }, func(e *Entry, s string) { e.Fee = s }, false},
		{"风险提示", "risk", func(e Entry) string { return e.Risk }, func(e *Entry, s string) { e.Risk = s }, false},
		{"通知", "notices", func(e Entry) string { return strings.Join(e.Notices, "\n") }, func(e *Entry, s string) { e.Notices = lines(s) }, false},
		{"依据", "legal_basis", func(e Entry) string { return strings.Join(e.LegalBasis, "\n") }, func(e *Entry, s string) { e.LegalBasis = lines(s) }, false},
		{"涉及个人账户", "personal", func(e Entry) string { return yes(e.Personal) }, func(e *Entry, s string) { e.Personal = isYes(s) }, false},
		{"提示人工", "offer_person", func(e Entry) string { return yes(e.OfferPerson) }, func(e *Entry, s string) { e.OfferPerson = isYes(s) }, false},
		{"紧急类别", "urgent", func(e Entry) string { return e.Urgent }, func(e *Entry, s string) { e.Urgent = s }, false},
		{"生效日", "valid_from", func(e Entry) string { return e.ValidFrom }, func(e *Entry, s string) { e.ValidFrom = s }, false},
		{"失效日", "valid_to", func(e Entry) string { return e.ValidTo }, func(e *Entry, s string) { e.ValidTo = s }, false},
		{"复审日", "review_due", func(e Entry) string { return e.ReviewDue }, func(e *Entry, s string) { e.ReviewDue = s }, false},
		{"归口部门", "owner", func(e Entry) string { return e.Owner }, func(e *Entry, s string) { e.Owner = s }, false},
	},
}

var exampleTable = table[Example]{
	sheet: "例句",
	id: func(e *Example) string {
		*e, _ = e.tidy()
		return e.ID
	},
	columns: []column[Example]{
		{"编号", "id", func(e Example) string { return e.ID }, func(e *Example, s string) { e.ID = s }, false},
		{"客户的话", "text", func(e Example) string { return e.Text }, func(e *Example, s string) { e.Text = s }, true},
		{"情绪", "emotion", func(e Example) string { return e.Emotion }, func(e *Example, s string) { e.Emotion = s }, true},
		{"投诉类别", "complaint_category", func(e Example) string { return e.ComplaintCategory }, func(e *Example, s string) { e.ComplaintCategory = s }, false},
		{"紧急类别", "urgent", func(e Example) string { return e.Urgent }, func(e *Example, s string) { e.Urgent = s }, false},
		{"要求人工", "wants_person", func(e Example) string { return yes(e.WantsPerson) }, func(e *Example, s string) { e.WantsPerson = isYes(s) }, false},
		{"来源", "origin", func(e Example) string { return e.Origin }, func(e *Example, s string) { e.Origin = s }, false},
		{"备注", "note", func(e Example) string { return e.Note }, func(e *Example, s string) { e.Note = s }, false},
	},
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
	return entryTable.write(w, entries, format)
}

// WriteExamples exports examples, as WriteEntries does entries.
func WriteExamples(w io.Writer, examples []Example, format string) error {
	return exampleTable.write(w, examples, format)
}

func (t table[T]) write(w io.Writer, items []T, format string) error {
	switch format {
	case "yaml":
		enc := yaml.NewEncoder(w)
		enc.SetIndent(2)
		defer enc.Close()
		return enc.Encode(items)
	case "tsv":
		out := csv.NewWriter(w)
		out.Comma = '\t'
		for _, row := range t.rows(items) {
			if err := out.Write(row); err != nil {
				return err
			}
		}
		out.Flush()
		return out.Error()
	case "xlsx":
		return t.writeXLSX(w, items)
	}
	return fault.New(fault.Invalid, "format", fmt.Sprintf("不支持的格式“%s”，请使用 xlsx、tsv 或 yaml。", format))
}

func (t table[T]) rows(items []T) [][]string {
	head := make([]string, len(t.columns))
	for i, c := range t.columns {
		head[i] = c.name
	}
	rows := [][]string{head}
	for _, item := range items {
		row := make([]string, len(t.columns))
		for i, c := range t.columns {
			row[i] = c.get(item)
		}
		rows = append(rows, row)
	}
	return rows
}

func (t table[T]) writeXLSX(w io.Writer, items []T) error {
	f := excelize.NewFile()
	defer f.Close()
	if err := f.SetSheetName("Sheet1", t.sheet); err != nil {
		return err
	}
	for i, row := range t.rows(items) {
		cells := make([]any, len(row))
		for j, s := range row {
			cells[j] = s // always text: a cell such as =HYPERLINK(…) must not become a formula
		}
		if err := f.SetSheetRow(t.sheet, fmt.Sprintf("A%d", i+1), &cells); err != nil {
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
func ReadEntries(name string, r io.Reader) ([]Entry, error) { return entryTable.read(name, r) }

// ReadExamples reads examples from a file, as ReadEntries does entries. Private data is masked; an
// example without an id gets the one of its text.
func ReadExamples(name string, r io.Reader) ([]Example, error) { return exampleTable.read(name, r) }

func (t table[T]) read(name string, r io.Reader) ([]T, error) {
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
		var items []T
		if err := decodeYAML(data, path.Base(name), &items); err != nil {
			return nil, err
		}
		for i := range items {
			t.id(&items[i])
		}
		return items, nil
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
	return t.itemsOf(rows, path.Base(name))
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

// itemsOf reads a table whose first row names the columns.
func (t table[T]) itemsOf(rows [][]string, name string) ([]T, error) {
	if len(rows) == 0 {
		return nil, fault.New(fault.Invalid, "empty_import", fmt.Sprintf("文件 %s 是空的。", name))
	}
	setters := make([]func(*T, string), len(rows[0]))
	found := map[string]bool{}
	for i, head := range rows[0] {
		head = strings.TrimSpace(head)
		for _, c := range t.columns {
			if head == c.name || strings.EqualFold(head, c.alias) {
				setters[i], found[c.name] = c.set, true
			}
		}
		if setters[i] == nil && head != "" {
			return nil, fault.New(fault.Invalid, "unknown_column", fmt.Sprintf("%s 第1行第%d列：不认识的列名“%s”。", name, i+1, head))
		}
	}
	for _, c := range t.columns {
		if c.required && !found[c.name] {
			return nil, fault.New(fault.Invalid, "missing_column", fmt.Sprintf("%s 缺少“%s”列（第一行须为列名）。", name, c.name))
		}
	}
	var items []T
	line := map[string]int{}
	for n, row := range rows[1:] {
		if strings.TrimSpace(strings.Join(row, "")) == "" {
			continue
		}
		item := t.blank
		for i, cell := range row {
			if i < len(setters) && setters[i] != nil {
				setters[i](&item, strings.TrimSpace(cell))
			}
		}
		id := t.id(&item)
		if !entryID.MatchString(id) {
			return nil, fault.New(fault.Invalid, "bad_id", fmt.Sprintf("%s 第%d行：编号“%s”须为1—64位字母、数字、点、短横或下划线。", name, n+2, id))
		}
		if first, ok := line[id]; ok {
			return nil, fault.New(fault.Invalid, "duplicate_id", fmt.Sprintf("%s 第%d行：编号%s与第%d行重复。", name, n+2, id, first))
		}
		line[id] = n + 2
		items = append(items, item)
	}
	return items, nil
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
	set, err := s.checkedAgainst(ctx, KindEntry)
	if err != nil {
		return Imported{}, err
	}
	check := func(_ Entry, body json.RawMessage) []Finding { return set.Check(KindEntry, body, lint) }
	return importItems(ctx, s, author, KindEntry, entries, func(e Entry) string { return e.ID }, check)
}

// ImportExamples saves examples as drafts, as Import does entries. Findings also say which of them
// repeat or contradict one another.
func (s *Store) ImportExamples(ctx context.Context, author string, examples []Example) (Imported, error) {
	set, err := s.checkedAgainst(ctx, KindExample)
	if err != nil {
		return Imported{}, err
	}
	known := labelledBy(set.Examples)
	check := func(e Example, _ json.RawMessage) []Finding {
		c := &checker{}
		c.example(e, known)
		known.add(e)
		return c.findings
	}
	return importItems(ctx, s, author, KindExample, examples, func(e Example) string { return e.ID }, check)
}

func importItems[T any](ctx context.Context, s *Store, author string, kind Kind, items []T, idOf func(T) string, check func(T, json.RawMessage) []Finding) (Imported, error) {
	var result Imported
	now := db.Micros(s.clock())
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		result = Imported{Findings: map[string][]Finding{}}
		for _, item := range items {
			id := idOf(item)
			body, err := json.Marshal(item)
			if err != nil {
				return err
			}
			latest, err := newest(tx, kind, id)
			switch {
			case fault.KindOf(err) == fault.NotFound:
				result.Added++
			case err != nil:
				return err
			case latest.State == StateInReview:
				return fault.New(fault.Conflict, "in_review", fmt.Sprintf("%s正在复核，请先退回再导入。", id))
			case string(latest.Body) == string(body) && !latest.Withdrawn:
				result.Unchanged++
				continue
			default:
				result.Changed++
			}
			if findings := check(item, body); len(findings) > 0 {
				result.Findings[id] = findings
			}
			title, category, due := describe(kind, body)
			_, err = tx.Exec(`INSERT INTO content_version (kind, id, version, state, title, category, review_due, body, author, note, created_at)
				VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, '导入', ?)`,
				kind, id, latest.Version+1, StateDraft, title, category, due, string(body), author, now)
			if err != nil {
				return err
			}
		}
		return nil
	})
	return result, err
}
