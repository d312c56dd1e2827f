package auth

import (
	"context"
	"fmt"
	"runtime"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/alexedwards/argon2id"

	"yinda/internal/fault"
)

// Limits of a password, in characters. 128 keeps hashing of hostile input short.
const (
	minPassword = 10
	maxPassword = 128
)

// commonPasswords are beginnings of what people choose when the rules demand letters and digits.
var commonPasswords = []string{"password", "passw0rd", "12345", "qwerty", "abc123", "admin", "welcome", "letmein", "yinda123", "iloveyou", "woaini", "88888", "66666", "00000", "11111"}

// CheckPassword says whether a password may be used for the account with this name: at least ten
// characters of at least three sorts (or twenty of any), not the account's name, nothing that is
// tried first. Errors are fault.Invalid with a message that says what to change.
func CheckPassword(username, password string) error {
	weak := func(format string, args ...any) error {
		return fault.New(fault.Invalid, "weak_password", fmt.Sprintf(format, args...))
	}
	if !utf8.ValidString(password) || strings.ContainsRune(password, 0) {
		return weak("密码含有无法识别的字符，请换一个。")
	}
	n := utf8.RuneCountInString(password)
	if n < minPassword {
		return weak("密码太短：至少%d个字符，现在是%d个。", minPassword, n)
	}
	if n > maxPassword {
		return weak("密码太长：最多%d个字符。", maxPassword)
	}
	lower := strings.ToLower(password)
	if username = strings.ToLower(username); len(username) >= 3 && strings.Contains(lower, username) {
		return weak("密码不能包含用户名。")
	}
	for _, c := range commonPasswords {
		if strings.HasPrefix(lower, c) {
			return weak("密码以常见密码“%s”开头，很容易被猜到，请换一个。", c)
		}
	}
	var upper, small, digit, other, different bool
	first, _ := utf8.DecodeRuneInString(password)
	for _, r := range password {
		switch {
		case unicode.IsUpper(r):
			upper = true
		case unicode.IsLower(r):
			small = true
		case unicode.IsDigit(r):
			digit = true
		default:
			other = true
		}
		different = different || r != first
	}
	if !different {
		return weak("密码不能是同一个字符的重复。")
	}
	sorts := 0
	for _, has := range []bool{upper, small, digit, other} {
		if has {
			sorts++
		}
	}
	if sorts < 3 && n < 20 {
		return weak("密码须包含大写字母、小写字母、数字、其他字符中的至少三类，或不少于20个字符。")
	}
	return nil
}

// hasher hashes and compares passwords, a few at a time.
type hasher struct {
	params *argon2id.Params
	slots  chan struct{}
	decoy  string // compared when the account does not exist, so that the answer takes as long
}

func newHasher(params *argon2id.Params) (*hasher, error) {
	if params == nil {
		// One lane: two sign-ins at a time must not take all processors from the chat.
		params = &argon2id.Params{Memory: 64 << 10, Iterations: 1, Parallelism: 1, SaltLength: 16, KeyLength: 32}
	}
	decoy, err := argon2id.CreateHash("nobody has this password", params)
	if err != nil {
		return nil, fmt.Errorf("auth: hash: %w", err)
	}
	// 64 MiB each: four at once are 256 MiB at most.
	return &hasher{params: params, slots: make(chan struct{}, min(4, max(1, runtime.GOMAXPROCS(0)/2))), decoy: decoy}, nil
}

// enter waits for a free slot, for at most five seconds: fault.TooMany then.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	ctx, cancel := context.WithTimeout(ctx, 5*time.Second)
	defer cancel()
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots }, nil
	case <-ctx.Done():
		return nil, fault.New(fault.TooMany, "sign_in_busy", "登录的人太多，请几秒钟后再试。")
	}
}

func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(password, h.params)
	if err != nil {
		return "", fmt.Errorf("auth: hash: %w", err)
	}
	return hash, nil
}

// matches compares with a stored hash, or with the decoy when hash is empty (then never true).
func (h *hasher) matches(ctx context.Context, password, hash string) (bool, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	if hash == "" {
		_, err := argon2id.ComparePasswordAndHash(password, h.decoy)
		return false, err
	}
	ok, err := argon2id.ComparePasswordAndHash(password, hash)
	if err != nil {
		return false, fmt.Errorf("auth: stored hash: %w", err)
	}
	return ok, nil
}
