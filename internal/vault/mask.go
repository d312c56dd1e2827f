package vault

import "yinda/internal/text"

// Level is the sensitivity of private data after JR/T 0171.
type Level string

// The levels that are treated. C3 is never stored, C2 is masked for show and encrypted.
const (
	C2 Level = "C2"
	C3 Level = "C3"
)

// Types of private data (lexicon §5, design §8).
const (
	IDCard     = "id_card"
	BankCard   = "bank_card"
	Account    = "account"
	Phone      = "phone"
	Landline   = "landline"
	CVV        = "cvv"
	Expiry     = "expiry"
	Password   = "password"
	OTP        = "otp"
	Track      = "track"           // magnetic stripe
	Answer     = "security_answer" // to a security question
	Email      = "email"
	Passport   = "passport"
	Permit     = "permit" // 港澳台 travel permits, old permanent residence permit
	MilitaryID = "military_id"
	Address    = "address"
	Plate      = "plate"
	Name       = "name"
	Wechat     = "wechat"
	QQ         = "qq"
	USCC       = "uscc"
	IP         = "ip"
	Device     = "device" // MAC address, IMEI
	Location   = "location"
)

// kinds gives each type its level, its name in a replacement, and its rank where findings overlap:
// the lower wins (lexicon §5).
var kinds = map[string]struct {
	level Level
	label string
	rank  int
}{
	Track: {C3, "磁道信息", 0}, OTP: {C3, "验证码", 1}, Password: {C3, "密码", 2}, CVV: {C3, "安全码", 3},
	Expiry: {C3, "有效期", 4}, Answer: {C3, "密保答案", 5},
	IDCard: {C2, "身份证号", 10}, BankCard: {C2, "卡号", 11}, USCC: {C2, "信用代码", 12}, Account: {C2, "账号", 13},
	Email: {C2, "邮箱", 14}, Phone: {C2, "手机号", 15}, Landline: {C2, "电话", 16}, Passport: {C2, "护照号", 17},
	Permit: {C2, "通行证号", 18}, MilitaryID: {C2, "军官证号", 19}, Plate: {C2, "车牌", 20}, Wechat: {C2, "微信号", 21},
	QQ: {C2, "QQ号", 22}, Device: {C2, "设备号", 23}, IP: {C2, "IP地址", 24}, Location: {C2, "位置", 25},
	Address: {C2, "地址", 26}, Name: {C2, "姓名", 27},
}

// Finding is private data found in a text: characters Start to End of the input, End excluded.
type Finding struct {
	Type  string `json:"type"`
	Level Level  `json:"level"`
	Start int    `json:"start"`
	End   int    `json:"end"`

	shown string // what stands in its place
}

// Label is the Chinese name of the finding's type, for notices and records.
func (f Finding) Label() string { return kinds[f.Type].label }

// Masked is a text that may be shown, and what was masked in it. Its JSON is the output of
// `yinda mask --json` (design §8). Found is never nil.
type Masked struct {
	Text  string    `json:"masked"`
	Found []Finding `json:"found"`
}

// Secret reports whether level C3 data was found: a fraud hint is due (lexicon §5).
func (m Masked) Secret() bool {
	for _, f := range m.Found {
		if f.Level == C3 {
			return true
		}
	}
	return false
}

// Mask finds all private data in s and replaces it by what may be shown: 138****5678, [已屏蔽:密码].
func Mask(s string) Masked {
	found := detect(text.Fold(s))
	return Masked{Text: replace([]rune(s), s, found), Found: found}
}

// MaskOnly masks the private data of s whose type want accepts, and reports only that. The guard
// uses it for texts of the bank, in which a branch's address is no secret.
func MaskOnly(s string, want func(kind string) bool) Masked {
	all := detect(text.Fold(s))
	found := all[:0]
	for _, f := range all {
		if want(f.Type) {
			found = append(found, f)
		}
	}
	return Masked{Text: replace([]rune(s), s, found), Found: found}
}

// Destroy removes the secrets (C3) from s and leaves everything else as it was. It is called before
// a message is stored, logged, indexed or given to any other part. found holds all findings, C2 too,
// with positions in s.
func Destroy(s string) (clean string, found []Finding) {
	found = detect(text.Fold(s))
	secrets := make([]Finding, 0, len(found))
	for _, f := range found {
		if f.Level == C3 {
			secrets = append(secrets, f)
		}
	}
	return replace([]rune(s), s, secrets), found
}

// replace puts what is shown in the place of each finding. Findings are sorted and do not overlap.
func replace(runes []rune, s string, found []Finding) string {
	if len(found) == 0 {
		return s
	}
	out := make([]rune, 0, len(runes))
	at := 0
	for _, f := range found {
		out = append(out, runes[at:f.Start]...)
		out = append(out, []rune(f.shown)...)
		at = f.End
	}
	return string(append(out, runes[at:]...))
}
