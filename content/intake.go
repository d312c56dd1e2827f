package content

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"path"
	"strings"
	"time"
	"unicode/utf8"

	"yinda/bot"
	"yinda/internal/fault"
)

// Intake is what labelled transcripts bring: turns that no example says yet.
type Intake struct {
	New     []Example // in the order of the file, private data masked
	Known   int       // rows that an example, or an earlier row, says with the same labels
	Refused []Refusal
}

// Refusal is a row that cannot be used.
type Refusal struct {
	Line    int // of the file, from 1
	Message string
}

// maxRow bounds a line of a transcript in bytes; a turn has at most 500 characters.
const maxRow = 1 << 20

// ReadTranscripts reads labelled turns in the format of bot.ReadExamples and compares them with the
// examples of the set. A wrong row is refused with its number, the others are read. fault.Invalid when
// the file itself cannot be read.
func (s *Set) ReadTranscripts(name string, r io.Reader) (Intake, error) {
	var in Intake
	name = path.Base(name)
	known := labelledBy(s.Examples)
	scan := bufio.NewScanner(r)
	scan.Buffer(nil, maxRow)
	line := 1
	for ; scan.Scan(); line++ {
		row := strings.TrimRight(scan.Text(), "\r")
		if line == 1 {
			row = strings.TrimPrefix(row, "\ufeff")
		}
		if strings.TrimSpace(row) == "" || row[0] == '#' {
			continue
		}
		e, why := exampleOf(row, name)
		if why == "" {
			c := &checker{}
			c.exampleFields(e)
			if len(c.findings) > 0 {
				why = c.findings[0].Message
			}
		}
		if why != "" {
			in.Refused = append(in.Refused, Refusal{line, why})
			continue
		}
		words := e
		words.ID = "" // the same words have the same id: here it is no reason to look away
		switch other, equal, found := known.like(words); {
		case !found:
			known.add(e)
			in.New = append(in.New, e)
		case equal:
			in.Known++
		default:
			in.Refused = append(in.Refused, Refusal{line, fmt.Sprintf("例句%s（%s）是同样的话，标注却不同。", other.ID, other.Origin)})
		}
	}
	if err := scan.Err(); err != nil {
		return in, fault.Wrap(err, fault.Invalid, "transcripts_unreadable", fmt.Sprintf("%s 第%d行无法读取，每行不能超过%d KB。", name, line, maxRow>>10))
	}
	return in, nil
}

// exampleOf reads one row; why says what is wrong with it.
func exampleOf(row, origin string) (e Example, why string) {
	if !utf8.ValidString(row) {
		return e, "不是UTF-8文字，请另存为UTF-8编码。"
	}
	cols := strings.Split(row, "\t")
	if len(cols) < 5 {
		return e, fmt.Sprintf("只有%d列，应为5列：客户的话、情绪、投诉类别（没有写-）、紧急类别（没有写none）、要求人工（1或0），用制表符分隔。", len(cols))
	}
	for i := range cols {
		cols[i] = strings.TrimSpace(cols[i])
	}
	if cols[4] != "0" && cols[4] != "1" {
		return e, fmt.Sprintf("要求人工一列是“%s”，应为1或0。", cols[4])
	}
	e = Example{Text: cols[0], Emotion: cols[1], ComplaintCategory: cols[2], Urgent: cols[3], WantsPerson: cols[4] == "1", Origin: origin}
	if e.ComplaintCategory == "-" {
		e.ComplaintCategory = ""
	}
	e, _ = e.tidy()
	return e, ""
}

// CurrentExamples is the published content with the newest version of every example that is not
// retired, drafts included: what labelled transcripts are compared with.
func (s *Store) CurrentExamples(ctx context.Context) (*Set, error) {
	return s.checkedAgainst(ctx, KindExample)
}

// Trial measures what further examples would bring beside those of the set; see bot.Trial.
func (s *Set) Trial(further []Example, at time.Time, progress func(step, of int)) (onData, onShipped bot.Comparison, err error) {
	model, _ := s.UnderstandingModel()
	return bot.Trial(model, turns(s.Examples), turns(further), s.Playbook(at).Lexicons, progress)
}
