package vault

import "testing"

func TestMaskShows(t *testing.T) {
	for in, want := range map[string]string{
		"我手机13812345678，密码是654321": "我手机138****5678，密码是[已屏蔽:密码]",
		"身份证11010519491231002X":    "身份证1****************X",
		"卡号6222021234567890128":    "卡号6222***********0128",
	} {
		if got := Mask(in).Text; got != want {
			t.Errorf("Mask(%q) = %q, want %q", in, got, want)
		}
	}
}
