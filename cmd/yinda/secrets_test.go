package main

import (
	"bytes"
	"encoding/hex"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/google/uuid"
	"github.com/gorilla/websocket"
	"github.com/jackc/pgx/v5"

	"yinda/handoff"
	"yinda/internal/db"
	"yinda/internal/db/dbtest"
	"yinda/internal/vault"
)

// planted are messages with secrets of every type of class C3, and private data of class C2 beside
// them. secret is what must be found nowhere in the open, and, unless it is C2, not encrypted either;
// the short ones with some words, so that a time stamp is not taken for them.
var planted = []struct {
	text, secret string
	c2           bool
}{
	{"登录密码是Zq7#kVt9mW，登不上", "Zq7#kVt9mW", false},
	{"取款密码：九四七三零二", "九四七三零二", false},
	{"蜜码84930218错了", "84930218", false},
	{"验证码 73920485 过期了吗", "73920485", false},
	{"【示例银行】您的动态码为60817394，请勿泄露", "60817394", false},
	{"收到的码是77 30 12 95", "77 30 12 95", false},
	{"卡背面安全码是739", "安全码是739", false},
	{"信用卡有效期11/37，cvv 264", "11/37", false},
	{"磁道;6222021234567890=29121019999", "6222021234567890", false},
	{"密保问题答案是骆驼沟小学", "骆驼沟小学", false},
	{"我手机13812349876，身份证420106199003078421", "13812349876", true},
	{"卡号6217001234567890123", "6217001234567890123", true},
	{"六二一七零零一二三四五六七八九零一二三是我的卡", "六二一七零零一二三四五六七八九零一二三", true},
	{"我的支付密码是4830", "支付密码是4830", false},
	// one code in two bubbles: the first is harmless until the second comes
	{"验证码49", "验证码49", false},
	{"3820", "3820\"", false},
}

// TestSecretsAreNowhere: after a conversation with planted secrets, after kill -9 and a restart
// (SQLite), and after the end, none of them is in a database file, the write-ahead log, a table (the audit
// trail too), the index or the log of the program.
func TestSecretsAreNowhere(t *testing.T) {
	t.Run("sqlite", func(t *testing.T) { secretsAreNowhere(t, "") })
	t.Run("postgres", func(t *testing.T) { secretsAreNowhere(t, dbtest.PostgresDSN(t)) })
}

func secretsAreNowhere(t *testing.T, dsn string) {
	environ := []string{"YINDA_DEBOUNCE=20ms"}
	if dsn != "" {
		environ = append(environ, "YINDA_DATABASE="+dsn)
	}
	dir := t.TempDir()
	p := startProcess(t, dir, environ...)
	base := &atomic.Value{}
	base.Store(p.base)
	c := &killCustomer{base: base}
	conn, err := c.dial(t.Context(), 0)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	send := func(frame map[string]any) {
		t.Helper()
		ref := uuid.NewString()
		frame["ref"] = ref
		if err := conn.WriteJSON(frame); err != nil {
			t.Fatal(err)
		}
		if _, err := readFrame(conn, "ack", ref); err != nil {
			t.Fatal(err)
		}
	}
	for _, s := range planted {
		send(map[string]any{"type": "say", "text": s.text})
	}
	send(map[string]any{"type": "ask_person"})
	send(map[string]any{"type": "say", "text": "转人工，" + planted[0].text})
	// A frame that is refused is a way into a log as well.
	if err := conn.WriteMessage(websocket.TextMessage, []byte(`{"type":"say","ref":"x y","text":"`+planted[3].text+`"}`)); err != nil {
		t.Fatal(err)
	}

	if dsn == "" { // what kill -9 leaves in the write-ahead log, and what recovery makes of it
		p.kill()
		lookEverywhere(t, "after kill -9", dir, dsn, p)
		p = startProcess(t, dir, environ...)
	}
	lookEverywhere(t, "while running", dir, dsn, p)
	if status := p.terminate(t); status != 0 {
		t.Errorf("exit status %d", status)
	}
	lookEverywhere(t, "after the end", dir, dsn, p)
	lookWithTheKey(t, dir, dsn)
}

// lookWithTheKey looks for the C3 secrets in what is stored encrypted: they are not hidden but gone.
func lookWithTheKey(t *testing.T, dir, dsn string) {
	t.Helper()
	keys, err := vault.LoadKeyring(filepath.Join(dir, "data", "master.key"), "")
	if err != nil {
		t.Fatal(err)
	}
	if dsn == "" {
		dsn = "sqlite:" + filepath.Join(dir, "data", "yinda.db")
	}
	d, err := db.Open(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer d.Close()
	opened, all := handoff.Vault(keys), strings.Builder{}
	for row, query := range map[string]string{
		"body/%d":     `SELECT c.id, c.data_key, e.seq, e.body FROM conversations c JOIN events e ON e.conversation = c.id`,
		"original/%d": `SELECT c.id, c.data_key, e.seq, e.original FROM conversations c JOIN events e ON e.conversation = c.id WHERE e.original IS NOT NULL`,
		"course":      `SELECT id, data_key, 0, course FROM conversations WHERE course IS NOT NULL`,
		"preview":     `SELECT id, data_key, 0, preview FROM conversations WHERE preview IS NOT NULL`,
	} {
		rows, err := d.Query(t.Context(), query)
		if err != nil {
			t.Fatal(err)
		}
		for rows.Next() {
			var id string
			var key, sealed []byte
			var seq int64
			if err := rows.Scan(&id, &key, &seq, &sealed); err != nil {
				t.Fatal(err)
			}
			name := row
			if strings.Contains(row, "%d") {
				name = fmt.Sprintf(row, seq)
			}
			text, err := opened.Open(id, key, name, sealed)
			if err != nil {
				t.Fatalf("%s of %s: %v", name, id, err)
			}
			fmt.Fprintf(&all, "%s\n", text)
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		rows.Close()
	}
	if !strings.Contains(all.String(), "[已屏蔽:验证码]") || !strings.Contains(all.String(), "13812349876") {
		t.Fatalf("read nothing that was said:\n%s", all.String())
	}
	for _, s := range planted {
		if !s.c2 && strings.Contains(all.String(), s.secret) {
			t.Errorf("%q is stored encrypted, it should be gone", s.secret)
		}
	}
	if n, _, err := handoff.VerifyAll(t.Context(), d, nil); err != nil || n == 0 {
		t.Errorf("%d conversations hold, %v", n, err)
	}
}

// lookEverywhere looks for the planted secrets in all files below dir, all tables of the database and
// the output of the process.
func lookEverywhere(t *testing.T, when, dir, dsn string, p *process) {
	t.Helper()
	places := map[string][]byte{"the log": []byte(p.log.String())}
	err := filepath.WalkDir(dir, func(path string, e fs.DirEntry, err error) error {
		if err != nil || !e.Type().IsRegular() {
			return err
		}
		places[path], err = os.ReadFile(path)
		if os.IsNotExist(err) {
			return nil // a file of SQLite that came and went
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if dsn != "" {
		for table, rows := range tables(t, dsn) {
			places["table "+table] = rows
		}
	}
	if len(places) < 3 {
		t.Fatalf("only %d places to look at", len(places))
	}
	for place, content := range places {
		for _, s := range planted {
			for form, secret := range map[string]string{"": s.secret, " as hex": hex.EncodeToString([]byte(s.secret))} {
				if bytes.Contains(content, []byte(secret)) {
					t.Errorf("%s: %q is in %s%s", when, s.secret, place, form)
				}
			}
		}
	}
}

// tables is the content of every table of a PostgreSQL schema as text, bytea in hex.
func tables(t *testing.T, dsn string) map[string][]byte {
	t.Helper()
	conn, err := pgx.Connect(t.Context(), dsn)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close(t.Context())
	names, err := column(t, conn, `SELECT table_name FROM information_schema.tables WHERE table_schema = current_schema()`)
	if err != nil || !slices.Contains(names, "events") || !slices.Contains(names, "audit") {
		t.Fatalf("tables %v, %v", names, err)
	}
	content := map[string][]byte{}
	for _, name := range names {
		rows, err := column(t, conn, fmt.Sprintf(`SELECT r::text FROM %s r`, pgx.Identifier{name}.Sanitize()))
		if err != nil {
			t.Fatal(err)
		}
		content[name] = []byte(strings.Join(rows, "\n"))
	}
	return content
}

func column(t *testing.T, conn *pgx.Conn, query string) ([]string, error) {
	t.Helper()
	rows, err := conn.Query(t.Context(), query)
	if err != nil {
		return nil, err
	}
	return pgx.CollectRows(rows, pgx.RowTo[string])
}
