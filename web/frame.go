package web

import (
	"encoding/json"

	"yinda/handoff"
)

// Frames of the customer's socket, client to server (docs/protocol.md §1.1). say, ask_person, note
// and the like share one struct: their fields do not overlap in meaning.
type clientFrame struct {
	Type         string `json:"type"`
	Ref          string `json:"ref,omitempty"`
	Conversation string `json:"conversation,omitempty"`
	Text         string `json:"text,omitempty"`
	Confirmed    bool   `json:"confirmed,omitempty"` // desk: a warning of the guard was read
	After        int64  `json:"after,omitempty"`
	Seq          int64  `json:"seq,omitempty"`
	Stars        int    `json:"stars,omitempty"`
	Resolved     *bool  `json:"resolved,omitempty"` // null: not answered
	Comment      string `json:"comment,omitempty"`
	Token        string `json:"token,omitempty"`
	Lang         string `json:"lang,omitempty"`
	Elder        bool   `json:"elder,omitempty"`
	Page         string `json:"page,omitempty"`
}

// Frames of the server (docs/protocol.md §1.1, §1.2).

type welcomeFrame struct {
	Type         string      `json:"type"`
	Token        string      `json:"token"`
	Conversation string      `json:"conversation"`
	Seq          int64       `json:"seq"`
	State        string      `json:"state"`
	Bank         string      `json:"bank"`
	Hotline      string      `json:"hotline"`
	Suggestions  []string    `json:"suggestions"`
	Agent        string      `json:"agent"`
	Queue        *queuePlace `json:"queue"`
}

type queuePlace struct {
	Position int   `json:"position"`
	WaitP50  int64 `json:"wait_p50"` // seconds; -1 unknown
	WaitP90  int64 `json:"wait_p90"`
}

type queueFrame struct {
	Type string `json:"type"`
	queuePlace
}

type eventFrame struct {
	Type         string          `json:"type"`
	Conversation string          `json:"conversation"`
	Seq          int64           `json:"seq"`
	At           int64           `json:"at"`
	Kind         string          `json:"kind"`
	Actor        actorFrame      `json:"actor"`
	Ref          string          `json:"ref,omitempty"`
	Body         json.RawMessage `json:"body"`
}

type actorFrame struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

type ackFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation,omitempty"`
	Ref          string `json:"ref"`
	Seq          int64  `json:"seq"`
}

type typingFrame struct {
	Type         string     `json:"type"`
	Conversation string     `json:"conversation,omitempty"`
	Actor        actorFrame `json:"actor"`
}

type errorFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation,omitempty"`
	Code         string `json:"code"`
	Message      string `json:"message"`
	Ref          string `json:"ref,omitempty"`
	Findings     any    `json:"findings,omitempty"`
}

type pongFrame struct {
	Type string `json:"type"`
	Seq  int64  `json:"seq"`
}

type deskPongFrame struct {
	Type string           `json:"type"`
	Seqs map[string]int64 `json:"seqs"`
}

type deskWelcomeFrame struct {
	Type     string   `json:"type"`
	User     userJSON `json:"user"`
	Presence string   `json:"presence"`
}

type changedFrame struct {
	Type         string `json:"type"`
	Conversation string `json:"conversation,omitempty"`
}

func newEventFrame(e handoff.Event) eventFrame {
	return eventFrame{
		Type: "event", Conversation: e.Conversation, Seq: e.Seq, At: e.At, Kind: e.Kind,
		Actor: actorFrame{e.Actor.Kind, e.Actor.ID, e.Actor.Name}, Ref: e.Ref, Body: e.Body,
	}
}
