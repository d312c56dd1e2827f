package web

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"errors"
	"io/fs"
	"mime"
	"net/http"
	"path"
	"strconv"
	"strings"
	"sync"

	"github.com/labstack/echo/v4"

	"yinda/internal/fault"
)

// built is web/app/dist when it has been built. The pattern also matches dist.md, which is always
// there: without it a clean checkout would not compile.
//
//go:embed all:app/dist*
var built embed.FS

// Assets is the embedded front end; empty when it was not built before the program.
func Assets() fs.FS {
	sub, err := fs.Sub(built, "app/dist")
	if err != nil {
		return embed.FS{}
	}
	return sub
}

// widgetPath is the page that the bank's websites frame.
const widgetPath = "/widget"

// file is one file of the front end, ready to send.
type file struct {
	raw  []byte
	kind string
	etag string
	once sync.Once
	gz   []byte // compressed on first use; nil when it would not be smaller
}

// files serves the built front end from memory: it is about 2 MB.
type files struct {
	source fs.FS
	mu     sync.Mutex
	loaded map[string]*file
}

func newFiles(source fs.FS) *files {
	return &files{source: source, loaded: map[string]*file{}}
}

// get loads a file once; nil when there is none.
func (f *files) get(name string) *file {
	f.mu.Lock()
	defer f.mu.Unlock()
	if got, ok := f.loaded[name]; ok {
		return got
	}
	raw, err := fs.ReadFile(f.source, name)
	if err != nil {
		return nil // not kept: names come from outside
	}
	sum := sha256.Sum256(raw)
	kind := mime.TypeByExtension(path.Ext(name))
	switch path.Ext(name) { // not from the system's table, which differs between machines
	case ".js":
		kind = "text/javascript; charset=utf-8"
	case ".css":
		kind = "text/css; charset=utf-8"
	case ".html":
		kind = "text/html; charset=utf-8"
	case ".svg":
		kind = "image/svg+xml"
	case "":
		kind = "application/octet-stream"
	}
	got := &file{raw: raw, kind: kind, etag: `"` + hex.EncodeToString(sum[:12]) + `"`}
	f.loaded[name] = got
	return got
}

func (f *file) compressed() []byte {
	f.once.Do(func() {
		if len(f.raw) < 1024 || !strings.Contains(f.kind, "text") && !strings.Contains(f.kind, "svg") && !strings.Contains(f.kind, "json") {
			return
		}
		var b bytes.Buffer
		w, _ := gzip.NewWriterLevel(&b, gzip.BestCompression)
		if _, err := w.Write(f.raw); err != nil || w.Close() != nil || b.Len() >= len(f.raw) {
			return
		}
		f.gz = b.Bytes()
	})
	return f.gz
}

// send answers with a file. forever is for names that carry a hash of their content.
func (f *file) send(c echo.Context, forever bool) error {
	h, r := c.Response().Header(), c.Request()
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	if forever {
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	if r.Header.Get("If-None-Match") == f.etag {
		return c.NoContent(http.StatusNotModified)
	}
	body := f.raw
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		if gz := f.compressed(); gz != nil {
			body = gz
			h.Set("Content-Encoding", "gzip")
		}
	}
	h.Set("Content-Length", strconv.Itoa(len(body)))
	if r.Method == http.MethodHead {
		h.Set(echo.HeaderContentType, f.kind)
		return c.NoContent(http.StatusOK)
	}
	return c.Blob(http.StatusOK, f.kind, body)
}

var errNotBuilt = fault.New(fault.Unavailable, "front_end_missing",
	"这个程序里没有网页：编译前没有构建前端。请在源码目录运行 make build（需要 Node 20），再启动新编译的程序。聊天和接口不受影响。")

// page serves one of the HTML pages.
func (s *Server) page(name string) echo.HandlerFunc {
	return func(c echo.Context) error {
		f := s.files.get(name)
		if f == nil {
			return c.String(http.StatusServiceUnavailable, errNotBuilt.Message+"\n")
		}
		return f.send(c, false)
	}
}

// asset serves a file whose name carries a hash.
func (s *Server) asset(c echo.Context) error { return s.static(c, "assets/"+c.Param("*"), true) }

// otherFile serves embed.js, the icon, and whatever else the build put beside the pages.
func (s *Server) otherFile(c echo.Context) error {
	return s.static(c, strings.TrimPrefix(c.Request().URL.Path, "/"), false)
}

func (s *Server) static(c echo.Context, name string, forever bool) error {
	if !fs.ValidPath(name) || strings.HasSuffix(name, ".html") {
		return echo.ErrNotFound
	}
	f := s.files.get(name)
	if f == nil {
		if s.files.get("index.html") == nil {
			return errNotBuilt
		}
		return echo.ErrNotFound
	}
	return f.send(c, forever)
}

// hasFrontEnd reports whether there is anything to serve, for the line that the start prints.
func (s *Server) hasFrontEnd() bool {
	_, err := fs.Stat(s.files.source, "index.html")
	return !errors.Is(err, fs.ErrNotExist) && err == nil
}
