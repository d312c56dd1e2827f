package vault

import (
	"regexp"
	"slices"
	"strings"
)

// commonSurnames are surnames that are rarely the beginning of another word; rareSurnames often are
// (方便, 于是, 金卡) and count only where a label such as 姓名: stands before them.
const (
	commonSurnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许吕施张孔曹严华魏陶姜戚谢邹喻苏潘葛范彭郎鲁韦马苗凤俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安乐傅卞齐康伍余顾孟黄穆萧尹姚邵湛汪祁毛狄米臧戴宋庞熊纪舒屈祝董梁杜阮蓝闵席季贾江童颜郭梅林刁钟徐邱骆高夏蔡田樊胡凌霍虞柯昝管卢莫房裘缪解应丁宣邓郁单杭洪包诸左石崔吉龚程嵇邢裴陆荣翁荀羊惠甄曲封芮储靳汲邴糜松井段富巫乌焦巴牧隗谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿怀蒲邰鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍闻莘党翟谭贡劳姬申扶堵冉宰郦雍璩桑桂濮牛寿边扈燕冀郏浦尚温庄晏柴瞿阎充慕连茹习宦艾鱼容古易慎戈廖庾终暨居衡步都耿满弘匡寇广禄阙东欧利师巩聂勾敖冷訾辛阚那简饶曾沙鞠丰巢关蒯查荆红游竺权逯盖益桓公肖闫涂代岳帅覃佟麦邝佘仝苟冼揭逄亓晁楚隋窦奚茅娄牟尧柏仉衷肇禤付兰皮伏谈麻路商阳官母占卜由檀滑展强区原伦敬贝云花"
	rareSurnames   = "方于时金白常向平何成元计明万支安全单包解应程连易车管封都居容富能终满广东利师权公红古步习查关曲景高石秋怀党松武温劳印索池边充步游益盖那牧班左钱乐康余荣惠储宁祖龙叶幸司党尚代幸许任曾江林文盛花俞酆章云昌路经房国年党涂雷农别付兰皮伏谈麻商阳官母占卜由檀滑展强区原伦敬贝"
)

// titles stand behind a surname in the place of a given name: 王总 is nobody's full name.
var titles = []string{"总", "哥", "姐", "叔", "姨", "某", "先生", "女士", "小姐", "经理", "师傅", "客户", "客服", "老师", "员工", "老板", "阿姨", "大爷", "大妈", "行长", "主任"}

var compoundSurnames = []string{"欧阳", "司马", "诸葛", "上官", "尉迟", "夏侯", "皇甫", "东方", "公孙", "慕容", "令狐", "司徒", "长孙", "宇文", "轩辕", "端木", "南宫", "西门", "独孤", "申屠", "公冶", "澹台", "濮阳", "赫连", "呼延", "钟离", "闻人", "完颜", "纳兰", "司空", "太史", "万俟"}

var introductions = []string{"我叫", "我是", "姓名", "户名", "名字", "本人", "持卡人", "收款", "付款", "开户人", "户主", "联系人", "申请人", "借款人", "收件人", "法人", "叫", "转给", "汇给", "打给", "客户", "我姓", "名叫", "寄给", "柜员", "经理", "给", "联系", "找", "顾客", "储户", "用户", "大名", "鄙人", "老公", "老婆", "丈夫", "妻子", "爱人", "受益", "担保", "投保", "被保", "借款", "女士", "先生", "小姐", "name", "姓", "cardholder", "老师", "同志", "i am", "i'm", "this is", "应该是", "不是", "男", "女", "查", "对象", "卡主", "的卡", "的账", "的手机", "的身份证", "拼音", "英文名", "护照上"}

var (
	// strongRE are labels after which a name is expected; weakRE are words that may introduce one.
	strongRE = regexp.MustCompile(`(?:name["”]?\s?[:=]|姓名|户名|(?:户主|账户|开户|真实|我的|我|他的|她的|全)名字?|名字|持卡人|(?:转账|汇款|收款)对象|收款人|收款方|付款人|付款方|汇款人|开户人|存款人|户主|联系人|紧急联系人|申请人|借款人|担保人|收件人|法定代表人|法人代表|法人|客户名称?|被保险人|投保人|受益人|机主|卡主|户主名|对方户名)(?:姓名|名字|名称)?(?:\s|:|=|,|应该|其实|实际|[两三四]个字|是|为|叫|写的是|写的|填的|填|"|“|\(|就是)*`)
	weakRE   = regexp.MustCompile(`(?:我叫|我名叫|名叫|大名(?:叫|是)?|鄙人|在下|我是|本人是|本人叫|本人|(?:老公|老婆|丈夫|妻子|爱人|儿子|女儿|孩子|父亲|母亲|爸爸|妈妈|爸|妈|爷爷|奶奶|哥哥|姐姐|弟弟|妹妹|朋友|同事|骗子|对方|他|她|经理|柜员|家人|亲戚|对象|女友|男友|外婆|外公|儿媳|女婿|房东|先生|太太|室友|同学|舅舅|姑姑|叔叔|阿姨)(?:名字)?(?:叫|是)|叫[做作]?|转给(?:了)?|转账给(?:了)?|汇给(?:了)?|打给(?:了)?|汇款给(?:了)?|寄给|转到(?:了)?|给(?:他|她)?转账的(?:是)?|客户|顾客|储户|用户|请联系|联系|找)(?:\s|:|,|"|“)*`)
)

// giveRE: 给张敏转账
var giveRE = regexp.MustCompile(`给(\p{Han}{2,4}?)(?:转账|转了|转过|汇款|汇了|打款|打了|打钱|存|付款|还款|还钱|转)`)

// Words that may follow a name, so that the name ends where they begin.
var afterName = []string{"的", "在", "是", "想", "要", "身份", "手机", "电话", "卡", "先生", "女士", "您好", "你好", "麻烦", "帮", "我", "来", "请", "办", "申请", "尾号", "号", "今年", "之前", "现在", "已经", "也", "已", "用", "与", "跟", "去", "到", "开", "打", "住", "有", "没", "上", "下", "转", "查", "咨询", "投诉", "反映", "和", "她", "他", "银行", "账", "存", "想问", "这", "那", ",", "吗", "吧", "啊", "呢", "需", "了", "怎么", "为什么", "能", "可以", "不", "刚", "从", "把", "被", "给", "密码", "还", "前", "昨", "一直", "就", "丢", "户", "生日", "出生", "男", "女", "联系", "微信", "地址", "家", "收", "汇", "借", "欠", "骗", "说", "让", "叫", "对", "发", "公司", "单位", "名下", "姓", "邮箱", "护照", "车", "qq", "同志", "老师", "经理", "本人", "谢谢", "人", "(", "以", "因", "曾", "每", "于", "同", "做", "新", "老", "变", "改", "更", "注销", "销户", "挂失", "签", "持", "委托", "代", "必须"}

// Words that begin like a name and are none.
var notNames = []string{"全员", "全公", "那里", "明抢", "车来", "申报", "计程", "车券", "车会", "印成", "印错", "年化", "都打", "都对", "都换", "都赚", "都差", "都知", "金库", "车辆", "全称", "班级", "车直", "代码", "赖货", "房里", "房住", "房仲", "常年", "左撇", "韩国", "那串", "花子", "车行", "管事", "阴历", "安心", "白名", "车限", "孙子", "孙女", "欧洲", "钱已", "钱转", "代发", "许愿", "别个", "云会", "王八", "皮球", "皮包", "皮肤", "原因", "原件", "原路", "原先", "原本", "肇事", "白减", "白交", "白跑", "白花", "白等", "仲裁", "金牛", "白羊", "宋朝", "唐朝", "汤圆", "黄牛", "安徽", "高新", "温和的", "张家", "马鞍", "连云", "吕梁", "许昌", "安阳", "韶关", "常德", "江门", "江宁", "江阴", "梅州", "温岭", "邢台", "宿州", "宿迁", "景德", "黄冈", "黄石", "黄山", "黄埔", "荆州", "荆门", "金华", "衡水", "衡阳", "邵阳", "乌鲁", "焦作", "通州", "徐家", "徐汇", "王府", "李家", "石景", "房山", "龙岗", "罗湖", "宝安", "花都", "余杭", "萧山", "柯桥", "沈阳", "洪山", "汉口", "强制", "原来", "由于", "展示", "路上", "区别", "来源", "商家", "商户", "商业", "阳历", "阳性", "官方", "官网", "母亲", "付款", "付费", "付了", "付不", "占用", "兰州", "云闪", "云端", "花钱", "花费", "花了", "花的", "什么", "能", "岳母", "岳父", "章", "都能", "都会", "都要", "都填", "都用", "都得", "都写", "谢谢", "安全", "安排", "安装", "方便", "方案", "方法", "方向", "方式", "方面", "何时", "何地", "何人", "任何", "年龄", "时候", "时间", "于是", "金卡", "白金", "黄金", "金额", "金融", "常用", "常客", "万一", "平安", "平台", "平时", "明天", "明白", "成功", "成都", "成人", "全部", "全额", "全家", "全名", "单位", "单独", "单身", "解冻", "解除", "应该", "应当", "程序", "管理", "管家", "连续", "连接", "易付", "车主", "车贷", "房贷", "房东", "高级", "高中", "高兴", "高端", "石油", "温州", "江苏", "江西", "苏州", "徐州", "郑州", "杭州", "常州", "贺卡", "党员", "文员", "文化", "文科", "包括", "包月", "余额", "毛病", "马上", "费用", "储蓄", "储户", "鲁莽", "曾经", "顾客", "关于", "关注", "关系", "项目", "相关", "查询", "查账", "广东", "广西", "东北", "农行", "农民", "公司", "公积", "公安", "公务", "公众", "公职", "国企", "国家", "经理", "经常", "路人", "花呗", "支付", "支行", "严重", "钱包", "钱不", "钱没", "钱都", "许多", "别人", "别的", "华为", "华夏", "陆续", "景区", "计算", "计划", "元旦", "和平", "白领", "白户", "老师", "水电", "云南", "贵州", "海南", "山东", "空白", "空户", "尚未", "司机", "左右", "那个", "那边", "年轻", "年纪", "满意", "向您", "向你", "向我", "安卓", "能不", "能否", "居民", "居家", "东西", "容易", "都是", "都不", "都没", "都有", "都可", "富豪", "古董", "步行", "游戏", "游客", "红包", "权限", "利息", "利率", "师傅", "凤凰", "宁波", "温馨", "巴不", "索赔", "程度", "房产", "能查", "能用", "代办", "代表", "代理", "戴着", "封控", "石家", "汤水", "米粉", "范围", "盛大", "乐意", "康复", "印象", "幸好", "幸运", "牛人", "龙卡", "叶子", "黑户", "乐器", "终于", "边上", "充值", "充电", "温柔", "习惯", "单亲", "段时", "谷歌", "胡说", "鱼龙", "满头", "孟加", "沙发", "慎重", "毕业", "任务", "阳光", "班主", "秋天", "牧民", "武汉", "申请", "申购", "申诉", "怀疑", "籍贯", "劳动", "劳务", "简单", "石头", "广告", "益阳", "封闭", "关闭", "满足", "红利", "时常", "曲线", "池州", "荣幸", "纪念", "纪检", "林业", "卫生", "武警", "游泳", "管户", "任职", "全职", "兼职", "解决", "解绑", "查不", "查过", "查一", "查了", "解释", "何必", "何况", "和我", "和你", "和他", "钱的", "钱被", "能办", "能不能", "车险", "段位", "东莞", "全国", "全款", "房租", "房客", "燕京", "尚可", "党委", "应届", "单子", "广发", "易方", "华泰", "师兄", "师姐", "利润", "祝您", "祝你", "宁愿", "顾问", "路费", "石化", "甘肃", "田里", "巩固", "冷静", "辛苦", "辛亏", "都江", "温暖", "尤其", "宣传", "解约", "毛利", "封号", "封卡", "冻结"}

// names looks for personal names behind words that introduce them, gated by the surname.
func (s *scan) names() {
	s.besideNumbers()
	if !anyOf(s.str, introductions...) {
		return
	}
	for _, m := range strongRE.FindAllStringIndex(s.str, -1) {
		if !strings.HasSuffix(s.str[:m[0]], "什么") { // 叫什么名字都能办吗
			s.name(int(s.at[m[1]]), true)
		}
	}
	for _, m := range giveRE.FindAllStringSubmatchIndex(s.str, -1) {
		s.name(int(s.at[m[2]]), false)
	}
	if s.has("户名", "姓名", "名字", "收款人", "持卡人", "名") {
		s.each(renamedRE, 1, func(a, _ int) {
			if !strings.ContainsRune(rareSurnames, s.runes[a]) { // 是不是白减了
				s.name(a, false)
			}
		})
	}
	whole := func(a, b int) {
		if s.wholeName(a, b) && s.given(a+1, b) && !s.startsWord(a) {
			s.add(Name, a, b, showName(s.runes[a:b], s.surname(a, false)))
		}
	}
	if s.has("本人") {
		s.each(selfRE, 1, whole)
	}
	if s.has("的") {
		s.each(ownerRE, 1, whole)
	}
	s.each(spelledRE, 1, func(a, b int) {
		if s.surname(a, true) > 0 {
			s.add(Name, a, b, "*")
		}
	})
	if s.has("查") {
		s.each(askedRE, 1, whole)
	}
	if s.has("男", "女") {
		s.each(sexRE, 1, whole)
	}
	if strings.ContainsFunc(s.str, isLetter) {
		s.latinNames()
	}
	s.minorityNames()
	if s.has("女士", "先生", "小姐", "同志") {
		s.titled()
	}
	s.families()
	for _, m := range weakRE.FindAllStringIndex(s.str, -1) {
		s.name(int(s.at[m[1]]), false)
	}
}

// besideNumbers adds names that stand alone beside a private number: 李雪梅，11010…，138….
func (s *scan) besideNumbers() {
	for _, h := range slices.Clone(s.hits) {
		if h.kind != IDCard && h.kind != Phone && h.kind != BankCard {
			continue
		}
		end := h.start
		for end > 0 && strings.ContainsRune(" ,、:;/\n", s.runes[end-1]) && h.start-end < 3 {
			end--
		}
		start := end
		for start > 0 && end-start < 5 && isHan(s.runes[start-1]) {
			start--
		}
		if end < h.start && end-start >= 2 && end-start <= 4 && s.wholeName(start, end) {
			s.name(start, false)
		}
		start = h.end
		for start < len(s.runes) && strings.ContainsRune(" ,、;/\n", s.runes[start]) && start-h.end < 3 {
			start++
		}
		end = start
		for end < len(s.runes) && end-start < 5 && isHan(s.runes[end]) {
			end++
		}
		if start > h.end && end-start >= 2 && end-start <= 4 && s.wholeName(start, end) {
			s.name(start, false)
		}
	}
}

// wholeName reports whether the characters are exactly surname and given name.
func (s *scan) wholeName(start, end int) bool {
	surname := s.surname(start, false)
	return surname > 0 && end-start <= surname+2 && end-start > surname && (surname == 2 || strings.ContainsRune(commonSurnames, s.runes[start]) && !strings.ContainsRune(rareSurnames, s.runes[start]))
}

// name adds the name that begins at i, if one does.
func (s *scan) name(i int, labelled bool) {
	surname := s.surname(i, labelled)
	if surname == 0 {
		return
	}
	if s.startsWord(i) {
		return
	}
	if s.famous(i + surname) {
		return
	}
	// Two characters of given name before one: 王小明 before 王小, when the name ends there.
	for given := 2; given >= 1; given-- {
		end := i + surname + given
		if end > len(s.runes) || !s.given(i+surname, end) || !s.endsName(end) {
			continue
		}
		if given == 2 && s.followsName(i+surname+1) && !s.hardEnd(end) {
			continue // 张伟来了: 来 belongs to the sentence
		}
		s.add(Name, i, end, showName(s.runes[i:end], surname))
		return
	}
	// Behind a label a name is certain, only its end is not.
	if end := min(i+surname+2, len(s.runes)); labelled && s.given(i+surname, end) && end-i >= surname+1 && strings.ContainsRune(":=", s.rune(i-1)) {
		s.add(Name, i, end, showName(s.runes[i:end], surname))
	}
}

func (s *scan) surname(i int, labelled bool) int {
	if i+1 >= len(s.runes) {
		return 0
	}
	if slices.Contains(compoundSurnames, string(s.runes[i:i+2])) {
		return 2
	}
	r := s.runes[i]
	if !labelled && anyOf(s.before(i, 3), "客户", "顾客", "储户", "用户", "联系", "找") && strings.ContainsRune("安方于时经和向平常明成单全满", r) {
		return 0 // 与您联系安排, 客户方面
	}
	common, rare := strings.ContainsRune(commonSurnames, r), strings.ContainsRune(rareSurnames, r)
	if common && !rare || (common || rare) && (labelled || s.rune(i-1) == '叫' || !isHan(s.rune(i+3)) || !isHan(s.rune(i+2)) || strings.HasSuffix(s.before(i, 2), "本人") && anyOf(s.after(i+3, 2), "申请", "办理", "要求", "身份")) {
		return 1
	}
	return 0
}

// given reports whether the characters can be a given name.
func (s *scan) given(from, to int) bool {
	for _, w := range titles {
		if strings.HasPrefix(s.after(from, 2), w) {
			return false
		}
	}
	for _, r := range s.runes[from:to] {
		if r == '和' && s.hardEnd(to) && strings.HasSuffix(s.before(from, 2), "叫"+s.after(from-1, 1)) {
			continue // 我叫温和平
		}
		if !isHan(r) || strings.ContainsRune("的了吗呢啊吧是我你他她它们什么怎这那哪不没被把给和与或及", r) {
			return false
		}
	}
	return true
}

// endsName reports whether a name may end before i.
func (s *scan) endsName(i int) bool { return s.hardEnd(i) || s.followsName(i) }

func (s *scan) hardEnd(i int) bool { return i >= len(s.runes) || !isHan(s.runes[i]) }

func (s *scan) followsName(i int) bool {
	rest := s.after(i, 3)
	for _, w := range afterName {
		if strings.HasPrefix(rest, w) {
			return true
		}
	}
	return false
}

// showName keeps the surname and, of a three-character name, the last character: 张*, 张*丰, 欧阳*娜.
func showName(name []rune, surname int) string {
	if given := len(name) - surname; given == 1 {
		return string(name[:surname]) + "*"
	}
	return string(name[:surname]) + "*" + string(name[len(name)-1:])
}

var (
	// A name in Latin letters counts only behind a label that expects one.
	latinRE = regexp.MustCompile(`(?:户名拼音|姓名拼音|英文名字?|护照上的?(?:名字)?(?:叫|是|写的是?)|我叫|名叫|户名|姓名|名字|持卡人|收款人|付款人|开户人|联系人|收件人|申请人|户主|(?:^|[^a-z])(?:my name is|name is|name|i am called|card ?holder(?: name)?|account holder|payee|beneficiary))(?:["”]?\s?(?:[:=]|是|为|叫|写的是|写的|填的|is))*\s?["“]?([a-z]{2,15}(?:[ /·,.\-]{1,2}[a-z]{1,15}){0,3})`)
	pinyin  = regexp.MustCompile(`^(?:(?:zh|ch|sh|[bpmfdtnlgkhjqxrzcsyw])?(?:iang|iong|uang|ang|eng|ing|ong|ian|iao|uai|uan|ai|ei|ao|ou|an|en|in|un|er|ia|ie|iu|ua|ue|ui|uo|a|o|e|i|u|v)){1,4}$`)
	// 买买提·吐尔逊: names with a dot have no surname to tell them by.
	minorityRE = regexp.MustCompile(`(?:姓名|户名|名字|持卡人|收款人|付款人|开户人|联系人|我叫|叫|本人|我是)(?:[\s:=,]|是|为|叫)*(\p{Han}{2,7}[·•・]\p{Han}{2,8}?)(?:的|,|。|$|[^\p{Han}]|卡|账|身份|手机|电话)`)
	titledRE   = regexp.MustCompile(`(?:^|[^\p{Han}]|客户|我是|请|找|给|叫|和|跟|联系|转|汇)(\p{Han}{2,4})(?:女士|先生|小姐|同志)`)
	familyRE   = regexp.MustCompile(`(?:老公|老婆|丈夫|妻子|爱人|媳妇|儿子|女儿|父亲|母亲|妈妈|爸爸)(\p{Han}{2,3})`)
	// 户名应该是裴晓峰不是裴小峰
	renamedRE = regexp.MustCompile(`(?:应该是|应该叫|应为|正确的?是|不是|而是|写成了?|打成了?|填成了?|改成|改为)(\p{Han})`)
	sexRE     = regexp.MustCompile(`(?:^|[^\p{Han}])(\p{Han}{2,4})[,\s、/;]{1,2}(?:男|女)(?:[,\s、/;]|$)`)
	selfRE    = regexp.MustCompile(`(?:(?:^|[^\p{Han}])(?:我?是|我)?|是)(\p{Han}{2,4}?)本人`)
	// I am Chen Jianguo
	iamRE = regexp.MustCompile(`(?:^|[^a-z])(?:i am|i'm|this is|im) ([a-z]{2,7}) ([a-z]{2,14})(?:$|[^a-z])`)
	// 户名:陆 文 秋
	spelledRE = regexp.MustCompile(`(?:姓名|户名|名字|持卡人|收款人|我叫|本人)[\s:=是为叫]{0,3}(\p{Han}[ \-.]\p{Han}(?:[ \-.]\p{Han})?)(?:$|[^\p{Han}])`)
	// 岑思远的卡6217…
	ownerRE = regexp.MustCompile(`(?:^|[^\p{Han}])(\p{Han}{3,4}?)的(?:卡|银行卡|信用卡|工资卡|账户|账号|手机|电话|身份证|证件)[号码\s:是为]{0,4}[0-9]`)
	// 帮忙查下霍建华的贷款
	askedRE = regexp.MustCompile(`查询?(?:一下|下)?(\p{Han}{2,4}?)(?:的|名下)`)
	// 姓:王 名:建国, of a form
	formRE = regexp.MustCompile(`姓[:\s]{0,2}(\p{Han}{1,2})[,\s]{0,2}名[:\s]{0,2}(\p{Han}{1,2})(?:$|[^\p{Han}])`)
)

// notLatinNames are words behind a label that are no names.
var notLatinNames = map[string]bool{"is": true, "on": true, "not": true, "the": true, "a": true, "an": true, "of": true, "my": true, "mismatch": true, "wrong": true, "error": true, "change": true, "changed": true, "card": true, "account": true, "bank": true, "what": true, "how": true, "and": true, "in": true, "for": true, "does": true, "do": true, "can": true, "must": true, "should": true, "pinyin": true, "english": true, "vip": true, "app": true, "icbc": true, "etc": true, "id": true, "ok": true, "no": true, "or": true, "spelled": true, "spelling": true, "has": true, "was": true, "with": true, "to": true, "please": true, "update": true, "different": true, "incorrect": true, "field": true, "required": true, "password": true, "null": true, "user": true, "username": true, "mobile": true, "phone": true, "same": true, "as": true}

// latinNames adds names in Latin letters behind a label: two words or more, or one in pinyin.
func (s *scan) latinNames() {
	for _, m := range iamRE.FindAllStringSubmatchIndex(s.str, -1) {
		if latinSurnames[s.str[m[2]:m[3]]] && pinyin.MatchString(s.str[m[4]:m[5]]) && !notLatinNames[s.str[m[4]:m[5]]] {
			s.add(Name, int(s.at[m[2]]), int(s.at[m[5]]), strings.ToUpper(s.str[m[2]:m[2]+1])+"***")
		}
	}
	for _, m := range latinRE.FindAllStringSubmatchIndex(s.str, -1) {
		v := s.str[m[2]:m[3]]
		words := strings.FieldsFunc(v, func(r rune) bool { return strings.ContainsRune(" /·,.-", r) })
		length, count := 0, 0
		for _, w := range words {
			if notLatinNames[w] {
				break
			}
			if i := strings.Index(v[length:], w); i >= 0 {
				length += i + len(w)
			}
			if count++; strings.HasPrefix(v[length:], ", ") {
				break // Wang Dawei, card lost
			}
		}
		if count == 0 || count == 1 && (length < 5 || !pinyin.MatchString(v[:length])) {
			continue
		}
		if count >= 2 && !pinyin.MatchString(words[0]) && !pinyin.MatchString(words[1]) && s.str[m[2]-1] != ':' && !strings.HasSuffix(s.str[:m[2]], "is ") {
			continue
		}
		a := int(s.at[m[2]])
		if end := a + length; !isAlnum(s.rune(end)) && s.rune(end) != '@' && s.rune(end) != '_' {
			s.add(Name, a, end, strings.ToUpper(v[:1])+"***")
		}
	}
}

// latinSurnames are the surnames of nine people in ten, and their spellings in Hong Kong and Taiwan.
var latinSurnames = func() map[string]bool {
	m := map[string]bool{}
	for _, w := range strings.Fields(`zhao qian sun li zhou wu zheng wang feng chen chu wei jiang shen han yang zhu qin you xu he lv lu shi zhang kong cao yan hua jin tao qi xie zou yu bai shui dou su pan ge fan peng lang wei chang ma miao fang ren yuan liu tang lei he ni luo bi hao an le shi fu pi bian kang wu meng huang mu xiao yin yao shao wang mao di mi bei ming zang ji dai song pang xiong shu qu xiang zhu dong liang du ruan lan min jia lu jiang tong guo mei sheng lin diao zhong qiu gao xia cai tian hu ling huo wan ke guan mo jing mou zhuo ding deng cui gong cheng lai wen zhuang chai yi liao tan xin nie zeng sha
		chan wong lee cheung lau chow ng leung tsang yip chung cheng kwok kwan choi hui lam yeung tam ho siu fung tsui chang hsu tsai liu hsieh chiu kuo tseng`) {
		m[w] = true
	}
	return m
}()

// minorityNames adds names written with a dot, and the two halves of a form.
func (s *scan) minorityNames() {
	if s.has("·", "•", "・") {
		s.each(minorityRE, 1, func(a, b int) {
			if !anyOf(string(s.runes[a:b]), "有", "能", "的", "吗", "怎", "什", "点") {
				s.add(Name, a, b, showName(s.runes[a:b], 1))
			}
		})
	}
	if !s.has("姓") {
		return
	}
	for _, m := range formRE.FindAllStringSubmatchIndex(s.str, -1) {
		if a, b := int(s.at[m[2]]), int(s.at[m[4]]); s.surname(a, true) > 0 {
			s.add(Name, a, int(s.at[m[3]]), "*")
			s.add(Name, b, int(s.at[m[5]]), "*")
		}
	}
}

// titled adds full names before a title: 赵敏女士. A surname alone (王女士) is nobody's name.
func (s *scan) titled() {
	s.each(titledRE, 1, func(a, b int) {
		for from := a; from < b-1; from++ {
			if (from == a || from == a+1 && strings.ContainsRune("找给叫请和跟转汇", s.runes[a])) && s.wholeName(from, b) && s.given(from+1, b) && !s.startsWord(from) {
				s.add(Name, from, b, showName(s.runes[from:b], s.surname(from, false)))
				return
			}
		}
	})
}

// families adds names right behind a relative: 我爱人何丽丽. Only three characters with a surname
// that begins no other word are sure enough without 叫.
func (s *scan) families() {
	s.each(familyRE, 1, func(a, b int) {
		if b-a == 3 && (s.wholeName(a, b) || s.surname(a, true) == 1 && s.runes[a+1] == s.runes[a+2]) && s.given(a+1, b) && !s.startsWord(a) && s.endsName(b) {
			s.add(Name, a, b, showName(s.runes[a:b], 1))
		}
	})
}

// famous reports whether the person whose given name begins at i is spoken of as one of public
// life: 马云的粉丝, 周杰伦代言的卡.
func (s *scan) famous(i int) bool {
	return anyOf(s.after(i, 7), "的粉丝", "粉丝", "代言", "联名", "的歌", "的电影", "的书", "名言", "演唱会", "的演讲", "主题")
}

func isLetter(r rune) bool { return r >= 'a' && r <= 'z' }

// startsWord reports whether a word that is no name begins at i.
func (s *scan) startsWord(i int) bool {
	ahead := s.after(i, 3)
	for _, w := range notNames {
		if strings.HasPrefix(ahead, w) {
			return true
		}
	}
	return false
}
