package bot

import (
	"fmt"
	"regexp"
	"regexp/syntax"
	"slices"
	"strings"
	"unicode/utf8"
)

// A pattern of a list is RE2 over the dense folded text of one sentence (see line), with five
// shorthands that keep the lists readable to an editor:
//
//	_       up to 3 characters, no comma between
//	…       up to 10 characters of the same sentence
//	< >     begin and end of a clause
//	{name}  one of the words of the list of kind "class" with that label
const (
	gapShort = `[^,。!?;\n]{0,3}`
	gapLong  = `[^。!?;\n]{0,10}`
	clauseAt = `(?:^|[,、:\s])`
	clauseTo = `(?:$|[,、!?。;~:\s\n]|\.\.)`
)

// expand replaces the shorthands of a pattern.
func expand(pattern string, classes map[string]string) (string, error) {
	var b strings.Builder
	inClass := false
	runes := []rune(pattern)
	for i := 0; i < len(runes); i++ {
		r := runes[i]
		switch {
		case r == '\\' && i+1 < len(runes):
			b.WriteRune(r)
			i++
			b.WriteRune(runes[i])
		case inClass:
			inClass = r != ']'
			b.WriteRune(r)
		case r == '[':
			inClass = true
			b.WriteRune(r)
		case r == '_':
			b.WriteString(gapShort)
		case r == '…':
			b.WriteString(gapLong)
		case r == '<':
			b.WriteString(clauseAt)
		case r == '>':
			b.WriteString(clauseTo)
		case r == '{' && i+1 < len(runes) && runes[i+1] >= 'a' && runes[i+1] <= 'z':
			end := strings.IndexRune(string(runes[i:]), '}')
			if end < 0 {
				return "", fmt.Errorf("unclosed { in %q", pattern)
			}
			name := string(runes[i:])[1:end]
			class, ok := classes[name]
			if !ok {
				return "", fmt.Errorf("unknown class {%s} in %q", name, pattern)
			}
			b.WriteString(class)
			i += utf8.RuneCountInString(name) + 1
		default:
			b.WriteRune(r)
		}
	}
	return b.String(), nil
}

// compiled is one pattern with groups of literals: a text must contain at least one of every group
// for the pattern to match. They are found for all patterns in one pass, so that the few hundred
// patterns cost next to nothing on an ordinary question.
type compiled struct {
	re      *regexp.Regexp
	groups  [][]string // at most maxGroups; empty: always run
	anchors []string   // the best group alone, for the guard
}

// maxGroups of one pattern: a byte holds them as bits.
const maxGroups = 6

func compilePattern(pattern string, classes map[string]string) (compiled, error) {
	src, err := expand(pattern, classes)
	if err != nil {
		return compiled{}, err
	}
	c, err := compilePlain(src)
	if err != nil {
		return compiled{}, fmt.Errorf("pattern %q: %w", pattern, err)
	}
	return c, nil
}

// compilePlain compiles RE2 without shorthands.
func compilePlain(src string) (compiled, error) {
	re, err := regexp.Compile(src)
	if err != nil {
		return compiled{}, err
	}
	tree, err := syntax.Parse(src, syntax.Perl)
	if err != nil {
		return compiled{}, err
	}
	c := compiled{re: re, groups: groups(tree.Simplify())}
	if len(c.groups) > 0 {
		c.anchors = c.groups[0]
	}
	return c, nil
}

// maxAnchors bounds the literals of one pattern: a class of words is fine, a product of two is not.
const maxAnchors = 400

// anchors returns literals of which every match of re contains one, nil when none can be named.
func anchors(re *syntax.Regexp) []string {
	switch re.Op {
	case syntax.OpLiteral:
		return []string{string(re.Rune)}
	case syntax.OpCharClass:
		var out []string
		for i := 0; i+1 < len(re.Rune); i += 2 {
			if re.Rune[i+1]-re.Rune[i] > 12 {
				return nil
			}
			for r := re.Rune[i]; r <= re.Rune[i+1]; r++ {
				out = append(out, string(r))
			}
			if len(out) > 24 {
				return nil
			}
		}
		return out
	case syntax.OpCapture, syntax.OpPlus:
		return anchors(re.Sub[0])
	case syntax.OpRepeat:
		if re.Min < 1 {
			return nil
		}
		return anchors(re.Sub[0])
	case syntax.OpAlternate:
		var out []string
		for _, sub := range re.Sub {
			a := anchors(sub)
			if a == nil {
				return nil
			}
			if out = append(out, a...); len(out) > maxAnchors {
				return nil
			}
		}
		return out
	case syntax.OpConcat:
		var best []string
		for _, a := range concatAnchors(re) {
			if best == nil || better(a, best) {
				best = a
			}
		}
		return best
	}
	return nil
}

// groups returns sets of literals of each of which every match contains one.
func groups(re *syntax.Regexp) [][]string {
	for re.Op == syntax.OpCapture {
		re = re.Sub[0]
	}
	if re.Op != syntax.OpConcat {
		if a := anchors(re); a != nil {
			return [][]string{a}
		}
		return nil
	}
	all := concatAnchors(re)
	slices.SortStableFunc(all, func(a, b []string) int {
		if better(a, b) {
			return -1
		}
		return 1
	})
	return all[:min(len(all), maxGroups)]
}

// concatAnchors returns the anchors of every part of a concatenation that has any.
func concatAnchors(re *syntax.Regexp) [][]string {
	var out [][]string
	for i := 0; i < len(re.Sub); i++ {
		a := anchors(re.Sub[i])
		// A literal followed by alternatives (the parser factors common prefixes out) is joined
		// again: 转人工|转接 must not be anchored by 转 alone.
		if re.Sub[i].Op == syntax.OpLiteral && i+1 < len(re.Sub) && exact(re.Sub[i+1]) {
			if tail := anchors(re.Sub[i+1]); tail != nil && len(tail) <= 80 {
				a = nil
				for _, t := range tail {
					a = append(a, string(re.Sub[i].Rune)+t)
				}
				i++
			}
		}
		if a != nil {
			out = append(out, a)
		}
	}
	return out
}

// exact reports whether anchors(re) are all the strings that re matches.
func exact(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass:
		return true
	case syntax.OpCapture:
		return exact(re.Sub[0])
	case syntax.OpAlternate:
		for _, sub := range re.Sub {
			if !exact(sub) {
				return false
			}
		}
		return true
	}
	return false
}

// better prefers literals whose shortest is longer, then fewer of them.
func better(a, b []string) bool {
	la, lb := shortest(a), shortest(b)
	if la != lb {
		return la > lb
	}
	return len(a) < len(b)
}

func shortest(list []string) int {
	n := 1 << 30
	for _, s := range list {
		n = min(n, utf8.RuneCountInString(s))
	}
	return n
}
