package main

import (
	"yinda/handoff"
	"yinda/internal/vault"
)

// privacy is the vault as the conversation log sees it.
type privacy struct{}

func (privacy) NewKey(string) ([]byte, error) { return nil, nil }
func (privacy) Seal(_ string, _ []byte, _ string, b []byte) ([]byte, error) { return b, nil }
func (privacy) Open(_ string, _ []byte, _ string, b []byte) ([]byte, error) { return b, nil }

// Protect destroys C3 data and masks C2 data of one message.
func (privacy) Protect(text string) handoff.Protected {
	kept, destroyed := vault.Destroy(text)
	shown := vault.Mask(kept)
	p := handoff.Protected{Kept: kept, Shown: shown.Text, Secret: len(destroyed) > 0}
	seen := map[string]bool{}
	for _, f := range append(destroyed, shown.Found...) {
		if kind := string(f.Type); !seen[kind] {
			seen[kind] = true
			p.Found = append(p.Found, kind)
		}
	}
	return p
}
