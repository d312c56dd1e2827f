package handoff

import "testing"

// TestSentRef: a message is shown with the reference that its sender gave it, and nobody else's
// reference reaches a customer.
func TestSentRef(t *testing.T) {
	for stored, want := range map[string]string{"c:0190-a": "0190-a", "a:7": "7", "s:internal": "", "": ""} {
		if got := sentRef(stored); got != want {
			t.Errorf("sentRef(%q) = %q, want %q", stored, got, want)
		}
	}
	if e := (Event{Kind: KindMessage, Actor: Actor{Kind: ActorAgent}, Ref: "7", Body: []byte(`{}`)}).ForCustomer(); e.Ref != "" {
		t.Error("a customer sees an agent's reference")
	}
	if e := (Event{Kind: KindMessage, Actor: Actor{Kind: ActorCustomer}, Ref: "c", Body: []byte(`{}`)}).ForCustomer(); e.Ref != "c" {
		t.Error("a customer does not see the own reference")
	}
}
