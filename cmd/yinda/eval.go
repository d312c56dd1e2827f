package main

type evalCmd struct{}

func (evalCmd) Run(env *environment) error { return nil }
