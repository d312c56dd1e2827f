package main

import (
	"fmt"
	"time"

	"yinda/handoff"
	"yinda/internal/audit"
	"yinda/internal/db"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the hash chains of the audit log and of all conversations and name what is broken."`
}

// Help is shown by `yinda audit --help`.
func (auditCmd) Help() string {
	return `Example:
  yinda audit verify`
}

type auditVerifyCmd struct{}

// Run verifies the chain; a broken one is a failure.
func (c *auditVerifyCmd) Run(env *environment) error {
	d, err := db.Open(env.ctx, env.config.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	report, err := audit.New(d, time.Now).Verify(env.ctx)
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "审计日志完整：共%d条，链头 %s。\n", report.Rows, report.Head.Hash)
	conversations, events, err := handoff.VerifyAll(env.ctx, d, func(conversation string, err error) {
		fmt.Fprintf(env.out, "会话 %s：%v\n", conversation, err)
	})
	if err != nil {
		return err
	}
	fmt.Fprintf(env.out, "会话记录完整：共%d个会话、%d条记录。\n", conversations, events)
	return nil
}
