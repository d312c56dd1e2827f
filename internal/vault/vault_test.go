package vault

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"yinda/internal/fault"
)

func TestMaskShows(t *testing.T) {
	for in, want := range map[string]string{
		"我手机13812345678，密码是654321": "我手机138****5678，密码是[已屏蔽:密码]",
		"身份证11010519491231002X":    "身份证1****************X",
		"卡号6222021234567890128":    "卡号6222***********0128",
		"座机010-88889999":           "座机010-****9999",
		"邮箱zhangsan@example.com":   "邮箱z***@example.com",
		"我叫张伟":                     "我叫张*",
		"我叫张三丰":                    "我叫张*丰",
		"户名欧阳娜娜":                   "户名欧阳*娜",
		"车牌京A12345":                "车牌京A***45",
		"IP是192.168.10.25":         "IP是192.168.*.*",
		"住在北京市朝阳区建国路88号":           "住在北京市朝阳区******",
		"护照E12345678":              "护照E******78",
		"信用代码91110105MA00ABCD1G":   "信用代码91110105********1G",
		"我号码幺三八零零幺二三四五六":           "我号码138****3456",
		"【测试银行】您的验证码为384920":       "【测试银行】您的验证码为[已屏蔽:验证码]",
		"信用卡有效期08/27，cvv 123":      "信用卡有效期[已屏蔽:有效期]，cvv [已屏蔽:安全码]",
		"定位39.904211,116.407394":   "定位39.90,116.41",
	} {
		if got := Mask(in).Text; got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}

func TestMaskJSON(t *testing.T) {
	got, err := json.Marshal(Mask("密码654321"))
	if want := `{"masked":"密码[已屏蔽:密码]","found":[{"type":"password","level":"C3","start":2,"end":8}]}`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
	got, err = json.Marshal(Mask("你好"))
	if want := `{"masked":"你好","found":[]}`; err != nil || string(got) != want {
		t.Errorf("%s, %v; want %s", got, err, want)
	}
}

func TestDestroyRemovesOnlySecrets(t *testing.T) {
	clean, found := Destroy("我叫张伟，手机13812345678，验证码384920")
	if want := "我叫张伟，手机13812345678，验证码[已屏蔽:验证码]"; clean != want {
		t.Errorf("got %q", clean)
	}
	if len(found) != 3 {
		t.Errorf("found %v", found)
	}
	if again, _ := Destroy(clean); again != clean {
		t.Errorf("not stable: %q", again)
	}
}

func TestWatchJoinsBubbles(t *testing.T) {
	start := time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)
	for _, c := range []struct {
		bubbles []string
		gap     time.Duration
		want    []string
	}{
		{[]string{"6222021234", "567890128"}, time.Second, []string{"[已屏蔽:卡号]", "[已屏蔽:卡号]"}},
		{[]string{"验证码", "384920"}, time.Second, []string{"验证码", "[已屏蔽:验证码]"}},
		{[]string{"我密码是", "654321"}, time.Second, []string{"我密码是", "[已屏蔽:密码]"}},
		{[]string{"我密码是48", "2910"}, time.Second, []string{"我密码是[已屏蔽:密码]", "[已屏蔽:密码]"}},
		{[]string{"验证码49", "38", "20"}, time.Second, []string{"验证码[已屏蔽:验证码]", "[已屏蔽:验证码]", "[已屏蔽:验证码]"}},
		{[]string{"我密码是[已屏蔽:密码]", "[已屏蔽:密码]", "10"}, time.Second, []string{"我密码是[已屏蔽:密码]", "[已屏蔽:密码]", "[已屏蔽:密码]"}},
		{[]string{"密码是[已屏蔽:密码]", "10"}, time.Second, []string{"密码是[已屏蔽:密码]", "10"}},
		{[]string{"密码忘了", "1"}, time.Second, []string{"密码忘了", "1"}},
		{[]string{"1381234", "5678"}, time.Second, []string{"[已屏蔽:手机号]", "[已屏蔽:手机号]"}},
		{[]string{"验证码", "384920"}, 2 * time.Minute, []string{"验证码", "384920"}},
		{[]string{"验证码", "在吗", "你好", "384920"}, time.Second, []string{"验证码", "在吗", "你好", "384920"}},
		{[]string{"手机13812345678", "谢谢"}, time.Second, []string{"手机138****5678", "谢谢"}},
		{[]string{"利率多少"}, time.Second, []string{"利率多少"}},
	} {
		var in []Bubble
		for i, s := range c.bubbles {
			in = append(in, Bubble{s, start.Add(time.Duration(i) * c.gap)})
		}
		var got []string
		for _, m := range Watch(in) {
			got = append(got, m.Text)
		}
		if !slices.Equal(got, c.want) {
			t.Errorf("%q: %q, want %q", c.bubbles, got, c.want)
		}
	}
	if got := Watch(nil); len(got) != 0 {
		t.Errorf("no bubbles: %v", got)
	}
}

// TestMaskIsLinear guards against hostile messages; quadratic work would take minutes.
func TestMaskIsLinear(t *testing.T) {
	for _, unit := range []string{"1", "6222 ", "密码", "验证码1", "我叫张", "北京市朝阳区建国路", "1,", "微信a", "【码】", "l3", "o0 ", "壹", "壹1", "蜜码", "密 码 ", "密码1\n2\n", "验证码 3、", "卡好6", "护照e 1", "前三位48", "a at b.com ", "a艾特b点", "户名li ", "我是李", "不是王", "李明本人", "我爱人何丽", "+1 23-", "one two ", "[a]码1", "姓名王·", "手机号13800,", "微❤信a"} {
		Mask(strings.Repeat(unit, 20_000/len([]rune(unit))))
	}
}

func FuzzMask(f *testing.F) {
	for _, s := range []string{"", "我手机13812345678", "密码是１２３４５６", "①②③④⑤⑥⑦⑧⑨⑩⑪", "\xff6222021234567890128", "【x】码123456", "北京市朝阳区建国路88号", "我叫张伟"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		m := Mask(s)
		n, last := len([]rune(s)), 0
		for _, x := range m.Found {
			if x.Start < last || x.End <= x.Start || x.End > n || kinds[x.Type].label == "" {
				t.Fatalf("%q: %+v", s, m.Found)
			}
			last = x.End
		}
		Destroy(s)
	})
}

func TestSealBindsTheRow(t *testing.T) {
	ring, err := ParseKeyring(NewMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	key, wrapped, err := ring.NewDataKey("conversation-1")
	if err != nil {
		t.Fatal(err)
	}
	sealed, err := key.Seal([]byte("身份证号"), "message", "7")
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Contains(sealed, []byte("身份证号")) {
		t.Error("readable")
	}
	again, err := ring.OpenDataKey(wrapped, "conversation-1")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := again.Open(sealed, "message", "7"); err != nil || string(plain) != "身份证号" {
		t.Errorf("%q, %v", plain, err)
	}
	if _, err := again.Open(sealed, "message", "8"); err == nil {
		t.Error("opened in another row")
	}
	sealed[len(sealed)-1] ^= 1
	if _, err := again.Open(sealed, "message", "7"); err == nil {
		t.Error("opened although altered")
	}
	if _, err := ring.OpenDataKey(wrapped, "conversation-2"); err == nil {
		t.Error("opened for another owner")
	}
	for n := range wrapped {
		if _, err := ring.OpenDataKey(wrapped[:n], "conversation-1"); err == nil {
			t.Errorf("opened with %d bytes", n)
		}
	}
}

func TestRotation(t *testing.T) {
	before, after := NewMasterKey(), NewMasterKey()
	old, _ := ParseKeyring(before)
	key, wrapped, _ := old.NewDataKey("c")
	sealed, _ := key.Seal([]byte("x"), "r")
	both, _ := ParseKeyring("# new\n" + after + "\n\n" + before + "\n")
	renewed, changed, err := both.Rewrap(wrapped, "c")
	if err != nil || !changed {
		t.Fatal(changed, err)
	}
	if _, changed, _ := both.Rewrap(renewed, "c"); changed {
		t.Error("wrapped twice")
	}
	only, _ := ParseKeyring(after)
	if _, err := only.OpenDataKey(wrapped, "c"); fault.KindOf(err) != fault.Unavailable {
		t.Errorf("old wrapping without its key: %v", err)
	}
	k, err := only.OpenDataKey(renewed, "c")
	if err != nil {
		t.Fatal(err)
	}
	if plain, err := k.Open(sealed, "r"); err != nil || string(plain) != "x" {
		t.Error(err)
	}
}

func TestLoadKeyring(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.key")
	if _, err := LoadKeyring(path, "YINDA_TEST_KEY"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("missing: %v", err)
	}
	if err := os.WriteFile(path, []byte(NewMasterKey()), 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeyring(path, ""); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("open to everybody: %v", err)
	}
	if err := os.Chmod(path, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := LoadKeyring(path, ""); err != nil {
		t.Error(err)
	}
	t.Setenv("YINDA_TEST_KEY", "short")
	if _, err := LoadKeyring(path, "YINDA_TEST_KEY"); fault.KindOf(err) != fault.Invalid {
		t.Errorf("broken: %v", err)
	}
}

func BenchmarkMask(b *testing.B) {
	for name, s := range map[string]string{
		"question": "请问信用卡挂失之后补办一张新卡需要多少工本费",
		"private":  "我叫张伟，身份证110101199003071233，手机13812345678，验证码384920",
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				Mask(s)
			}
		})
	}
}

// TestSecretsSeenInTheWild: forms that a tester or a blind set got past the lists.
func TestSecretsSeenInTheWild(t *testing.T) {
	for text, secret := range map[string]string{
		"我密码忘了，以前是zxcv7788":        "zxcv7788",
		"mm是qwer8899帮我看看":          "qwer8899",
		"pin is 5082, why blocked": "5082",
		"三位数是417,为什么付款还失败":         "417",
		"签名栏后面的数字是265":             "265",
		"token 上显示 362908,要输吗":     "362908",
	} {
		if m := Mask(text); strings.Contains(m.Text, secret) || !m.Secret() {
			t.Errorf("%q is shown as %q", text, m.Text)
		}
	}
	for _, text := range []string{"密码忘了怎么办", "令牌到期了怎么办", "密码输错3次", "签名栏是什么", "三位数的尾号"} {
		if m := Mask(text); m.Text != text {
			t.Errorf("%q is masked as %q", text, m.Text)
		}
	}
}
