package main

import (
	"fmt"

	"yinda/internal/db"
)

type migrateCmd struct {
	Status bool `help:"Only say which version the database has."`
}

// Help is shown by `yinda migrate --help`.
func (migrateCmd) Help() string {
	return `The server migrates by itself at start; this command does it ahead of a rolling restart.

Examples:
  yinda migrate --status
  YINDA_DATABASE=postgres://yinda@db/yinda yinda migrate`
}

// Run brings the schema up to date, or reports it.
func (c *migrateCmd) Run(env *environment) error {
	d, err := db.Connect(env.ctx, env.config.Database)
	if err != nil {
		return err
	}
	defer d.Close()
	if c.Status {
		have, want, err := d.Versions(env.ctx)
		if err != nil {
			return err
		}
		fmt.Fprintf(env.out, "数据库 %s：第%d版，程序需要第%d版。\n", d.Place(), have, want)
		return nil
	}
	from, to, err := d.Migrate(env.ctx)
	if err != nil {
		return err
	}
	if from == to {
		fmt.Fprintf(env.out, "数据库 %s 已是第%d版，无需升级。\n", d.Place(), to)
	} else {
		fmt.Fprintf(env.out, "数据库 %s 已从第%d版升级到第%d版。\n", d.Place(), from, to)
	}
	return nil
}
