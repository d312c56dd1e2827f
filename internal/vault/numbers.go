package vault

import (
	"strings"

	"yinda/internal/text"
)

// Words in front of a number that say what it is; the nearest decides.
var numberContexts = []struct {
	kind  string
	words []string
}{
	{"order", []string{"订单", "流水号", "流水", "交易号", "交易编号", "快递单", "快递号", "单号", "运单", "物流单", "工单", "编号", "凭证号", "票据", "发票", "合同号", "产品代码", "产品编码", "代码", "批次", "登记编码", "登记编号", "案件", "受理号", "网点号", "机构号", "行号", "联行", "工号", "序列号", "回执", "参考号", "金额", "余额", "版本", "条码", "基金", "股票", "期号", "邮编", "收费", "价格", "限额", "额度"}},
	{IDCard, []string{"身份证", "身份证号码", "身份证号", "证件号码", "证件号", "证件", "sfz", "身份号码", "居住证", "居留证", "社保号", "证号"}},
	{BankCard, []string{"卡号", "卡号码", "银行卡", "银行卡号码", "信用卡", "储蓄卡", "借记卡", "工资卡", "医保卡", "社保卡", "kahao", "卡是", "卡:", "卡", "card"}},
	{Account, []string{"账号", "账户", "存折", "折子", "公积金", "对公户", "zhanghao", "帐号", "户头"}},
	{Phone, []string{"手机", "手机号码", "手机号", "电话", "电话号码", "联系方式", "打给", "致电", "联系我", "tel", "phone", "mobile", "我的号码", "我号码", "呼我"}},
	{Landline, []string{"座机", "固话", "家里电话", "办公电话", "单位电话", "宅电"}},
	{"tail", []string{"尾号", "后四位", "末四位", "后4位", "尾数"}},
	{"device", []string{"imei", "设备号", "设备码"}},
	{"taiwan", []string{"台胞证", "台湾通行证", "台湾居民来往"}},
}

// nearest returns the kind of the context word that ends closest before position i, at most 10
// characters away.
func (s *scan) nearest(i int) string {
	before := s.before(i, 12)
	if strings.ContainsAny(before, " .*·") { // 卡 号, 身.份.证
		before = unspaced.Replace(before)
	}
	before = strings.ReplaceAll(before, "手机银行", "") // neither a number nor its label
	best, at, length := "", -1, 0
	for _, c := range numberContexts {
		for _, w := range c.words {
			if p := strings.LastIndex(before, w); p >= 0 && (p+len(w) > at || p+len(w) == at && len(w) > length) {
				best, at, length = c.kind, p+len(w), len(w)
			}
		}
	}
	return best
}

var unspaced = strings.NewReplacer(" ", "", ".", "", "*", "", "·", "")

// longestNumber bounds how many digits are tried as one number.
const longestNumber = 26

// numbers looks for identity cards, cards, accounts and telephones among the digits of the text,
// disguised or not. Groups between separators are joined, longest first, because 6222 0212 3456 7890
// is one number and a list of two numbers is two.
func (s *scan) numbers() {
	s.aboutPapers = s.has("证", "身份", "十五位", "15位")
	if s.has("+", "852", "853", "886") {
		s.foreignPhones()
	}
	for _, run := range s.f.DigitRuns(7) {
		for g := 0; g < len(run.Groups); {
			n := s.number(run, g)
			g += max(n, 1)
		}
	}
}

// number tries the groups from g on and returns how many of them it used.
func (s *scan) number(run text.DigitRun, g int) int {
	last := g
	for last < len(run.Groups) && run.Groups[last].End-run.Groups[g].Start <= longestNumber {
		last++
	}
	first := run.Groups[g].Start
	context := s.nearest(run.At[first])
	if last == g { // one group longer than any number: several glued together
		s.glued(run, run.Groups[g])
		return 1
	}
	// The whole run of groups belongs to the context word, so prefer long numbers; but a phone and a
	// card number beside each other must not become one account.
	for end := last; end > g; end-- {
		c := candidate{run.Digits[first:run.Groups[end-1].End], run.At[first], run.At[run.Groups[end-1].End-1] + 1, run.Groups[g:end], context, run.Plain}
		if s.classify(c) {
			return end - g
		}
	}
	if only := run.Groups[g]; only.End-only.Start > 19 {
		s.glued(run, only)
	}
	return 1
}

// candidate is a number that may be private.
type candidate struct {
	digits     string
	start, end int // folded characters
	groups     []text.Range
	context    string
	plain      bool
}

// sizes reports whether the groups have these lengths.
func (c candidate) sizes(want ...int) bool {
	if len(c.groups) != len(want) {
		return false
	}
	for i, g := range c.groups {
		if g.End-g.Start != want[i] {
			return false
		}
	}
	return true
}

// halved reports whether the number comes in two long parts, as in two bubbles.
func (c candidate) halved() bool {
	return len(c.groups) == 2 && c.groups[0].End-c.groups[0].Start >= 6 && c.groups[1].End-c.groups[1].Start >= 6
}

// even reports whether the groups are of one length, the last one perhaps shorter: 622-202-123…. Two
// groups are rather a card number and its expiry date.
func (c candidate) even() bool {
	size := c.groups[0].End - c.groups[0].Start
	if len(c.groups) < 3 || size > 6 {
		return false
	}
	for i, g := range c.groups {
		if n := g.End - g.Start; n != size && (i < len(c.groups)-1 || n > size) {
			return false
		}
	}
	return true
}

// spelled reports whether the number was typed digit by digit, or in a disguise whose groups mean
// nothing.
func (c candidate) spelled() bool {
	if !c.plain {
		return true
	}
	for _, g := range c.groups {
		if g.End-g.Start > 2 {
			return false
		}
	}
	return true
}

func (s *scan) classify(c candidate) bool {
	n := len(c.digits)
	if n < 7 || amount(s.after(c.end, 2)) && n < 15 || currency(s.rune(c.start-1)) {
		return false
	}
	if s.identity(c) {
		return true
	}
	if c.context == "order" {
		return false
	}
	if c.context == Account && areaCode(c.digits) > 0 && s.account(c) {
		return true // 存折0401 2233 4455 is no landline
	}
	return s.card(c) || s.phone(c) || s.account(c)
}

// identity recognises numbers of 18 and 15 characters. A wrong check digit is a typing error and is
// masked nevertheless (lexicon §5).
func (s *scan) identity(c candidate) bool {
	id, end := c.digits, c.end
	if len(id) == 17 {
		k := c.end
		for k < c.end+2 && (s.rune(k) == ' ' || s.rune(k) == '-') {
			k++
		}
		if r := s.rune(k); r != 'x' && r != '叉' && r != '×' && r != 'х' || isAlnum(s.rune(k+1)) {
			return false
		}
		id, end = id+"X", k+1
	}
	switch len(id) {
	case 18:
		dated := idProvince(id) && birthDate(id[6:14])
		if !dated && !(c.context == IDCard && len(c.groups) <= 4) || c.context == "order" && !idChecksum(id) {
			return false
		}
		if len(c.groups) > 1 && !c.spelled() && !idChecksum(id) && c.context != IDCard && !c.sizes(6, 8, 4) && !c.sizes(6, 4, 4, 4) && !c.sizes(9, 9) && !c.even() {
			return false
		}
	case 15:
		// Of before 1999: without a check digit, so some word has to speak of papers.
		if !birthDate("19"+id[6:12]) || c.context != IDCard && !(c.context == "" && idProvince(id) && s.aboutPapers) {
			return false
		}
	default:
		return false
	}
	kind := IDCard
	if residence := id[0] == '8' && id[1] >= '1' && id[1] <= '3'; len(id) == 18 && (residence || id[0] == '9') {
		kind = Permit // residence permits for 港澳台 and foreigners have numbers built like identity cards
	}
	s.add(kind, c.start, end, keep(id, 1, 1))
	return true
}

// card recognises bank and credit cards: Luhn, UnionPay prefix, or a word that says so, since some
// passbook cards carry no check digit (lexicon §5).
func (s *scan) card(c candidate) bool {
	n := len(c.digits)
	if n < 14 || n > 19 || s.isPhone(c) {
		return false
	}
	if (c.digits[0] == '4' || c.digits[0] == '5') && n > 16 && len(c.groups) > 4 {
		return false // Visa and Mastercard have 16 digits; behind them comes the expiry date
	}
	named := c.context == BankCard
	unionPay := strings.HasPrefix(c.digits, "62") && n >= 16
	issuer := strings.IndexByte("34569", c.digits[0]) >= 0 && n >= 15
	switch {
	case named && (len(c.groups) == 1 || cardGroups(c)):
	case !issuer && c.digits[0] != '8':
		return false
	case unionPay && (len(c.groups) == 1 || cardGroups(c) || c.halved()):
	case issuer && luhn(c.digits) && (len(c.groups) == 1 || cardGroups(c) || len(c.groups) <= 3 && unionPay):
	default:
		return false
	}
	if !s.bounded(c.start, c.end) && !named && !luhn(c.digits) {
		return false
	}
	s.add(BankCard, c.start, c.end, keep(c.digits, 4, 4))
	s.behindCard(c.end)
	return true
}

// cardGroups reports whether the number is grouped as people group card numbers.
func cardGroups(c candidate) bool {
	if c.spelled() || c.sizes(6, 13) || c.sizes(6, 10) || c.sizes(4, 6, 5) || c.sizes(10, 9) || c.sizes(8, 8) || c.sizes(8, 11) || c.sizes(6, 4, 4, 5) {
		return true
	}
	if c.even() {
		return true
	}
	for i, g := range c.groups {
		if size := g.End - g.Start; size != 4 && (i < len(c.groups)-1 || size > 7) {
			return false
		}
	}
	return true
}

// insideCode reports whether letters make the number part of a code (R13812345678), not of a label
// such as tel or wx.
func (s *scan) insideCode(c candidate) bool {
	if isAlnum(s.rune(c.end)) {
		return !strings.HasPrefix(s.after(c.end, 4), "wx") && !strings.HasPrefix(s.after(c.end, 4), "vx")
	}
	if !isAlnum(s.rune(c.start - 1)) {
		return false
	}
	label := s.before(c.start, 8)
	for _, ok := range []string{"tel", "wx", "vx", "qq", "phone", "mobile", "sj", "sjh", "dh", "v", "call", "to"} {
		if strings.HasSuffix(label, ok) {
			return false
		}
	}
	return true
}

// account recognises what a word calls an account number, and numbers of 台胞证 and devices.
func (s *scan) account(c candidate) bool {
	n := len(c.digits)
	if hotline(c.digits) {
		return false
	}
	switch c.context {
	case Account:
		if n >= 9 && n <= 25 {
			s.add(Account, c.start, c.end, keep(c.digits, 0, 4))
			return true
		}
	case BankCard:
		if n >= 9 && n <= 25 && anyOf(s.before(c.start, 10), "卡号", "银行卡", "信用卡", "储蓄卡", "借记卡", "社保卡", "工资卡", "医保卡") && s.bounded(c.start, c.end) {
			s.add(Account, c.start, c.end, keep(c.digits, 0, 4))
			return true
		}
	case "taiwan":
		if n == 8 || n == 10 {
			s.add(Permit, c.start, c.end, keep(c.digits, 1, 2))
			return true
		}
	case "device":
		if n >= 14 && n <= 17 {
			s.add(Device, c.start, c.end, keep(c.digits, 0, 4))
			return true
		}
	}
	return false
}

// glued takes a group that is longer than any number apart: typed without a space between phone,
// identity card and card. Only numbers with a valid check digit are cut out; when there is one, the
// rest of the group is masked with it rather than left in the open.
func (s *scan) glued(run text.DigitRun, g text.Range) {
	d := run.Digits[g.Start:g.End]
	for i := 0; i+18 <= len(d) && i < 64; i++ {
		if id := d[i : i+18]; idProvince(id) && birthDate(id[6:14]) && idChecksum(id) {
			s.add(IDCard, run.At[g.Start], run.At[g.End-1]+1, strings.Repeat("*", min(len(d), 32)))
			return
		}
	}
	if c := s.nearest(run.At[g.Start]); c == BankCard || c == Account || c == IDCard || c == Phone {
		s.add(Account, run.At[g.Start], run.At[g.End-1]+1, strings.Repeat("*", min(len(d), 32)))
	}
}

// keep masks the middle of a number and keeps its ends.
func keep(d string, head, tail int) string {
	if len(d) <= head+tail {
		return strings.Repeat("*", len(d))
	}
	return d[:head] + strings.Repeat("*", len(d)-head-tail) + d[len(d)-tail:]
}

// amount reports whether what follows a number makes it a sum of money or a count.
func amount(after string) bool {
	for _, unit := range []string{"元", "块", "万", "亿", "美元", "美金", "日元", "港币", "欧元", "份", "%", "人民币", "rmb"} {
		if strings.HasPrefix(after, unit) {
			return true
		}
	}
	return false
}

func currency(r rune) bool { return r == '¥' || r == '￥' || r == '$' || r == '€' || r == '£' }
