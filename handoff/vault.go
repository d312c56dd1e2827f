package handoff

import (
	"errors"
	"slices"
	"sync"
	"time"

	"yinda/internal/vault"
)

// Vault is the Privacy of production: private data found by vault.Watch, bodies sealed with a data key
// per conversation that keys wraps. Erasing a conversation is deleting its wrapped key.
func Vault(keys *vault.Keyring) Privacy {
	return &sealer{keys: keys, open: map[string]*vault.DataKey{}}
}

// sealer keeps unwrapped data keys of conversations that are being talked in.
type sealer struct {
	keys *vault.Keyring
	mu   sync.Mutex
	open map[string]*vault.DataKey // by wrapped form
}

// openKeys bounds the cache: 10 000 keys take about 10 MB.
const openKeys = 10_000

var errNoKey = errors.New("handoff: the conversation has no data key (erased)")

func (v *sealer) NewKey(conversation string) ([]byte, error) {
	_, wrapped, err := v.keys.NewDataKey(conversation)
	return wrapped, err
}

func (v *sealer) key(conversation string, wrapped []byte) (*vault.DataKey, error) {
	if len(wrapped) == 0 {
		return nil, errNoKey
	}
	// The conversation is part of the cache's key: a wrapped key that was copied to another
	// conversation must not open there.
	name := conversation + "\x00" + string(wrapped)
	v.mu.Lock()
	k := v.open[name]
	v.mu.Unlock()
	if k != nil {
		return k, nil
	}
	k, err := v.keys.OpenDataKey(wrapped, conversation)
	if err != nil {
		return nil, err
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.open) >= openKeys {
		clear(v.open) // rare, and unwrapping again takes microseconds
	}
	v.open[name] = k
	return k, nil
}

func (v *sealer) Seal(conversation string, wrapped []byte, row string, plain []byte) ([]byte, error) {
	k, err := v.key(conversation, wrapped)
	if err != nil {
		return nil, err
	}
	return k.Seal(plain, row)
}

func (v *sealer) Open(conversation string, wrapped []byte, row string, sealed []byte) ([]byte, error) {
	k, err := v.key(conversation, wrapped)
	if err != nil {
		return nil, err
	}
	return k.Open(sealed, row)
}

func (v *sealer) Protect(text string) Protected {
	p, _ := v.ProtectAfter(nil, text, time.Time{})
	return p
}

// ProtectAfter looks for private data that began in earlier bubbles as well: 验证码, then 384920.
// earlier is what is left of each bubble before, the same as it was unless a secret began in it.
func (v *sealer) ProtectAfter(before []vault.Bubble, text string, at time.Time) (p Protected, earlier []Protected) {
	all := vault.Watch(append(slices.Clip(before), vault.Bubble{Text: text, At: at}))
	for i, b := range before {
		earlier = append(earlier, protected(b.Text, all[i]))
	}
	return protected(text, all[len(all)-1]), earlier
}

// protected is text without what was found in it.
func protected(text string, m vault.Masked) Protected {
	p := Protected{Shown: m.Text, Secret: m.Secret()}
	runes, from := []rune(text), 0
	var kept []rune
	for _, f := range m.Found {
		if !slices.Contains(p.Found, f.Type) {
			p.Found = append(p.Found, f.Type)
		}
		if f.Level == vault.C3 {
			kept = append(append(kept, runes[from:f.Start]...), []rune("[已屏蔽:"+f.Label()+"]")...)
			from = f.End
		}
	}
	p.Kept = string(append(kept, runes[from:]...))
	return p
}

// watcher is a Privacy that also looks at what the customer said just before.
type watcher interface {
	ProtectAfter(before []vault.Bubble, text string, at time.Time) (p Protected, earlier []Protected)
}

// recent are the latest bubbles of the customers of this node, secrets destroyed, for a minute, in
// memory only.
type recent struct {
	mu      sync.Mutex
	bubbles map[string][]recentBubble
	swept   time.Time
}

type recentBubble struct {
	ref string
	vault.Bubble
}

// protect deals with the private data of a customer's message, and answers the earlier ones that
// turn out to hold a part of a secret. They are forgotten only when the message is committed
// (forget): if it is sent again, the two have to be seen together again.
func (s *Service) protect(conversation, ref, text string) (Protected, []withdrawal) {
	w, ok := s.privacy.(watcher)
	if !ok {
		return s.privacy.Protect(text), nil
	}
	now := s.now()
	r := &s.recent
	var before []vault.Bubble
	var keep []recentBubble
	r.mu.Lock()
	for _, b := range r.bubbles[conversation] {
		// A message that is sent again is not its own predecessor.
		if now.Sub(b.At) <= vault.WindowAge && b.ref != ref {
			before, keep = append(before, b.Bubble), append(keep, b)
		}
	}
	r.mu.Unlock()
	p, earlier := w.ProtectAfter(before, text, now) // may take a millisecond for a long text
	var withdrawn []withdrawal
	for i, e := range earlier {
		if e.Kept != before[i].Text {
			withdrawn = append(withdrawn, withdrawal{keep[i].ref, e})
		}
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	keep = append(keep, recentBubble{ref, vault.Bubble{Text: p.Kept, At: now}})
	r.bubbles[conversation] = keep[max(0, len(keep)-vault.WindowBubbles):]
	if now.Sub(r.swept) > vault.WindowAge {
		r.swept = now
		for id, list := range r.bubbles {
			if now.Sub(list[len(list)-1].At) > vault.WindowAge {
				delete(r.bubbles, id)
			}
		}
	}
	return p, withdrawn
}

// forget drops what was withdrawn from the latest bubbles.
func (s *Service) forget(conversation string, withdrawn []withdrawal) {
	if len(withdrawn) == 0 {
		return
	}
	s.recent.mu.Lock()
	defer s.recent.mu.Unlock()
	for i, b := range s.recent.bubbles[conversation] {
		for _, w := range withdrawn {
			if b.ref == w.ref {
				s.recent.bubbles[conversation][i].Text = w.Kept
			}
		}
	}
}
