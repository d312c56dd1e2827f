package auth

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/alexedwards/argon2id"
	"github.com/alexedwards/scs/v2"

	"yinda/internal/db"
	"yinda/internal/fault"
	"yinda/internal/limit"
)

// CookieName is the name of the session cookie.
const CookieName = "yinda_session"

// Options of the service.
type Options struct {
	DB               *db.DB
	Clock            func() time.Time // nil means time.Now
	Lifetime         time.Duration    // of a session; 0 means 12 h, one shift
	InsecureCookie   bool             // allows sign-in over plain HTTP on other than loopback addresses
	RequireAgreement bool             // no sign-in without a confidentiality agreement (requirements PS-17)
	HashParams       *argon2id.Params // nil means 64 MiB, one pass; tests use cheaper ones
}

// Service manages accounts and sessions. It is safe for concurrent use.
type Service struct {
	db        *db.DB
	clock     func() time.Time
	hasher    *hasher
	sessions  *scs.SessionManager
	insecure  bool
	agreement bool
	byAccount *limit.Keys
	byAddress *limit.Keys
}

// New makes a service on a migrated database.
func New(o Options) (*Service, error) {
	if o.Clock == nil {
		o.Clock = time.Now
	}
	if o.Lifetime == 0 {
		o.Lifetime = 12 * time.Hour
	}
	h, err := newHasher(o.HashParams)
	if err != nil {
		return nil, err
	}
	sessions := scs.New()
	sessions.Lifetime = o.Lifetime
	sessions.Codec = sessionCodec{}
	sessions.Store = sessionStore{o.DB, o.Clock}
	return &Service{
		db: o.DB, clock: o.Clock, hasher: h, sessions: sessions, insecure: o.InsecureCookie, agreement: o.RequireAgreement,
		// Five wrong passwords in a row, then one every 20 s: 4 320 guesses a day against one account.
		byAccount: limit.New(20*time.Second, 5),
		// A branch behind one address signs in at nine o'clock: thirty at once, then one every 2 s.
		byAddress: limit.New(2*time.Second, 30),
	}, nil
}

var (
	errSignedOut = fault.New(fault.Unauthorized, "signed_out", "您还没有登录，或登录已过期，请重新登录。")
	errBadLogin  = fault.New(fault.Unauthorized, "bad_login", "用户名或密码不正确。")
)

// SignIn checks name and password and sets the session cookie on w. address is the client's, for the
// limit. fault.Unauthorized when they do not match (also for a disabled account: who may not come in
// is not told why), fault.TooMany after too many attempts, fault.Forbidden when the confidentiality
// agreement is missing or the connection would not carry the cookie.
func (s *Service) SignIn(w http.ResponseWriter, r *http.Request, address, username, password string) (Account, error) {
	username = strings.ToLower(strings.TrimSpace(username))
	secure, err := s.secureCookie(r)
	if err != nil {
		return Account{}, err
	}
	now := s.clock()
	if wait := max(s.byAddress.Take(address, now), s.byAccount.Take(username, now)); wait > 0 {
		return Account{}, tooManyAttempts(wait)
	}
	if len(password) > 4*maxPassword {
		return Account{}, errBadLogin
	}
	ctx := r.Context()
	a, err := s.Find(ctx, username)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Account{}, err
	}
	ok, err := s.hasher.matches(ctx, password, a.hash)
	if err != nil {
		return Account{}, err
	}
	if !ok || a.Disabled {
		return Account{}, errBadLogin
	}
	if s.agreement && a.AgreementOn == "" {
		return Account{}, fault.New(fault.Forbidden, "agreement_missing", "您的账号没有登记保密协议，暂时不能登录。请联系管理员登记签署日期。")
	}
	s.byAccount.Forget(username)
	a.SignedInAt = now.UTC()
	if _, err := s.db.Exec(ctx, `UPDATE account SET signed_in_at = ? WHERE id = ?`, db.Micros(now), a.ID); err != nil {
		return Account{}, wrap("sign in", err)
	}
	return a, s.open(ctx, w, a.ID, secure)
}

func tooManyAttempts(wait time.Duration) error {
	return fault.New(fault.TooMany, "too_many_attempts",
		fmt.Sprintf("尝试次数过多，请%d秒后再试。忘记密码请联系管理员重置。", int(wait.Seconds())+1))
}

// open makes a new session; a token that came with the request is never reused (session fixation).
func (s *Service) open(ctx context.Context, w http.ResponseWriter, id string, secure bool) error {
	ctx, err := s.sessions.Load(ctx, "")
	if err != nil {
		return wrap("session", err)
	}
	s.sessions.Put(ctx, accountKey, id)
	token, expiry, err := s.sessions.Commit(ctx)
	if err != nil {
		return wrap("session", err)
	}
	http.SetCookie(w, &http.Cookie{
		Name: CookieName, Value: token, Path: "/", Expires: expiry, MaxAge: int(time.Until(expiry).Seconds()),
		HttpOnly: true, Secure: secure, SameSite: http.SameSiteLaxMode,
	})
	return nil
}

// secureCookie decides whether the cookie gets Secure. The page's own Origin tells whether the
// browser came by HTTPS, also through a proxy. Over plain HTTP a Secure cookie would silently be
// dropped by the browser: on a loopback address it is left off, elsewhere the sign-in is refused
// with the reason.
func (s *Service) secureCookie(r *http.Request) (bool, error) {
	scheme, host := "http", r.Host
	if r.TLS != nil {
		scheme = "https"
	}
	if u, err := url.Parse(r.Header.Get("Origin")); err == nil && u.Host != "" {
		scheme, host = u.Scheme, u.Host
	}
	if scheme == "https" {
		return true, nil
	}
	if s.insecure || loopback(host) {
		return false, nil
	}
	return false, fault.New(fault.Forbidden, "insecure_connection",
		"当前是不加密的HTTP连接，不能登录。请改用HTTPS地址访问；仅在测试机器上可设置 insecure_cookie: true。")
}

func loopback(host string) bool {
	if h, _, err := net.SplitHostPort(host); err == nil {
		host = h
	}
	host = strings.Trim(host, "[]")
	ip := net.ParseIP(host)
	return host == "localhost" || strings.HasSuffix(host, ".localhost") || ip != nil && ip.IsLoopback()
}

// Who answers the account that the request is signed in as; fault.Unauthorized when it is not, or no
// longer: expired, signed out elsewhere, disabled.
func (s *Service) Who(r *http.Request) (Account, error) {
	cookie, err := r.Cookie(CookieName)
	if err != nil || cookie.Value == "" {
		return Account{}, errSignedOut
	}
	return s.WhoToken(r.Context(), cookie.Value)
}

// WhoToken is Who for the value of the cookie: a socket asks again while it is open.
func (s *Service) WhoToken(ctx context.Context, token string) (Account, error) {
	ctx, err := s.sessions.Load(ctx, token)
	if err != nil {
		return Account{}, wrap("session", err)
	}
	id := s.sessions.GetString(ctx, accountKey)
	if id == "" {
		return Account{}, errSignedOut
	}
	a, err := s.Get(ctx, id)
	if fault.KindOf(err) == fault.NotFound || err == nil && a.Disabled {
		return Account{}, errSignedOut
	}
	return a, err
}

// SignOut ends the session of the request and clears the cookie. Without a session it does nothing.
func (s *Service) SignOut(w http.ResponseWriter, r *http.Request) error {
	http.SetCookie(w, &http.Cookie{Name: CookieName, Path: "/", MaxAge: -1, HttpOnly: true, SameSite: http.SameSiteLaxMode})
	cookie, err := r.Cookie(CookieName)
	if errors.Is(err, http.ErrNoCookie) || cookie.Value == "" {
		return nil
	}
	ctx, err := s.sessions.Load(r.Context(), cookie.Value)
	if err != nil {
		return wrap("session", err)
	}
	return wrap("sign out", s.sessions.Destroy(ctx))
}

// SignOutEverywhere ends every session of the account and answers how many there were.
func (s *Service) SignOutEverywhere(ctx context.Context, accountID string) (int64, error) {
	n, err := s.db.Exec(ctx, `DELETE FROM account_session WHERE account_id = ?`, accountID)
	return n, wrap("sign out everywhere", err)
}
