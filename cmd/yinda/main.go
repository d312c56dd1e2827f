// Command yinda is the chat service of a bank's website: the server, and the tools around it.
//
//	yinda serve                      start with SQLite in ./data and starter content
//	yinda ask 卡丢了怎么办            one question, the same code path as the live bot
//	yinda ask --json - < turns.jsonl many turns, one JSON object a line
//
// Exit status: 0 on success, 2 on wrong usage, 1 on failure with one line that says what to do.
package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"strings"
	"syscall"

	"github.com/alecthomas/kong"

	"yinda/internal/fault"
)

// command line as a whole; every field is a subcommand in a file of its own.
type cli struct {
	Config string `help:"Configuration file (YAML)." placeholder:"yinda.yaml" type:"path"`

	Serve   serveCmd   `cmd:"" help:"Start the server."`
	Ask     askCmd     `cmd:"" help:"Ask the bot: a question, or lines from standard input."`
	Lint    lintCmd    `cmd:"" help:"Check texts for what a bank may not say."`
	Mask    maskCmd    `cmd:"" help:"Find and mask private data in texts."`
	Eval    evalCmd    `cmd:"" help:"Measure retrieval, understanding and dialogues."`
	Train   trainCmd   `cmd:"" help:"Teach the understanding a bank's own examples."`
	Import  importCmd  `cmd:"" help:"Import knowledge entries from a file as drafts."`
	Export  exportCmd  `cmd:"" help:"Export published content to a file."`
	User    userCmd    `cmd:"" help:"Manage the accounts of agents, editors and administrators."`
	Audit   auditCmd   `cmd:"" help:"Verify the audit log and the conversations."`
	Migrate migrateCmd `cmd:"" help:"Bring the database to the schema of this program."`
}

// environment is what the outside world gives a command; tests give their own.
type environment struct {
	ctx    context.Context
	in     io.Reader
	out    io.Writer
	err    io.Writer
	config config
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	os.Exit(run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr))
}

// run is main without the process: it returns the exit status.
func run(ctx context.Context, args []string, in io.Reader, out, errOut io.Writer) (status int) {
	var c cli
	exited := -1
	parser, err := kong.New(&c,
		kong.Name("yinda"),
		kong.Description("银答：银行网站的智能客服。Yinda, the chat service of a bank's website."),
		kong.Writers(out, errOut),
		kong.Exit(func(code int) { exited = code }),
		kong.UsageOnError(),
	)
	if err != nil {
		fmt.Fprintln(errOut, err)
		return 1
	}
	if len(args) == 0 {
		args = []string{"--help"}
	}
	parsed, err := parser.Parse(args)
	if exited >= 0 { // --help
		return exited
	}
	if err != nil {
		fmt.Fprintf(errOut, "yinda: %v（用法见 yinda --help）\n", err)
		return 2
	}
	cfg, err := loadConfig(c.Config)
	if err != nil {
		return report(errOut, err)
	}
	env := &environment{ctx: ctx, in: in, out: out, err: errOut, config: cfg}
	return report(errOut, parsed.Run(env))
}

// usageError is a mistake in the arguments that kong cannot see.
type usageError struct{ message string }

func (e usageError) Error() string { return e.message }

// report prints an error as one line that says what to do, and returns the exit status for it.
func report(errOut io.Writer, err error) int {
	if err == nil {
		return 0
	}
	if u, ok := errors.AsType[usageError](err); ok {
		fmt.Fprintf(errOut, "yinda: %s\n", u.message)
		return 2
	}
	if errors.Is(err, syscall.EPIPE) { // `yinda ask … | head`: the reader has enough
		return 0
	}
	if f, ok := errors.AsType[*fault.Error](err); ok {
		if f.Cause != nil {
			cause := strings.Join(strings.Fields(f.Cause.Error()), " ") // one line, whatever a driver says
			fmt.Fprintf(errOut, "yinda: %s（%s）\n", f.Message, cause)
		} else {
			fmt.Fprintf(errOut, "yinda: %s\n", f.Message)
		}
		return 1
	}
	fmt.Fprintf(errOut, "yinda: %v\n", err)
	return 1
}
