package handoff

import (
	"crypto/sha256"
	"encoding/binary"
	"encoding/json"
	"strings"

	"yinda/bot"
	"yinda/kb"
)

// Kinds of events.
const (
	KindMessage  = "message"
	KindState    = "state"
	KindTransfer = "transfer"
	KindNote     = "note"
	KindDecision = "decision"
	KindRating   = "rating"
	KindHidden   = "hidden" // what a customer sees of a note or decision: its number only
)

// Kinds of actors.
const (
	ActorCustomer = "customer"
	ActorBot      = "bot"
	ActorAgent    = "agent"
	ActorSystem   = "system"
)

// Actor is who caused an event. A bot never carries a person's name (product: never a fake human).
type Actor struct {
	Kind string `json:"kind"`
	ID   string `json:"id,omitempty"`
	Name string `json:"name"`
}

var (
	botActor    = Actor{Kind: ActorBot, Name: "智能客服"}
	systemActor = Actor{Kind: ActorSystem, Name: "系统"}
)

// Event is one entry of a conversation's log, as in docs/protocol.md §1.3.
type Event struct {
	Conversation string          `json:"conversation"`
	Seq          int64           `json:"seq"` // from 1, without gaps
	At           int64           `json:"at"`  // microseconds UTC
	Kind         string          `json:"kind"`
	Actor        Actor           `json:"actor"`
	Ref          string          `json:"ref,omitempty"` // the sender's reference of a message, as it was sent
	Body         json.RawMessage `json:"body"`          // one of the bodies below
}

// sentRef is a stored reference as its sender knows it: "c:" (customer) and "a:" (agent) keep the
// references of the two apart, "s:" are our own.
func sentRef(stored string) string {
	if ref, ok := strings.CutPrefix(stored, "c:"); ok {
		return ref
	}
	ref, _ := strings.CutPrefix(stored, "a:")
	if ref == stored {
		return ""
	}
	return ref
}

// MessageBody is the body of a message. A customer's or agent's message has only Text, Masked and Secret.
type MessageBody struct {
	Text        string       `json:"text"`
	Kind        bot.Kind     `json:"kind,omitempty"`
	EntryID     string       `json:"entry_id,omitempty"`
	Title       string       `json:"title,omitempty"`
	Version     int          `json:"version,omitempty"`
	Generation  int64        `json:"generation,omitempty"`
	Approver    string       `json:"approver,omitempty"` // not shown to customers
	Choices     []bot.Choice `json:"choices,omitempty"`
	OfferPerson bool         `json:"offer_person,omitempty"`
	ConfirmRisk bool         `json:"confirm_risk,omitempty"`
	Masked      []string     `json:"masked,omitempty"` // types of private data that were masked or destroyed
	Secret      bool         `json:"secret,omitempty"` // C3 data was destroyed
	Script      string       `json:"script,omitempty"` // id of the script, for sentences of the system
}

// StateBody is the body of a change of state. From Reason on, Agent and Ticket excepted, it is for staff.
type StateBody struct {
	From              State          `json:"from"`
	To                State          `json:"to"`
	Ticket            string         `json:"ticket"`
	Agent             string         `json:"agent"` // name
	Group             string         `json:"group,omitempty"`
	PromisedAt        int64          `json:"promised_at,omitempty"` // of a ticket, microseconds UTC
	Reason            string         `json:"reason,omitempty"`
	Priority          int64          `json:"priority"`
	Evidence          []bot.Evidence `json:"evidence,omitempty"`
	Emotion           string         `json:"emotion,omitempty"`
	EmotionLevel      int64          `json:"emotion_level"`
	Trend             int64          `json:"trend"`
	Urgent            string         `json:"urgent,omitempty"`
	ComplaintCategory string         `json:"complaint_category,omitempty"`
}

// TransferBody is the body of a transfer. The note is for staff.
type TransferBody struct {
	FromAgent string `json:"from_agent"` // names
	ToAgent   string `json:"to_agent"`
	Group     string `json:"group"`
	Note      string `json:"note,omitempty"`
}

// NoteBody is the body of an internal note.
type NoteBody struct {
	Text string `json:"text"`
}

// DecisionBody is why the bot did what it did with a turn.
type DecisionBody struct {
	Kind              bot.Kind       `json:"kind"`
	Reason            string         `json:"reason"`
	Evidence          []bot.Evidence `json:"evidence"`
	Candidates        []kb.Candidate `json:"candidates"`
	Emotion           string         `json:"emotion"`
	EmotionLevel      int            `json:"emotion_level"`
	Trend             int            `json:"trend"`
	Urgent            string         `json:"urgent"`
	WantsPerson       bool           `json:"wants_person"`
	Complaint         bool           `json:"complaint"`
	ComplaintCategory string         `json:"complaint_category,omitempty"`
	Escalate          bool           `json:"escalate"`
	Generation        int64          `json:"generation"`
	Milliseconds      float64        `json:"ms"`
}

// RatingBody is the body of a rating.
type RatingBody struct {
	Stars    int    `json:"stars"` // 1..5
	Resolved bool   `json:"resolved"`
	Comment  string `json:"comment"`
	Subject  string `json:"subject"` // bot or agent
}

// ForCustomer is the event as a customer may see it: notes and decisions become hidden events with an
// empty body (the number must stay, sequences have no gaps), reasons and staff's ids are left out.
func (e Event) ForCustomer() Event {
	e.Actor.ID = ""
	if e.Actor.Kind != ActorCustomer {
		e.Ref = ""
	}
	switch e.Kind {
	case KindNote, KindDecision:
		e.Kind, e.Body, e.Actor = KindHidden, json.RawMessage(`{}`), systemActor
	case KindState:
		var b StateBody
		json.Unmarshal(e.Body, &b)
		e.Body, _ = json.Marshal(struct {
			From       State  `json:"from"`
			To         State  `json:"to"`
			Ticket     string `json:"ticket"`
			Agent      string `json:"agent"`
			PromisedAt int64  `json:"promised_at,omitempty"`
		}{b.From, b.To, b.Ticket, b.Agent, b.PromisedAt})
	case KindTransfer:
		var b TransferBody
		json.Unmarshal(e.Body, &b)
		b.Note = ""
		e.Body, _ = json.Marshal(b)
	case KindMessage:
		if e.Actor.Kind == ActorBot {
			var b MessageBody
			json.Unmarshal(e.Body, &b)
			b.Approver = ""
			e.Body, _ = json.Marshal(b)
		}
	case KindRating:
	default:
		e.Kind, e.Body = KindHidden, json.RawMessage(`{}`)
	}
	return e
}

// stored is an event as its row holds it: body and original encrypted.
type stored struct {
	conversation                  string
	seq                           int64
	ref                           *string // nil: follows from another event
	at                            int64
	kind                          string
	actorKind, actorID, actorName string
	body, original, hash          []byte
}

// chain is the hash of the row after prev: SHA-256 over prev and every field, each with its length
// in front so that no two rows run together. It covers the encrypted body, so the chain of a
// conversation whose key was destroyed can still be verified.
func (e *stored) chain(prev []byte) []byte {
	h := sha256.New()
	var n [8]byte
	field := func(b []byte) {
		binary.BigEndian.PutUint64(n[:], uint64(len(b)))
		h.Write(n[:])
		h.Write(b)
	}
	number := func(v int64) {
		binary.BigEndian.PutUint64(n[:], uint64(v))
		h.Write(n[:])
	}
	field(prev)
	field([]byte(e.conversation))
	number(e.seq)
	if e.ref != nil {
		field([]byte(*e.ref))
	} else {
		number(-1)
	}
	number(e.at)
	field([]byte(e.kind))
	field([]byte(e.actorKind))
	field([]byte(e.actorID))
	field([]byte(e.actorName))
	field(e.body)
	field(e.original)
	return h.Sum(nil)
}
