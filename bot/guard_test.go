package bot

import (
	"strings"
	"testing"
)

func testGuard(t testing.TB) *Guard {
	t.Helper()
	g, err := NewGuard(Playbook{
		Facts: map[string]string{"bank": "示例银行", "hotline": "400-000-0000", "website": "www.example.com", "rate": "1.5%"},
		Notices: map[string]Notice{
			"RN-WM":  {ID: "RN-WM", Text: "理财非存款、产品有风险、投资须谨慎。", Products: []string{"wealth"}},
			"RN-GEN": {ID: "RN-GEN", Text: "以上内容仅供参考，详询{hotline}。"},
			"RN-BAD": {ID: "RN-BAD", Text: "利率{nothing}。"},
		},
		Scripts: map[string]Script{"fallback": {Texts: []string{"很抱歉，我暂时无法准确回答您，请输入“人工”联系{bank}人工客服。"}}},
		Lexicons: []Lexicon{
			{ID: "p", Kind: "promise", Severity: "block", Advice: "改", Words: []string{"保本", "稳赚不赔", "零风险"}, Patterns: []string{"肯定[^,。]{0,3}不会亏"}, Except: []string{"担保本"}},
			{ID: "t", Kind: "taboo", Severity: "block", Words: []string{"投诉也没用"}},
			{ID: "v", Kind: "vague", Severity: "warn", Words: []string{"应该吧"}},
			{ID: "h", Kind: "fake_human", Severity: "block", Words: []string{"我是真人"}},
			{ID: "n", Kind: "guard_negation", Words: []string{"不"}, Except: []string{"不仅"}},
			{ID: "i", Kind: "guard_negation", Label: "inside", Words: []string{"不承诺"}},
			{ID: "s", Kind: "guard_warning", Label: "strong", Words: []string{"骗局"}},
			{ID: "w", Kind: "guard_warning", Label: "weak", Words: []string{"请勿"}},
			{ID: "q", Kind: "guard_quote", Words: []string{"您问的"}},
			{ID: "c", Kind: "class", Label: "x", Words: []string{"a"}},
			{ID: "other", Kind: "person", Words: []string{"人工"}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return g
}

func TestLintContexts(t *testing.T) {
	g := testGuard(t)
	for text, want := range map[string]string{
		"这款产品保本":                       VerdictBlock,
		"保 本，保.本":                      VerdictBlock,
		"這款產品保本":                       VerdictBlock,
		"这款产品不保本":                      VerdictOK,
		"我行不承诺保本":                      VerdictOK,
		"不仅保本还有收益":                     VerdictBlock,
		"您问的“保本”产品暂时没有":                VerdictOK,
		"宣传保本的都是骗局":                    VerdictOK,
		"这不是骗局，保本":                     VerdictBlock,
		"请勿相信保本宣传":                     VerdictOK,
		"担保本金":                         VerdictOK,
		"您放心，肯定不会亏":                    VerdictBlock,
		"投.诉也没用":                       VerdictBlock,
		"周末也营业应该吧":                     VerdictWarn,
		"请登录www.example.com办理":         VerdictOK,
		"详见https://www.gov.cn/zhengce": VerdictOK,
		"点击http://evil.top/a办理":        VerdictBlock,
		"您的卡号6222021234567890128":      VerdictBlock,
		"请拨打400-000-0000":              VerdictOK,
		"加我，我微信号是abc_12345":            VerdictBlock,
		"":                             VerdictOK,
	} {
		if v := g.Check(text, SpeakerAgent); v.Verdict != want {
			t.Errorf("%q: %s %+v, want %s", text, v.Verdict, v.Findings, want)
		}
	}
	if v := g.Check("我是真人客服", SpeakerBot); v.Verdict != VerdictBlock {
		t.Errorf("bot as a person: %+v", v)
	}
}

func TestLintPositionsAreOfTheOriginal(t *testing.T) {
	v := testGuard(t).Check("😀這款\u200b產品保 本！", SpeakerAgent)
	if len(v.Findings) != 1 {
		t.Fatalf("%+v", v.Findings)
	}
	if f := v.Findings[0]; f.Rule != RulePromise || f.Start != 6 || f.End != 9 || f.Match != "保 本" || f.Advice != "改" {
		t.Errorf("%+v", f)
	}
}

func TestGuardSay(t *testing.T) {
	g := testGuard(t)
	r := g.Say(Part{Text: "{bank}存款利率为{rate}。", Notices: []string{"RN-GEN"}}, Part{Text: "理财请先评估。", Product: "wealth"})
	if want := "示例银行存款利率为1.5%。\n理财请先评估。\n以上内容仅供参考，详询400-000-0000。\n理财非存款、产品有风险、投资须谨慎。"; r.Text() != want || r.Replaced() {
		t.Errorf("%q", r.Text())
	}
	if got := strings.Join(r.Notices(), " "); got != "RN-GEN RN-WM" {
		t.Errorf("notices %q", got)
	}
	r = g.Say(Part{Text: "请注意：理财非存款，产品有风险，投资须谨慎！", Product: "wealth"})
	if strings.Count(lettersOf(r.Text()), "理财非存款") != 1 {
		t.Errorf("notice twice: %q", r.Text())
	}
	for _, p := range []Part{{Text: "这款稳赚不赔。"}, {Text: "利率{nothing}。"}, {Text: "利率公示。", Notices: []string{"RN-BAD"}}} {
		r := g.Say(p)
		if !r.Replaced() || !strings.Contains(r.Text(), "人工") || r.Verdict().Verdict != VerdictBlock {
			t.Errorf("%q: %q %+v", p.Text, r.Text(), r.Verdict())
		}
	}
	if r := g.Say(Part{Text: "您的手机13812345678已登记。"}); strings.Contains(r.Text(), "13812345678") {
		t.Errorf("private data out: %q", r.Text())
	}
	if r := g.Say(); r.Text() != "" || r.Replaced() {
		t.Errorf("nothing to say: %q", r.Text())
	}
	if r := g.Say(Part{Text: "编号{TICKET}"}); r.Text() != "编号{TICKET}" {
		t.Errorf("not a fact: %q", r.Text())
	}
}

func TestGuardNeedsSoundLists(t *testing.T) {
	_, err := NewGuard(Playbook{Lexicons: []Lexicon{{ID: "broken", Kind: "promise", Patterns: []string{"("}}}})
	if err == nil || !strings.Contains(err.Error(), "broken") {
		t.Errorf("error %v does not name the list", err)
	}
	g, err := NewGuard(Playbook{})
	if err != nil {
		t.Fatal(err)
	}
	if r := g.Say(Part{Text: "{unknown}"}); r.Text() != lastResort || !r.Replaced() {
		t.Errorf("%q", r.Text())
	}
}

// TestLintIsLinear: a pasted novel must not hold others up.
func TestLintIsLinear(t *testing.T) {
	g := testGuard(t)
	for _, unit := range []string{"保本", "肯定", "不保本。", "你"} {
		g.Check(strings.Repeat(unit, 10_000), SpeakerAgent)
	}
}
