package bot

import "strings"

// choice reads an answer to the clarifying question asked last: a number, an ordinal, the title, or
// a bare yes when there was one choice. It returns the entry, "" when the turn is none.
func (m *moment) choice() string {
	options := m.before.Choices
	if len(options) == 0 || len(m.u.bare) == 0 {
		return ""
	}
	if i := ordinal(m.u.bare, len(options)); i >= 0 {
		return options[i]
	}
	if m.u.yes && len(options) == 1 {
		return options[0]
	}
	if m.u.yes || m.u.no || len([]rune(m.u.bare)) < 2 {
		return ""
	}
	best, bestAt := 0.0, ""
	for _, id := range options {
		a, ok := m.bot.playbook.Answers[id]
		if !ok {
			continue
		}
		title := newLine(a.Title)
		if bare(title.runes) == m.u.bare {
			return id
		}
		s := m.bot.search.Similar(a.Title, m.u.Question)
		if strings.Contains(bare(title.runes), m.u.bare) && len([]rune(m.u.bare)) <= 8 {
			s += 0.5
		}
		if s > best {
			best, bestAt = s, id
		}
	}
	if best >= 0.75 {
		return bestAt
	}
	return ""
}

// ordinals are ways to name the choices by place.
var ordinals = []struct {
	words []string
	place int // from 1; negative from the end
}{
	{[]string{"1", "一", "第一", "第一个", "第1个", "第1", "1号", "选1", "选一", "第一条", "第一项", "选项1", "选第一个", "1吧", "一吧", "上面那个", "上面的", "上面第一个", "前面那个", "前面的", "最上面", "最上面那个", "头一个", "首个", "第一種", "第一种", "1个", "我选1", "我选第一个", "就第一个", "是第一个", "应该是1", "应该是第一个", "①"}, 1},
	{[]string{"2", "二", "两", "第二", "第二个", "第2个", "第2", "2号", "选2", "选二", "第二条", "第二项", "选项2", "选第二个", "2吧", "二吧", "中间那个", "中间的", "第二种", "我选2", "我选第二个", "就第二个", "是第二个", "应该是2", "应该是第二个"}, 2},
	{[]string{"3", "三", "第三", "第三个", "第3个", "第3", "3号", "选3", "选三", "第三条", "第三项", "选项3", "选第三个", "3吧", "三吧", "第三种", "我选3", "我选第三个", "就第三个", "是第三个", "应该是3", "应该是第三个"}, 3},
	{[]string{"4", "四", "第四个", "选4"}, 4},
	{[]string{"最后一个", "最后", "下面那个", "下面的", "最下面", "最下面那个", "后面那个", "后面的", "后一个", "末一个", "最后那个"}, -1},
}

// ordinal returns the index of the choice that s names, -1 when it names none of the n.
func ordinal(s string, n int) int {
	s = strings.TrimSuffix(strings.TrimSuffix(s, "谢谢"), "吧")
	for _, o := range ordinals {
		for _, w := range o.words {
			if w != s {
				continue
			}
			i := o.place - 1
			if o.place < 0 {
				i = n + o.place
			}
			if i >= 0 && i < n {
				return i
			}
			return -1
		}
	}
	return -1
}
