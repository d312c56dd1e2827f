package main

import (
	"fmt"
	"time"

	"yinda/internal/audit"
	"yinda/internal/db"
)

type auditCmd struct {
	Verify auditVerifyCmd `cmd:"" help:"Walk the hash chain of the audit log and name the first broken row."`
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
	return nil
}
