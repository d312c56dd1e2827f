package main

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode/utf8"

	"yinda/internal/fault"
)

// maxLine bounds one input line: 16 MiB is far above anything typed and far below the memory of any
// machine that runs this. The rest of a longer line is skipped and reported.
const maxLine = 16 << 20

// eachLine calls f with every line of in, without its end, numbered from 1. Lines over maxLine are
// passed with long set and their first maxLine bytes. A missing end at the end of the input is fine.
func eachLine(in io.Reader, f func(n int, line []byte, long bool) error) error {
	r := bufio.NewReaderSize(in, 64<<10)
	for n := 1; ; n++ {
		line, long, err := readLine(r)
		if errors.Is(err, io.EOF) && len(line) == 0 && !long {
			return nil
		}
		if err != nil && !errors.Is(err, io.EOF) {
			return fmt.Errorf("读取第%d行失败：%w", n, err)
		}
		if n == 1 {
			line = bytes.TrimPrefix(line, []byte("\xef\xbb\xbf"))
		}
		if err := f(n, bytes.TrimSuffix(line, []byte("\r")), long); err != nil {
			return err
		}
		if err != nil {
			return nil
		}
	}
}

func readLine(r *bufio.Reader) (line []byte, long bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if room := maxLine - len(line); room < len(part) {
			line, long = append(line, part[:room]...), true
		} else {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		return bytes.TrimSuffix(line, []byte("\n")), long, err
	}
}

// textLine is one line of `--json -` input; fields that are not ours are ignored.
type textLine struct {
	Conversation string `json:"conversation"`
	Text         string `json:"text"`
}

// lineError answers a line that cannot be used, in its place in the output, so that line n of the
// output always belongs to line n of the input.
type lineError struct {
	Error struct {
		Code    string `json:"code"`
		Message string `json:"message"`
		Line    int    `json:"line"`
	} `json:"error"`
}

// inputLines feeds the texts of the input to f: JSON objects when asJSON is set and the line is one,
// plain text otherwise. Lines that cannot be used are answered with a lineError; the returned count
// of them decides the exit status.
func inputLines(in io.Reader, out *json.Encoder, asJSON bool, f func(t textLine) error) (bad int, err error) {
	err = eachLine(in, func(n int, line []byte, long bool) error {
		refuse := func(code, format string, args ...any) error {
			bad++
			var e lineError
			e.Error.Code, e.Error.Line = code, n
			e.Error.Message = fmt.Sprintf("第%d行", n) + fmt.Sprintf(format, args...)
			return out.Encode(e)
		}
		if long {
			return refuse("line_too_long", "超过%d MiB，请拆分后重试。", maxLine>>20)
		}
		var t textLine
		trimmed := bytes.TrimSpace(line)
		switch {
		case asJSON && len(trimmed) > 0 && trimmed[0] == '{':
			if err := json.Unmarshal(trimmed, &t); err != nil {
				return refuse("bad_json", "不是有效的JSON（%s），应为 {\"text\":\"…\"}。", jsonReason(err))
			}
		default:
			t.Text = string(line)
		}
		if !utf8.ValidString(t.Text) {
			t.Text = strings.ToValidUTF8(t.Text, "\uFFFD")
		}
		return f(t)
	})
	return bad, err
}

// jsonReason says where a line of JSON is broken.
func jsonReason(err error) string {
	if s, ok := errors.AsType[*json.SyntaxError](err); ok {
		return fmt.Sprintf("第%d个字节处有语法错误", s.Offset)
	}
	if t, ok := errors.AsType[*json.UnmarshalTypeError](err); ok {
		return fmt.Sprintf("字段%s的类型应为文字", t.Field)
	}
	return err.Error()
}

// badLines turns the count of unusable lines into the error that ends the command.
func badLines(bad int, err error) error {
	if err != nil {
		return err
	}
	if bad > 0 {
		return fault.New(fault.Invalid, "bad_lines",
			fmt.Sprintf("有%d行无法处理，输出中相应的行说明了原因；其余各行已处理。", bad))
	}
	return nil
}

// writeJSON writes v as one line.
func writeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// round keeps the given number of decimals.
func round(x float64, decimals int) float64 {
	p := math.Pow10(decimals)
	return math.Round(x*p) / p
}
