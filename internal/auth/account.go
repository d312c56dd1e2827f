package auth

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/uuid"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// Account is somebody who may sign in. The password hash never leaves this package.
type Account struct {
	ID          string    `json:"id"`
	Username    string    `json:"username"`
	Name        string    `json:"name"`
	Roles       []Role    `json:"roles"`
	Groups      []string  `json:"groups"`       // queue groups, for agents
	Capacity    int       `json:"capacity"`     // conversations at a time, for agents
	AgreementOn string    `json:"agreement_on"` // day of the confidentiality agreement (2006-01-02), "" = missing
	Disabled    bool      `json:"disabled"`
	CreatedAt   time.Time `json:"-"`
	SignedInAt  time.Time `json:"-"` // last time, zero = never

	hash string
}

// NewUser is what an account is made of. Zero Capacity means 5, no Groups means "general".
type NewUser struct {
	Username    string
	Name        string
	Password    string
	Roles       []Role
	Groups      []string
	Capacity    int
	AgreementOn string
}

// Change is what may be changed of an account; nil fields stay.
type Change struct {
	Name        *string
	Roles       []Role   // nil = unchanged
	Groups      []string // nil = unchanged
	Capacity    *int
	AgreementOn *string
	Disabled    *bool
}

// DefaultGroup is the queue group of agents and conversations that belong to no other.
const DefaultGroup = "general"

var (
	usernameForm = regexp.MustCompile(`^[a-z0-9][a-z0-9._@-]{1,63}$`)
	groupForm    = regexp.MustCompile(`^[a-z0-9][a-z0-9-]{0,31}$`)
)

func (a *Account) check() error {
	bad := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "bad_account", fmt.Sprintf(format, args...))
	}
	a.Username = strings.ToLower(strings.TrimSpace(a.Username))
	if !usernameForm.MatchString(a.Username) {
		return bad("用户名须为2—64位小写字母、数字、点、短横、下划线或@，并以字母或数字开头。")
	}
	a.Name = strings.TrimSpace(a.Name)
	if n := utf8.RuneCountInString(a.Name); n == 0 || n > 32 || !utf8.ValidString(a.Name) || strings.ContainsAny(a.Name, "\x00\n\r\t<>") {
		return bad("姓名须为1—32个字符，不含换行和尖括号。")
	}
	if len(a.Roles) == 0 {
		return bad("请至少选择一个角色：%s。", roleNames())
	}
	for _, r := range a.Roles {
		if permissions[r] == nil {
			return bad("没有“%s”这个角色，可用的角色：%s。", r, roleNames())
		}
	}
	slices.SortFunc(a.Roles, func(x, y Role) int { return slices.Index(Roles, x) - slices.Index(Roles, y) })
	a.Roles = slices.Compact(a.Roles)
	if len(a.Groups) == 0 {
		a.Groups = []string{DefaultGroup}
	}
	for _, g := range a.Groups {
		if !groupForm.MatchString(g) {
			return bad("技能组“%s”的名称须为1—32位小写字母、数字或短横。", g)
		}
	}
	if a.Capacity == 0 {
		a.Capacity = 5
	}
	if a.Capacity < 1 || a.Capacity > 50 {
		return bad("同时接待的会话数须在1—50之间。")
	}
	if a.AgreementOn != "" {
		if _, err := time.Parse(time.DateOnly, a.AgreementOn); err != nil {
			return bad("保密协议签署日期须写成2026-01-31的形式。")
		}
	}
	return nil
}

func roleNames() string {
	names := make([]string, len(Roles))
	for i, r := range Roles {
		names[i] = string(r)
	}
	return strings.Join(names, "、")
}

var errNoAccount = fault.New(fault.NotFound, "no_account", "没有这个账号，请核对用户名。")

// CreateUser adds an account. fault.Invalid when a field or the password breaks a rule,
// fault.Conflict when the name is taken.
func (s *Service) CreateUser(ctx context.Context, u NewUser) (Account, error) {
	a := Account{
		ID: "u-" + uuid.NewString(), Username: u.Username, Name: u.Name, Roles: slices.Clone(u.Roles),
		Groups: slices.Clone(u.Groups), Capacity: u.Capacity, AgreementOn: u.AgreementOn, CreatedAt: s.clock().UTC(),
	}
	if err := a.check(); err != nil {
		return Account{}, err
	}
	if err := CheckPassword(a.Username, u.Password); err != nil {
		return Account{}, err
	}
	hash, err := s.hasher.hash(ctx, u.Password)
	if err != nil {
		return Account{}, err
	}
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		n, err := tx.Exec(`INSERT INTO account (id, username, name, roles, groups, capacity, password_hash, agreement_on, disabled, created_at, updated_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, 0, ?, ?) ON CONFLICT (username) DO NOTHING`,
			a.ID, a.Username, a.Name, list(a.Roles), list(a.Groups), a.Capacity, hash, a.AgreementOn, db.Micros(a.CreatedAt), db.Micros(a.CreatedAt))
		if err != nil {
			return err
		}
		if n == 0 {
			return fault.New(fault.Conflict, "username_taken", fmt.Sprintf("用户名“%s”已被使用，请换一个。", a.Username))
		}
		return nil
	})
	if err != nil {
		return Account{}, wrap("create account", err)
	}
	return a, nil
}

// UpdateUser changes an account. fault.NotFound without such an account; fault.Conflict when no
// administrator would be left. Disabling ends every session of the account.
func (s *Service) UpdateUser(ctx context.Context, username string, c Change) (Account, error) {
	var a Account
	err := s.db.Write(ctx, func(tx *db.Tx) error {
		var err error
		if a, err = scanAccount(tx.QueryRow(selectAccount+` WHERE username = ?`, strings.ToLower(strings.TrimSpace(username))).Scan); err != nil {
			return err
		}
		wasAdmin := !a.Disabled && a.Has(Admin)
		c.apply(&a)
		if err := a.check(); err != nil {
			return err
		}
		if wasAdmin && (a.Disabled || !a.Has(Admin)) {
			if err := otherAdmin(tx, a.ID); err != nil {
				return err
			}
		}
		if _, err := tx.Exec(`UPDATE account SET name = ?, roles = ?, groups = ?, capacity = ?, agreement_on = ?, disabled = ?, updated_at = ? WHERE id = ?`,
			a.Name, list(a.Roles), list(a.Groups), a.Capacity, a.AgreementOn, truth(a.Disabled), db.Micros(s.clock()), a.ID); err != nil {
			return err
		}
		if a.Disabled {
			_, err = tx.Exec(`DELETE FROM account_session WHERE account_id = ?`, a.ID)
		}
		return err
	})
	if err != nil {
		return Account{}, wrap("update account", err)
	}
	return a, nil
}

func (c Change) apply(a *Account) {
	if c.Name != nil {
		a.Name = *c.Name
	}
	if c.Roles != nil {
		a.Roles = slices.Clone(c.Roles)
	}
	if c.Groups != nil {
		a.Groups = slices.Clone(c.Groups)
	}
	if c.Capacity != nil {
		a.Capacity = *c.Capacity
	}
	if c.AgreementOn != nil {
		a.AgreementOn = *c.AgreementOn
	}
	if c.Disabled != nil {
		a.Disabled = *c.Disabled
	}
}

// otherAdmin fails when no enabled administrator but id exists: nobody could let anybody in again.
func otherAdmin(tx *db.Tx, id string) error {
	var n int
	if err := tx.QueryRow(`SELECT COUNT(*) FROM account WHERE disabled = 0 AND id <> ? AND roles LIKE '%"admin"%'`, id).Scan(&n); err != nil {
		return err
	}
	if n == 0 {
		return fault.New(fault.Conflict, "last_admin", "这是最后一个可用的管理员账号，不能停用或取消管理员角色。请先设置另一位管理员。")
	}
	return nil
}

// Disable switches an account off (or on again) and ends its sessions.
func (s *Service) Disable(ctx context.Context, username string, disabled bool) error {
	_, err := s.UpdateUser(ctx, username, Change{Disabled: &disabled})
	return err
}

// SetPassword gives an account a new password and ends all its sessions.
func (s *Service) SetPassword(ctx context.Context, username, password string) error {
	a, err := s.Find(ctx, username)
	if err != nil {
		return err
	}
	if err := CheckPassword(a.Username, password); err != nil {
		return err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return err
	}
	return wrap("set password", s.db.Write(ctx, func(tx *db.Tx) error {
		if _, err := tx.Exec(`UPDATE account SET password_hash = ?, updated_at = ? WHERE id = ?`, hash, db.Micros(s.clock()), a.ID); err != nil {
			return err
		}
		_, err := tx.Exec(`DELETE FROM account_session WHERE account_id = ?`, a.ID)
		return err
	}))
}

// ChangePassword is SetPassword by the owner of the account, who has to know the old one:
// fault.Invalid when it does not match, limited like a sign-in.
func (s *Service) ChangePassword(ctx context.Context, id, old, password string) error {
	a, err := s.Get(ctx, id)
	if err != nil {
		return err
	}
	if wait := s.byAccount.Take(a.Username, s.clock()); wait > 0 {
		return tooManyAttempts(wait)
	}
	ok, err := s.hasher.matches(ctx, old, a.hash)
	if err != nil {
		return err
	}
	if !ok {
		return fault.New(fault.Invalid, "wrong_password", "原密码不正确。")
	}
	if old == password {
		return fault.New(fault.Invalid, "weak_password", "新密码不能与原密码相同。")
	}
	return s.SetPassword(ctx, a.Username, password)
}

// ListUsers answers all accounts by name.
func (s *Service) ListUsers(ctx context.Context) ([]Account, error) {
	rows, err := s.db.Query(ctx, selectAccount+` ORDER BY username`)
	if err != nil {
		return nil, wrap("list accounts", err)
	}
	defer rows.Close()
	out := []Account{}
	for rows.Next() {
		a, err := scanAccount(rows.Scan)
		if err != nil {
			return nil, wrap("list accounts", err)
		}
		out = append(out, a)
	}
	return out, rows.Err()
}

// Find answers the account of that name; fault.NotFound when there is none.
func (s *Service) Find(ctx context.Context, username string) (Account, error) {
	a, err := scanAccount(s.db.QueryRow(ctx, selectAccount+` WHERE username = ?`, strings.ToLower(strings.TrimSpace(username))).Scan)
	return a, wrap("find account", err)
}

// Get answers the account with that id; fault.NotFound when there is none.
func (s *Service) Get(ctx context.Context, id string) (Account, error) {
	a, err := scanAccount(s.db.QueryRow(ctx, selectAccount+` WHERE id = ?`, id).Scan)
	return a, wrap("get account", err)
}

const selectAccount = `SELECT id, username, name, roles, groups, capacity, password_hash, agreement_on, disabled, created_at, signed_in_at FROM account`

func scanAccount(into func(...any) error) (Account, error) {
	var a Account
	var roles, groups string
	var disabled, created, signedIn int64
	err := into(&a.ID, &a.Username, &a.Name, &roles, &groups, &a.Capacity, &a.hash, &a.AgreementOn, &disabled, &created, &signedIn)
	if errors.Is(err, sql.ErrNoRows) {
		return a, errNoAccount
	}
	if err != nil {
		return a, err
	}
	if err := json.Unmarshal([]byte(roles), &a.Roles); err != nil {
		return a, fmt.Errorf("roles of %s: %w", a.ID, err)
	}
	if err := json.Unmarshal([]byte(groups), &a.Groups); err != nil {
		return a, fmt.Errorf("groups of %s: %w", a.ID, err)
	}
	a.Disabled, a.CreatedAt, a.SignedInAt = disabled != 0, db.Time(created), db.Time(signedIn)
	return a, nil
}

func list[T ~string](items []T) string {
	b, _ := json.Marshal(items)
	return string(b)
}

func truth(b bool) int64 {
	if b {
		return 1
	}
	return 0
}

// wrap names what failed for the log, and leaves faults as they are.
func wrap(what string, err error) error {
	if err == nil {
		return nil
	}
	if _, ok := errors.AsType[*fault.Error](err); ok {
		return err
	}
	return fmt.Errorf("auth: %s: %w", what, db.Explain(err))
}
