// Package auth knows who works here: accounts with roles, passwords, and signed-in sessions.
// Customers are not accounts; they carry a visitor token (package web).
//
//	s, err := auth.New(auth.Options{DB: d})
//	account, err := s.CreateUser(ctx, auth.NewUser{Username: "agent1", Name: "小李", Password: pw, Roles: []auth.Role{auth.Agent}})
//	account, err = s.SignIn(w, r, ip, "agent1", pw) // sets the session cookie
//	account, err = s.Who(r)                         // of a later request
//	ok := account.May(auth.Serve)
//
// Passwords are hashed with argon2id (64 MiB, about 75 ms); at most a few are checked at a time, so
// that a flood of sign-ins cannot take the memory or the processors of the chat. Guessing is limited
// per account and per address. Sessions live in the database as hashes of their tokens, so that all
// nodes know them and disabling an account or changing its password ends them everywhere at once.
package auth
