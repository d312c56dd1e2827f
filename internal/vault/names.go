package vault

import (
	"regexp"
	"slices"
	"strings"
)

// commonSurnames are surnames that are rarely the beginning of another word; rareSurnames often are
// (方便, 于是, 金卡) and count only where a label such as 姓名: stands before them.
const (
	commonSurnames = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许吕施张孔曹严华魏陶姜戚谢邹喻苏潘葛范彭郎鲁韦马苗凤俞任袁柳鲍史唐费廉岑薛雷贺倪汤滕殷罗毕郝邬安乐傅卞齐康伍余顾孟黄穆萧尹姚邵湛汪祁毛狄米臧戴宋庞熊纪舒屈祝董梁杜阮蓝闵席季贾江童颜郭梅林刁钟徐邱骆高夏蔡田樊胡凌霍虞柯昝管卢莫房裘缪解应丁宣邓郁单杭洪包诸左石崔吉龚程嵇邢裴陆荣翁荀羊惠甄曲封芮储靳汲邴糜松井段富巫乌焦巴牧隗谷车侯宓蓬全郗班仰秋仲伊宫宁仇栾甘厉戎祖武符刘景詹束龙叶幸司韶郜黎蓟薄印宿怀蒲邰鄂索咸籍赖卓蔺屠蒙池乔阴胥能苍闻莘党翟谭贡劳姬申扶堵冉宰郦雍璩桑桂濮牛寿边扈燕冀郏浦尚温庄晏柴瞿阎充慕连茹习宦艾鱼容古易慎戈廖庾终暨居衡步都耿满弘匡寇广禄阙东欧利师巩聂勾敖冷訾辛阚那简饶曾沙鞠丰巢关蒯查荆红游竺权逯盖益桓公肖闫涂代岳帅覃佟"
	rareSurnames   = "方于时金白常向平何成元计明万支安全单包解应程连易车管封都居容富能终满广东利师权公红古步习查关曲景高石秋怀党松武温劳印索池边充步游益盖那牧班左钱乐康余荣惠储宁祖龙叶幸司党尚代幸许任曾江林文盛花俞酆章云昌路经房国年党涂雷农别"
)

// titles stand behind a surname in the place of a given name: 王总 is nobody's full name.
var titles = []string{"总", "哥", "姐", "叔", "姨", "某", "先生", "女士", "小姐", "经理", "师傅", "客户", "客服", "老师", "员工", "老板", "阿姨", "大爷", "大妈", "行长", "主任"}

var compoundSurnames = []string{"欧阳", "司马", "诸葛", "上官", "尉迟", "夏侯", "皇甫", "东方", "公孙", "慕容", "令狐", "司徒", "长孙", "宇文", "轩辕", "端木", "南宫", "西门", "独孤", "申屠", "公冶", "澹台", "濮阳", "赫连", "呼延", "钟离", "闻人", "完颜", "纳兰", "司空", "太史", "万俟"}

var introductions = []string{"我叫", "我是", "姓名", "户名", "名字", "本人", "持卡人", "收款", "付款", "开户人", "户主", "联系人", "申请人", "借款人", "收件人", "法人", "叫", "转给", "汇给", "打给", "客户", "我姓", "名叫", "寄给", "柜员", "经理", "给", "联系", "找", "顾客", "储户", "用户"}

var (
	// strongRE are labels after which a name is expected; weakRE are words that may introduce one.
	strongRE = regexp.MustCompile(`(?:姓名|户名|(?:户主|账户|开户|真实|我的|我|他的|她的|全)名字?|名字|持卡人|收款人|收款方|付款人|付款方|汇款人|开户人|存款人|户主|联系人|紧急联系人|申请人|借款人|担保人|收件人|法定代表人|法人代表|法人|客户名称?|被保险人|投保人|受益人|机主|户主名|对方户名)(?:姓名|名字|名称)?(?:\s|:|=|,|是|为|叫|写的是|写的|填的|填|"|“|\(|就是)*`)
	weakRE   = regexp.MustCompile(`(?:我叫|我名叫|名叫|大名|我是|本人是|本人叫|本人|(?:老公|老婆|丈夫|妻子|爱人|儿子|女儿|孩子|父亲|母亲|爸爸|妈妈|爸|妈|爷爷|奶奶|哥哥|姐姐|弟弟|妹妹|朋友|同事|骗子|对方|他|她|经理|柜员|家人|亲戚|对象|女友|男友|外婆|外公|儿媳|女婿|房东|先生|太太|室友|同学|舅舅|姑姑|叔叔|阿姨)(?:名字)?(?:叫|是)|叫做?|转给(?:了)?|转账给(?:了)?|汇给(?:了)?|打给(?:了)?|汇款给(?:了)?|寄给|转到(?:了)?|给(?:他|她)?转账的(?:是)?|客户|顾客|储户|用户|请联系|联系|找)(?:\s|:|,|"|“)*`)
)

// giveRE: 给张敏转账
var giveRE = regexp.MustCompile(`给(\p{Han}{2,4}?)(?:转账|转了|转过|汇款|汇了|打款|打了|打钱|存|付款|还款|还钱|转)`)

// Words that may follow a name, so that the name ends where they begin.
var afterName = []string{"的", "在", "是", "想", "要", "身份", "手机", "电话", "卡", "先生", "女士", "您好", "你好", "麻烦", "帮", "我", "来", "请", "办", "申请", "尾号", "号", "今年", "之前", "现在", "已经", "也", "已", "用", "与", "跟", "去", "到", "开", "打", "住", "有", "没", "上", "下", "转", "查", "咨询", "投诉", "反映", "和", "她", "他", "银行", "账", "存", "想问", "这", "那", ",", "吗", "吧", "啊", "呢", "需", "了", "怎么", "为什么", "能", "可以", "不", "刚", "从", "把", "被", "给", "密码", "还", "前", "昨", "一直", "就", "丢", "户", "生日", "出生", "男", "女", "联系", "微信", "地址", "家", "收", "汇", "借", "欠", "骗", "说", "让", "叫", "对", "发", "公司", "单位", "名下", "姓", "邮箱", "护照", "车", "qq", "同志", "老师", "经理", "本人", "谢谢", "人", "(", "以", "因", "曾", "每", "于", "同", "做", "新", "老"}

// Words that begin like a name and are none.
var notNames = []string{"谢谢", "安全", "安排", "安装", "方便", "方案", "方法", "方向", "方式", "方面", "何时", "何地", "何人", "任何", "年龄", "时候", "时间", "于是", "金卡", "白金", "黄金", "金额", "金融", "常用", "常客", "万一", "平安", "平台", "平时", "明天", "明白", "成功", "成都", "成人", "全部", "全额", "全家", "全名", "单位", "单独", "单身", "解冻", "解除", "应该", "应当", "程序", "管理", "管家", "连续", "连接", "易付", "车主", "车贷", "房贷", "房东", "高级", "高中", "高兴", "高端", "石油", "温州", "江苏", "江西", "苏州", "徐州", "郑州", "杭州", "常州", "贺卡", "党员", "文员", "文化", "文科", "包括", "包月", "余额", "毛病", "马上", "费用", "储蓄", "储户", "鲁莽", "曾经", "顾客", "关于", "关注", "关系", "项目", "相关", "查询", "查账", "广东", "广西", "东北", "农行", "农民", "公司", "公积", "公安", "公务", "公众", "公职", "国企", "国家", "经理", "经常", "路人", "花呗", "支付", "支行", "严重", "钱包", "钱不", "钱没", "钱都", "许多", "别人", "别的", "华为", "华夏", "陆续", "景区", "计算", "计划", "元旦", "和平", "白领", "白户", "老师", "水电", "云南", "贵州", "海南", "山东", "空白", "空户", "尚未", "司机", "左右", "那个", "那边", "年轻", "年纪", "满意", "向您", "向你", "向我", "安卓", "能不", "能否", "居民", "居家", "东西", "容易", "都是", "都不", "都没", "都有", "都可", "富豪", "古董", "步行", "游戏", "游客", "红包", "权限", "利息", "利率", "师傅", "凤凰", "宁波", "温馨", "巴不", "索赔", "程度", "房产", "能查", "能用", "代办", "代表", "代理", "戴着", "封控", "石家", "汤水", "米粉", "范围", "盛大", "乐意", "康复", "印象", "幸好", "幸运", "牛人", "龙卡", "叶子", "黑户", "乐器", "终于", "边上", "充值", "充电", "温柔", "习惯", "单亲", "段时", "谷歌", "胡说", "鱼龙", "满头", "孟加", "沙发", "慎重", "毕业", "任务", "阳光", "班主", "秋天", "牧民", "武汉", "申请", "申购", "申诉", "怀疑", "籍贯", "劳动", "劳务", "简单", "石头", "广告", "益阳", "封闭", "关闭", "满足", "红利", "时常", "曲线", "池州", "荣幸", "纪念", "纪检", "林业", "卫生", "武警", "游泳", "管户", "任职", "全职", "兼职", "解决", "解绑", "查不", "查过", "查一", "查了", "解释", "何必", "何况", "和我", "和你", "和他", "钱的", "钱被", "能办", "能不能", "车险", "段位", "东莞", "全国", "全款", "房租", "房客", "燕京", "尚可", "党委", "应届", "单子", "广发", "易方", "华泰", "师兄", "师姐", "利润", "祝您", "祝你", "宁愿", "顾问", "路费", "石化", "甘肃", "田里", "巩固", "冷静", "辛苦", "辛亏", "都江", "温暖", "尤其", "宣传", "解约", "毛利", "封号", "封卡", "冻结"}

// names looks for personal names behind words that introduce them, gated by the surname.
func (s *scan) names() {
	s.besideNumbers()
	if !anyOf(s.str, introductions...) {
		return
	}
	for _, m := range strongRE.FindAllStringIndex(s.str, -1) {
		s.name(int(s.at[m[1]]), true)
	}
	for _, m := range giveRE.FindAllStringSubmatchIndex(s.str, -1) {
		s.name(int(s.at[m[2]]), false)
	}
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
	ahead := s.after(i, 3)
	for _, w := range notNames {
		if strings.HasPrefix(ahead, w) {
			return
		}
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
	if common && !rare || (common || rare) && (labelled || s.rune(i-1) == '叫' || !isHan(s.rune(i+3)) || !isHan(s.rune(i+2))) {
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
