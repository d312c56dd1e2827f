package main

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"

	"yinda/internal/audit"
	"yinda/internal/auth"
	"yinda/internal/db"
	"yinda/internal/fault"
)

type userCmd struct {
	Add      userAddCmd      `cmd:"" help:"Create an account."`
	List     userListCmd     `cmd:"" help:"List the accounts."`
	Password userPasswordCmd `cmd:"" help:"Set a new password; all sessions of the account end."`
	Disable  userDisableCmd  `cmd:"" help:"Disable an account; all its sessions end."`
	Enable   userEnableCmd   `cmd:"" help:"Enable an account again."`
}

// Help is shown by `yinda user --help`.
func (userCmd) Help() string {
	return `Passwords are read from standard input, never from the command line, where other programs see them.

Examples:
  yinda user add --name 王芳 --roles editor wangfang < password.txt
  yinda user list`
}

type userAddCmd struct {
	Username string   `arg:"" help:"Name to sign in with: small letters, digits, . _ @ -."`
	Name     string   `help:"Name shown to colleagues." required:""`
	Roles    []string `help:"agent, supervisor, editor, reviewer, admin, auditor." required:""`
	Groups   []string `help:"Queue groups of an agent." placeholder:"general"`
	Capacity int      `help:"Conversations at a time of an agent." default:"5"`
	Agreed   string   `help:"Day of the confidentiality agreement, e.g. 2026-11-23."`
}

// Run creates the account.
func (c *userAddCmd) Run(env *environment) error {
	return withAccounts(env, "account.create", c.Username, func(s *auth.Service) error {
		password, err := readPassword(env)
		if err != nil {
			return err
		}
		roles := make([]auth.Role, len(c.Roles))
		for i, r := range c.Roles {
			roles[i] = auth.Role(strings.TrimSpace(r))
		}
		account, err := s.CreateUser(env.ctx, auth.NewUser{Username: c.Username, Name: c.Name, Password: password,
			Roles: roles, Groups: c.Groups, Capacity: c.Capacity, AgreementOn: c.Agreed})
		if err != nil {
			return err
		}
		fmt.Fprintf(env.out, "账号 %s（%s）已建立。\n", account.Username, account.Name)
		return nil
	})
}

type userListCmd struct{}

// Run prints one line an account.
func (c *userListCmd) Run(env *environment) error {
	return withAccounts(env, "", "", func(s *auth.Service) error {
		accounts, err := s.ListUsers(env.ctx)
		if err != nil {
			return err
		}
		w := tabwriter.NewWriter(env.out, 0, 4, 2, ' ', 0)
		fmt.Fprintln(w, "账号\t姓名\t角色\t最近登录\t状态")
		for _, a := range accounts {
			roles := make([]string, len(a.Roles))
			for i, r := range a.Roles {
				roles[i] = string(r)
			}
			last, state := "从未", "启用"
			if !a.SignedInAt.IsZero() {
				last = a.SignedInAt.Local().Format("2006-01-02 15:04")
			}
			if a.Disabled {
				state = "停用"
			}
			fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\n", a.Username, a.Name, strings.Join(roles, ","), last, state)
		}
		return w.Flush()
	})
}

type userPasswordCmd struct {
	Username string `arg:"" help:"The account."`
}

// Run sets the password read from standard input.
func (c *userPasswordCmd) Run(env *environment) error {
	return withAccounts(env, "account.password", c.Username, func(s *auth.Service) error {
		password, err := readPassword(env)
		if err != nil {
			return err
		}
		if err := s.SetPassword(env.ctx, c.Username, password); err != nil {
			return err
		}
		fmt.Fprintf(env.out, "账号 %s 的密码已更换，原有登录全部失效。\n", c.Username)
		return nil
	})
}

type userDisableCmd struct {
	Username string `arg:"" help:"The account."`
}

// Run disables the account.
func (c *userDisableCmd) Run(env *environment) error {
	return withAccounts(env, "account.disable", c.Username, func(s *auth.Service) error {
		if err := s.Disable(env.ctx, c.Username, true); err != nil {
			return err
		}
		fmt.Fprintf(env.out, "账号 %s 已停用，原有登录全部失效。\n", c.Username)
		return nil
	})
}

type userEnableCmd struct {
	Username string `arg:"" help:"The account."`
}

// Run enables the account.
func (c *userEnableCmd) Run(env *environment) error {
	return withAccounts(env, "account.enable", c.Username, func(s *auth.Service) error {
		if err := s.Disable(env.ctx, c.Username, false); err != nil {
			return err
		}
		fmt.Fprintf(env.out, "账号 %s 已启用。\n", c.Username)
		return nil
	})
}

// withAccounts opens the database for f, and records the action in the audit log ("" = only looked).
func withAccounts(env *environment, action, username string, f func(*auth.Service) error) error {
	if err := makeDataFolder(env.config.Database); err != nil {
		return err
	}
	d, err := db.Open(env.ctx, env.config.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	s, err := auth.New(auth.Options{DB: d, Clock: time.Now})
	if err != nil {
		return err
	}
	if err := f(s); err != nil || action == "" {
		return err
	}
	// Whoever may run this command is not known to the program; that it was run is.
	return audit.New(d, time.Now).Append(env.ctx, audit.Record{Actor: "command-line", ActorName: "命令行", Action: action, Object: username})
}

// makeDataFolder makes the folder of an embedded database.
func makeDataFolder(database string) error {
	path, ok := strings.CutPrefix(database, "sqlite:")
	if !ok {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fault.Wrap(err, fault.Invalid, "data_folder", fmt.Sprintf("不能建立数据文件夹 %s，请检查权限。", filepath.Dir(path)))
	}
	return nil
}

// readPassword reads one line. At a terminal it asks first.
func readPassword(env *environment) (string, error) {
	if f, ok := env.in.(*os.File); ok {
		if info, err := f.Stat(); err == nil && info.Mode()&os.ModeCharDevice != 0 {
			fmt.Fprint(env.err, "密码（输入会显示在屏幕上，请避开他人）：")
		}
	}
	line, err := bufio.NewReader(io.LimitReader(env.in, 1024)).ReadString('\n')
	if err != nil && line == "" {
		return "", usageError{"请从标准输入给出密码，例如：yinda user add … < password.txt"}
	}
	return strings.TrimRight(line, "\r\n"), nil
}
