package web

import (
	"bytes"
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"yinda/handoff"
)

// golden is one line of testdata/frames.json, which the TypeScript side tests as well.
type golden struct {
	Name, Socket, From string
	Frame              json.RawMessage
}

func goldenFrames(t *testing.T) []golden {
	b, err := os.ReadFile("testdata/frames.json")
	if err != nil {
		t.Fatal(err)
	}
	var list []golden
	if err := json.Unmarshal(b, &list); err != nil {
		t.Fatal(err)
	}
	return list
}

// strict decodes without tolerating unknown fields.
func strict(b []byte, v any) error {
	dec := json.NewDecoder(bytes.NewReader(b))
	dec.DisallowUnknownFields()
	return dec.Decode(v)
}

func TestGoldenFramesOfClients(t *testing.T) {
	seen := map[string]bool{}
	for _, g := range goldenFrames(t) {
		if g.From != "client" {
			continue
		}
		var f clientFrame
		if err := strict(g.Frame, &f); err != nil {
			t.Errorf("%s/%s: %v", g.Socket, g.Name, err)
		}
		known := map[string]bool{"chat": chatFrames[f.Type] != nil, "desk": deskFrames[f.Type] != nil}[g.Socket]
		if !known {
			t.Errorf("%s/%s: type %q is not handled", g.Socket, g.Name, f.Type)
		}
		seen[g.Socket+"/"+f.Type] = true
	}
	for kind := range chatFrames {
		if !seen["chat/"+kind] {
			t.Errorf("no example of chat/%s", kind)
		}
	}
	for kind := range deskFrames {
		if !seen["desk/"+kind] {
			t.Errorf("no example of desk/%s", kind)
		}
	}
}

// What this server writes has exactly the fields of the examples.
func TestGoldenFramesOfTheServer(t *testing.T) {
	shapes := map[string]func() any{
		"chat/welcome": func() any { return new(welcomeFrame) }, "desk/welcome": func() any { return new(deskWelcomeFrame) },
		"event": func() any { return new(eventFrame) }, "ack": func() any { return new(ackFrame) },
		"queue": func() any { return new(queueFrame) }, "typing": func() any { return new(typingFrame) },
		"error": func() any { return new(errorFrame) }, "chat/pong": func() any { return new(pongFrame) },
		"desk/pong": func() any { return new(deskPongFrame) }, "changed": func() any { return new(changedFrame) },
	}
	bodies := map[string]func() any{
		handoff.KindMessage: func() any { return new(handoff.MessageBody) }, handoff.KindState: func() any { return new(handoff.StateBody) },
		handoff.KindTransfer: func() any { return new(handoff.TransferBody) }, handoff.KindNote: func() any { return new(handoff.NoteBody) },
		handoff.KindDecision: func() any { return new(handoff.DecisionBody) }, handoff.KindRating: func() any { return new(handoff.RatingBody) },
		handoff.KindHidden: func() any { return new(struct{}) },
	}
	for _, g := range goldenFrames(t) {
		if g.From != "server" {
			continue
		}
		var head struct{ Type string }
		if err := json.Unmarshal(g.Frame, &head); err != nil {
			t.Fatal(err)
		}
		shape := shapes[g.Socket+"/"+head.Type]
		if shape == nil {
			shape = shapes[head.Type]
		}
		if shape == nil {
			t.Errorf("%s/%s: no such frame here", g.Socket, g.Name)
			continue
		}
		f := shape()
		if err := strict(g.Frame, f); err != nil {
			t.Errorf("%s/%s: %v", g.Socket, g.Name, err)
			continue
		}
		if e, ok := f.(*eventFrame); ok {
			body := bodies[e.Kind]
			if body == nil {
				t.Errorf("%s/%s: kind %q", g.Socket, g.Name, e.Kind)
			} else if err := strict(e.Body, body()); err != nil {
				t.Errorf("%s/%s: body: %v", g.Socket, g.Name, err)
			}
		}
		again, err := json.Marshal(f)
		if err != nil {
			t.Fatal(err)
		}
		var want, got any
		_ = json.Unmarshal(g.Frame, &want)
		_ = json.Unmarshal(again, &got)
		if !reflect.DeepEqual(want, got) {
			t.Errorf("%s/%s: written as\n%s\nwant\n%s", g.Socket, g.Name, again, g.Frame)
		}
	}
}
