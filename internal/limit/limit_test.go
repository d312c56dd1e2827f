package limit

import (
	"fmt"
	"testing"
	"time"
)

func TestKeys(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := New(2*time.Second, 3)
	for i := range 3 {
		if !l.Allow("a", now) {
			t.Fatalf("attempt %d was refused", i)
		}
	}
	for range 5 { // refusals cost nothing
		if wait := l.Take("a", now); wait <= 0 || wait > 2*time.Second {
			t.Fatalf("fourth attempt waits %v", wait)
		}
	}
	if !l.Allow("b", now) {
		t.Error("another key was refused")
	}
	if !l.Allow("a", now.Add(2*time.Second)) {
		t.Error("refused after waiting")
	}
	l.Forget("a")
	if !l.Allow("a", now.Add(2*time.Second)) || !l.Allow("a", now.Add(2*time.Second)) {
		t.Error("refused after forgetting")
	}
}

func TestQuietKeysAreForgotten(t *testing.T) {
	now := time.Unix(1_700_000_000, 0)
	l := New(time.Millisecond, 2)
	for i := range 1000 {
		l.Allow(fmt.Sprint(i), now)
	}
	l.Allow("last", now.Add(10*time.Second))
	if len(l.keys) != 1 {
		t.Errorf("%d keys are remembered", len(l.keys))
	}
}
