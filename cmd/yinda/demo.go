package main

import (
	"context"
	"fmt"

	"yinda/internal/auth"
)

// demoAccount is an account of a demo start. Its password is in this file, which is why a demo
// listens on the local machine only.
type demoAccount struct {
	username, name, password, duty string
	roles                          []auth.Role
}

var demoAccounts = []demoAccount{
	{"agent1", "小李", "yinda-demo-1", "客服代表", []auth.Role{auth.Agent}},
	{"agent2", "小王", "yinda-demo-2", "客服代表", []auth.Role{auth.Agent}},
	{"supervisor", "陈主管", "yinda-demo-3", "客服主管", []auth.Role{auth.Agent, auth.Supervisor}},
	{"editor", "周编辑", "yinda-demo-4", "内容编辑", []auth.Role{auth.Editor}},
	{"reviewer", "吴复核", "yinda-demo-5", "内容复核与发布", []auth.Role{auth.Editor, auth.Reviewer}},
	{"admin", "管理员", "yinda-demo-6", "账号与审计", []auth.Role{auth.Admin}},
}

// createDemoAccounts makes the demo accounts when there are no accounts at all, and returns those
// that exist: a second demo start prints them again, a bank's own database gets none.
func createDemoAccounts(ctx context.Context, s *auth.Service) ([]demoAccount, error) {
	existing, err := s.ListUsers(ctx)
	if err != nil {
		return nil, err
	}
	if len(existing) == 0 {
		for _, a := range demoAccounts {
			if _, err := s.CreateUser(ctx, auth.NewUser{Username: a.username, Name: a.name, Password: a.password, Roles: a.roles}); err != nil {
				return nil, fmt.Errorf("demo account %s: %w", a.username, err)
			}
		}
		return demoAccounts, nil
	}
	var present []demoAccount
	for _, have := range existing {
		for _, a := range demoAccounts {
			if have.Username == a.username && have.Name == a.name && !have.Disabled {
				present = append(present, a)
			}
		}
	}
	return present, nil
}
