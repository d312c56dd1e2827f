package handoff

import (
	"strings"
	"testing"

	"yinda/internal/db"
	"yinda/internal/vault"
)

func newVault(t testing.TB) Privacy {
	t.Helper()
	keys, err := vault.ParseKeyring(vault.NewMasterKey())
	if err != nil {
		t.Fatal(err)
	}
	return Vault(keys)
}

func TestTheRealVault(t *testing.T) {
	each(t, func(t *testing.T, d *db.DB) {
		s := start(t, d, func(o *Options) { o.Privacy = newVault(t) })
		g := enter(t, s)
		g.say("我手机13812345678，密码是654321")
		g.hears("回答：")
		g.say("验证码")
		g.say("384920")
		eventually(t, func() string {
			if r := g.record(); r.turnFrom != 0 {
				return "not answered"
			}
			return ""
		})
		all := strings.Join(g.log(), "\n") + everything(t, d)
		for _, secret := range []string{"13812345678", "654321", "384920"} {
			if strings.Contains(all, secret) {
				t.Errorf("%s is shown or stored in the clear:\n%s", secret, strings.Join(g.log(), "\n"))
			}
		}
		text, err := s.Reveal(t.Context(), Staff{ID: "a", Name: "小李"}, g.id, 1, "核实身份")
		if err != nil || !strings.Contains(text, "13812345678") || strings.Contains(text, "654321") {
			t.Fatalf("%q %v", text, err)
		}
		wantCode(t, s.Erase(t.Context(), Staff{ID: "a"}, g.id, "客户要求"), "still_open")
		f := agent(t, s, "a", 1)
		if err := s.Claim(t.Context(), f, g.id); err != nil {
			t.Fatal(err)
		}
		if err := s.CloseConversation(t.Context(), f, g.id, WrapUp{Result: "resolved"}); err != nil {
			t.Fatal(err)
		}
		if err := s.Erase(t.Context(), f, g.id, "客户要求"); err != nil {
			t.Fatal(err)
		}
		wantCode(t, s.Erase(t.Context(), f, g.id, "客户要求"), "erased")
		if log := strings.Join(g.log(), "\n"); strings.Contains(log, "手机") {
			t.Fatal(log)
		}
		if _, err := s.Get(t.Context(), g.id); err != nil {
			t.Fatal(err)
		}
		if _, err := Verify(t.Context(), d, g.id); err != nil {
			t.Fatal(err)
		}
	})
}
