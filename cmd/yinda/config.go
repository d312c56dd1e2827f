package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	koanfyaml "github.com/knadh/koanf/parsers/yaml"
	"github.com/knadh/koanf/providers/env/v2"
	"github.com/knadh/koanf/providers/file"
	"github.com/knadh/koanf/v2"

	"yinda/internal/fault"
)

// config is everything that can be configured: yinda.yaml, overridden by environment variables
// (YINDA_LISTEN, YINDA_DATABASE …; a dot in a key is a double underscore). Zero values mean the
// defaults of defaultConfig.
type config struct {
	Listen   string   `koanf:"listen"`          // host:port of the HTTP server
	Data     string   `koanf:"data"`            // folder of the embedded database and the master key
	Database string   `koanf:"database"`        // sqlite:<path> or postgres://…; default: sqlite in Data
	Bus      string   `koanf:"bus"`             // NATS URL; empty: in process
	KeyFile  string   `koanf:"key_file"`        // master key; default: master.key in Data, made on first start
	Origins  []string `koanf:"origins"`         // websites that may embed the widget; empty: only our own
	Proxies  []string `koanf:"trusted_proxies"` // CIDRs whose X-Forwarded-For is believed

	Debounce         time.Duration `koanf:"debounce"`          // bubbles within it are one turn (BL-12)
	AgentLease       time.Duration `koanf:"agent_lease"`       // an agent silent for so long loses the chats
	TicketPromise    time.Duration `koanf:"ticket_promise"`    // promised time of an answer to a ticket
	QueueLimit       int           `koanf:"queue_limit"`       // customers waiting before tickets are written
	ShutdownLimit    time.Duration `koanf:"shutdown_limit"`    // for draining sockets
	RequireAgreement bool          `koanf:"require_agreement"` // no sign-in without a confidentiality agreement (requirements PS-17)
	InsecureCookie   bool          `koanf:"insecure_cookie"`   // session cookie without Secure: plain HTTP on a test machine
}

func defaultConfig() config {
	return config{
		Listen: "127.0.0.1:8080", Data: "data",
		Debounce: 600 * time.Millisecond, AgentLease: time.Minute, TicketPromise: 24 * time.Hour,
		QueueLimit: 200, ShutdownLimit: 10 * time.Second,
	}
}

// loadConfig reads the file, if any, and the environment over it. A named file that is missing and
// an unknown key are errors: a typing mistake must not silently be the default.
func loadConfig(path string) (config, error) {
	cfg := defaultConfig()
	k := koanf.New(".")
	if path == "" {
		if _, err := os.Stat("yinda.yaml"); err == nil {
			path = "yinda.yaml"
		}
	}
	if path != "" {
		if err := k.Load(file.Provider(path), koanfyaml.Parser()); err != nil {
			return cfg, fault.Wrap(err, fault.Invalid, "config_unreadable",
				fmt.Sprintf("配置文件 %s 无法读取，请检查路径和YAML格式。", path))
		}
	}
	environ := env.Provider(".", env.Opt{Prefix: "YINDA_", TransformFunc: func(key, value string) (string, any) {
		key = strings.ReplaceAll(strings.ToLower(strings.TrimPrefix(key, "YINDA_")), "__", ".")
		if strings.HasPrefix(key, "test_") {
			return "", nil // settings of the test suite
		}
		if key == "origins" || key == "trusted_proxies" {
			return key, strings.Split(value, ",")
		}
		return key, value
	}})
	if err := k.Load(environ, nil); err != nil {
		return cfg, err
	}
	known := map[string]bool{}
	for _, key := range []string{"listen", "data", "database", "bus", "key_file", "origins", "trusted_proxies", "debounce",
		"agent_lease", "ticket_promise", "queue_limit", "shutdown_limit", "require_agreement", "insecure_cookie"} {
		known[key] = true
	}
	for _, key := range k.Keys() {
		if !known[key] {
			return cfg, fault.New(fault.Invalid, "config_unknown_key",
				fmt.Sprintf("配置项“%s”不存在，可用的配置项见 docs/manual.zh.md。", key))
		}
	}
	if err := k.Unmarshal("", &cfg); err != nil {
		return cfg, fault.Wrap(err, fault.Invalid, "config_value", "配置项的值无法使用，请检查时间（如600ms、10s）和数字的写法。")
	}
	// An open desk renews its lease every 15 s; below three of them a slow network loses chats.
	if cfg.AgentLease < 45*time.Second {
		return cfg, fault.New(fault.Invalid, "config_value", "配置项 agent_lease 不能少于45秒：坐席页面每15秒续约一次。")
	}
	if cfg.Debounce < 0 || cfg.TicketPromise <= 0 || cfg.QueueLimit < 1 || cfg.ShutdownLimit <= 0 {
		return cfg, fault.New(fault.Invalid, "config_value", "配置项 debounce、ticket_promise、queue_limit、shutdown_limit 不能是负数或零。")
	}
	if cfg.Database == "" {
		cfg.Database = "sqlite:" + filepath.Join(cfg.Data, "yinda.db")
	}
	if cfg.KeyFile == "" {
		cfg.KeyFile = filepath.Join(cfg.Data, "master.key")
	}
	return cfg, nil
}
