package main

import (
	"bufio"
	"context"
	"io"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"regexp"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestMain lets the test binary be the program: started with YINDA_TEST_MAIN=1 it is yinda, so that
// a test can kill a real process.
func TestMain(m *testing.M) {
	if os.Getenv("YINDA_TEST_MAIN") == "1" {
		os.Unsetenv("YINDA_TEST_MAIN")
		ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
		defer stop()
		os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
	}
	os.Exit(m.Run())
}

// process is yinda as a process of its own.
type process struct {
	*exec.Cmd
	base string // http://127.0.0.1:port
	done chan struct{}
	log  output
}

// output is what a process has written so far.
type output struct {
	mu sync.Mutex
	b  strings.Builder
}

func (o *output) Write(b []byte) (int, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.Write(b)
}

func (o *output) String() string {
	o.mu.Lock()
	defer o.mu.Unlock()
	return o.b.String()
}

var address = regexp.MustCompile(`http://(127\.0\.0\.1:\d+)/desk`)

// startProcess starts `yinda serve` in dir with extra environment and waits until it is ready.
func startProcess(t testing.TB, dir string, environ ...string) *process {
	t.Helper()
	cmd := exec.Command(os.Args[0], "serve", "--demo")
	cmd.Dir = dir
	cmd.Env = append(append(os.Environ(), "YINDA_TEST_MAIN=1", "YINDA_LISTEN=127.0.0.1:0"), environ...)
	p := &process{Cmd: cmd, done: make(chan struct{})}
	cmd.Stderr = io.MultiWriter(&p.log, testLog{t})
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	found := make(chan string, 1)
	go func() {
		lines := bufio.NewScanner(io.TeeReader(out, &p.log))
		for lines.Scan() {
			if m := address.FindStringSubmatch(lines.Text()); m != nil {
				found <- m[1]
			}
		}
		_ = cmd.Wait() // killed on purpose in most tests
		close(p.done)
	}()
	t.Cleanup(p.kill)
	select {
	case at := <-found:
		p.base = "http://" + at
	case <-p.done:
		t.Fatal("yinda ended before it was ready")
	case <-time.After(60 * time.Second):
		t.Fatal("yinda was not ready within a minute")
	}
	return p
}

// kill is kill -9: no draining, no goodbye.
func (p *process) kill() {
	_ = p.Process.Kill()
	<-p.done
}

// terminate asks the process to end and returns its exit status.
func (p *process) terminate(t testing.TB) int {
	t.Helper()
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		t.Fatal(err)
	}
	select {
	case <-p.done:
	case <-time.After(30 * time.Second):
		t.Fatal("yinda did not end after SIGTERM")
	}
	return p.ProcessState.ExitCode()
}

// testLog shows the program's log with the test that started it.
type testLog struct{ t testing.TB }

func (l testLog) Write(b []byte) (int, error) {
	defer func() { _ = recover() }() // a line after the end of the test is nobody's
	l.t.Log(strings.TrimRight(string(b), "\n"))
	return len(b), nil
}

// TestServeFromAnEmptyFolder is the first minute of a new user: one program, an empty folder.
func TestServeFromAnEmptyFolder(t *testing.T) {
	dir := t.TempDir()
	p := startProcess(t, dir)
	for path, want := range map[string]int{"/healthz": 200, "/readyz": 200, "/api/public/config": 200, "/api/me": 401, "/metrics": 200} {
		resp, err := http.Get(p.base + path)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("GET %s: %d, want %d", path, resp.StatusCode, want)
		}
	}
	if status := p.terminate(t); status != 0 {
		t.Errorf("exit status %d after SIGTERM, want 0", status)
	}
	// And again on what it left behind.
	startProcess(t, dir).terminate(t)
}

// TestServeSaysWhatIsWrong: every refusal is one line that says what to do, with exit status 1.
func TestServeSaysWhatIsWrong(t *testing.T) {
	running := startProcess(t, t.TempDir())
	port := strings.TrimPrefix(running.base, "http://")
	for name, c := range map[string]struct {
		prepare func(dir string)
		environ string
		want    string
	}{
		"used port":            {nil, "YINDA_LISTEN=" + port, "已被其他程序占用"},
		"bad address":          {nil, "YINDA_LISTEN=nonsense", "listen"},
		"public demo":          {nil, "YINDA_LISTEN=0.0.0.0:0", "--demo"},
		"unreachable database": {nil, "YINDA_DATABASE=postgres://nobody@127.0.0.1:1/none", "PostgreSQL"},
		"unknown database":     {nil, "YINDA_DATABASE=mysql://x", "数据库地址"},
		"garbage as database": {func(dir string) {
			put(t, dir+"/data/yinda.db", "this is no database at all, but long enough to look at")
		}, "", "数据库"},
		"folder is a file": {func(dir string) { put(t, dir+"/data", "a file") }, "", "文件夹"},
		"broken key":       {func(dir string) { put(t, dir+"/data/master.key", "short") }, "", "密钥"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := t.TempDir()
			if c.prepare != nil {
				c.prepare(dir)
			}
			ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
			defer cancel()
			cmd := exec.CommandContext(ctx, os.Args[0], "serve", "--demo")
			cmd.Dir = dir
			cmd.Env = append(os.Environ(), "YINDA_TEST_MAIN=1", "YINDA_LISTEN=127.0.0.1:0")
			if c.environ != "" {
				cmd.Env = append(cmd.Env, c.environ)
			}
			var errOut strings.Builder
			cmd.Stderr = &errOut
			_ = cmd.Run()
			if got := errOut.String(); cmd.ProcessState.ExitCode() != 1 || !strings.Contains(got, c.want) || strings.Count(got, "\n") != 1 {
				t.Errorf("exit status %d, stderr %q; want 1 and one line with %q", cmd.ProcessState.ExitCode(), got, c.want)
			}
		})
	}
}

// TestOneServerAnEmbeddedDatabase: a second one would not hear the first one's news.
func TestOneServerAnEmbeddedDatabase(t *testing.T) {
	dir := t.TempDir()
	startProcess(t, dir)
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "YINDA_TEST_MAIN=1", "YINDA_LISTEN=127.0.0.1:0")
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "另一个 yinda serve") {
		t.Errorf("exit status %d, %s", cmd.ProcessState.ExitCode(), out)
	}
}

// TestLostMasterKeyIsNotReplaced: a new key could not read what is there.
func TestLostMasterKeyIsNotReplaced(t *testing.T) {
	dir := t.TempDir()
	p := startProcess(t, dir)
	base := &atomic.Value{}
	base.Store(p.base)
	c := &killCustomer{base: base}
	if err := c.write(t.Context(), 1, &atomic.Int64{}); err != nil {
		t.Fatal(err)
	}
	p.terminate(t)
	if err := os.Remove(dir + "/data/master.key"); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(os.Args[0], "serve")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "YINDA_TEST_MAIN=1", "YINDA_LISTEN=127.0.0.1:0")
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 1 || !strings.Contains(string(out), "主密钥") {
		t.Errorf("exit status %d, %s", cmd.ProcessState.ExitCode(), out)
	}
}

func put(t *testing.T, path, content string) {
	t.Helper()
	if i := strings.LastIndex(path, "/"); i > 0 {
		if err := os.MkdirAll(path[:i], 0o700); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.WriteFile(path, []byte(content), 0o600); err != nil {
		t.Fatal(err)
	}
}
