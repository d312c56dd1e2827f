package vault

import (
	"regexp"
	"strings"
)

var addressWords = []string{"路", "街", "巷", "弄", "胡同", "村", "镇", "乡", "小区", "花园", "苑", "家园", "公寓", "栋", "幢", "单元", "室", "道", "大厦", "社区", "湾", "里", "山庄", "府", "address", "road", "street", "住"}

const (
	// number of a house or flat, also in Chinese
	no   = `(?:[甲乙丙]?第?[0-9零一二三四五六七八九十百]{1,5}[a-z]?(?:[\-之附][0-9一二三四五六七八九十]{1,4}){0,3})`
	unit = `(?:号院|号楼|号|栋|幢|座|单元|室|户|楼|层|弄|组|门|院|队)`
	// road is what a house number follows. 道, 里, 城 and the like are too often parts of other words.
	road = `(?:大?路|大?街|大道|[^知通渠频报难味轨赛管人]道|巷|弄|胡同|新村|村|镇|乡|小区|花园|花苑|苑|家园|公寓|嘉园|名邸|雅居|华庭|豪庭|大厦|社区|[东西南北中一二三四五六七八九十]里|庄园|山庄|公馆|国际城|新城|湾|府邸)`
)

var (
	addressRE = regexp.MustCompile(road + `(?:[东西南北中]段?|[\p{Han}a-z]{0,10}?)\s?` + no + unit + `(?:[\s,]?[\p{Han}a-z]{0,8}?` + no + unit + `?){0,5}(?:[a-z][室栋座幢区]|[\s\-]?[0-9]{2,4}(?:室|户)?)?`)
	// no house number, but region, county and village: 河南省太康县马头镇李家村
	villageRE = regexp.MustCompile(`\p{Han}{2,4}(?:省|自治区|市)\p{Han}{1,8}?(?:市|区|县|旗|州)\p{Han}{1,8}?(?:镇|乡|街道|路|街|大道)(?:\p{Han}{1,8}?(?:村|组|屯|社区|小区|花园|苑|家园|公寓|大厦|广场|路|街))?`)
	// 阳光花园3-2-501, 3栋2单元501
	flatRE  = regexp.MustCompile(`\p{Han}{2,8}?` + `(?:小区|花园|苑|家园|公寓|嘉园|社区|新村|大厦)` + `\s?(?:[0-9]{1,3}-[0-9]{1,3}-[0-9]{2,4}|[a-z]?[0-9]{1,3}(?:栋|幢|座|号楼|号)?[a-z0-9\-]*[0-9]{2,4}(?:室|户)?)`)
	blockRE = regexp.MustCompile(`[0-9a-z一二三四五六七八九十]{1,3}(?:栋|幢|号楼|座)[0-9a-z一二三四五六七八九十]{1,3}(?:单元|门)[0-9零一二三四五六七八九]{2,4}(?:室|户)?`)
	// Room 1203, Building 5, No. 88 Jianguo Road, Chaoyang District, Beijing
	englishRoadRE = regexp.MustCompile(`(?:(?:room|rm|flat|unit|apt|apartment|building|bldg|floor|suite)\.?\s?[0-9a-z\-]{1,6},?\s{0,2}){0,4}(?:no\.?\s?)?\d{1,5}[,\s]\s?[a-z][a-z ]{1,30}\s(?:road|rd|street|st|avenue|ave|lane)(?:,?\s?[a-z][a-z ]{1,24}){0,4}`)
	// 家住望江门外12-3-401
	homeRE   = regexp.MustCompile(`(?:家住|住在|住|家在|地址)[:是在]{0,2}(\p{Han}{2,12}?[0-9]{1,3}-[0-9]{1,3}-[0-9]{2,4})`)
	regionRE = regexp.MustCompile(`^(?:\p{Han}{2,7}?(?:省|自治区|特别行政区))?(?:\p{Han}{2,7}?(?:市|自治州|盟|地区))?(?:\p{Han}{1,6}?(?:区|县|旗|市))?`)
)

// Words before an address that are not part of it.
var addressLeads = []string{"地址", "住址", "住在", "家在", "位于", "寄到", "寄往", "寄给", "寄", "送到", "搬到", "户籍", "户口", "邮寄", "收件", "常住", "现住", "居住在", "现居", "老家", "租在", "住", "在", "是", "为", "到", "填", "改成", "换成", "叫", "从", "我家", "我现在住", "现在住", "目前住", "往", "于", "去", "我", "给", "了", "的", "写", "就"}

// Words behind an address that make it one of a branch or shop: public, not private.
var publicPlaces = []string{"支行", "分行", "网点", "银行", "营业", "atm", "分理处", "储蓄所", "柜台", "自助", "的支行", "的网点", "的银行", "的分行", "那家", "的atm", "附近", "窗口", "柜", "线", "到账", "之前", "以前", "前", "还款", "扣", "出账", "键", "文件", "公告", "通知", "门店", "atm机", "厅", "取款机"}

// places looks for postal addresses.
func (s *scan) places() {
	if !anyOf(s.str, addressWords...) {
		return
	}
	if s.has(" road", " rd", " street", " st", " ave", " lane") && s.has("address", "live", "room", "flat", "no.", "mail", "地址", "住", "寄") {
		s.each(englishRoadRE, 0, func(a, b int) { s.add(Address, a, b, "******") })
	}
	personal := anyOf(s.str, "地址", "住址", "住", "寄", "收件", "家在", "户籍", "户口", "送到", "我家", "老家")
	s.each(addressRE, 0, func(a, b int) { s.address(a, b, personal) })
	s.each(homeRE, 1, func(a, b int) { s.add(Address, a, b, "******") })
	s.each(flatRE, 0, func(a, b int) { s.address(a, b, true) })
	if personal {
		s.each(villageRE, 0, func(a, b int) { s.address(a, b, true) })
		s.each(blockRE, 0, func(a, b int) { s.address(a, b, true) })
	}
}

// address adds the address around the match, extended to the left up to the word that leads it in.
func (s *scan) address(core, end int, personal bool) {
	if s.public(core, end) {
		return
	}
	if strings.Contains(string(s.runes[core:end]), "号线") {
		return
	}
	start := core
	for start > 0 && core-start < 30 && (isHan(s.runes[start-1]) || start-1 > 0 && s.runes[start-1] == ' ' && isHan(s.runes[start-2])) {
		start--
	}
	// The match itself may begin with the word that leads it in: 通讯地址内蒙古自治区…
	for _, w := range []string{"地址", "住址", "住在", "寄到", "现居", "居住在", "老家", "户口在"} {
		if p := strings.LastIndex(string(s.runes[start:end]), w); p >= 0 {
			if n := start + len([]rune(string(s.runes[start:end])[:p+len(w)])); n < end-4 {
				start, core = n, max(core, n)
			}
		}
	}
	start = s.cutLead(start, core, end)
	for start < end {
		n := s.leads(start)
		if s.runes[start] == ' ' {
			n = 1
		}
		if n == 0 {
			break
		}
		start += n
	}
	whole := string(s.runes[start:end])
	region := regionRE.FindString(whole)
	if region == "" && !personal && !strings.ContainsAny(whole, "号栋幢室") {
		return
	}
	if !personal && region == "" && core-start < 1 {
		return
	}
	if anyOf(whole, "支行", "分行", "网点", "银行", "客服", "怎么", "什么", "热线", "道理", "知道", "通道", "渠道", "走路", "线路", "网路", "道歉", "怎样", "走到", "能到", "会到", "短信", "账单", "还款日") {
		return
	}
	s.add(Address, start, end, region+"******")
}

// public reports whether the address is that of a branch or shop, unless somebody lives there.
func (s *scan) public(core, end int) bool {
	if anyOf(s.before(core, 20), "住", "地址", "寄", "我家", "家在", "户籍") {
		return false
	}
	rest := s.after(end, 4)
	for _, w := range publicPlaces {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return anyOf(s.after(end, 7), "支行", "分行", "网点", "营业厅", "营业部", "atm", "储蓄所", "分理处")
}

// cutLead moves start behind the last word that leads an address in, as long as a place name of two
// characters is left in front of the road.
func (s *scan) cutLead(start, core, end int) int {
	head := string(s.runes[start:core])
	cut := 0
	for _, w := range addressLeads {
		if p := strings.LastIndex(head, w); p >= 0 && p+len(w) > cut {
			if rest := head[p+len(w):]; rest == "" && !strings.ContainsAny(string(s.runes[core:end]), "小区苑园") || strings.HasPrefix(rest, "州") {
				continue
			}
			cut = p + len(w)
		}
	}
	return start + len([]rune(head[:cut]))
}

// leads returns the length of the word at i that leads an address in, 0 if there is none.
func (s *scan) leads(i int) int {
	rest := s.after(i, 3)
	for _, w := range addressLeads {
		if strings.HasPrefix(rest, w) && !strings.HasPrefix(rest, "于都") {
			return len([]rune(w))
		}
	}
	return 0
}
