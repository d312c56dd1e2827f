package handoff

import (
	"bytes"
	"context"
	"encoding/json"
	"strings"

	"yinda/bot"
	"yinda/internal/db"
	"yinda/internal/fault"
)

// Escalated is a conversation that went to a person, as editors look back on it (升级复盘): why, what the
// customer had said, masked, and what the agent thought of it.
type Escalated struct {
	ID       string   `json:"id"`
	At       int64    `json:"at"` // of the first escalation, microseconds UTC
	Reason   string   `json:"reason"`
	Priority int64    `json:"priority"` // 0 highest … 3 ordinary
	Agent    *Person  `json:"agent"`    // in charge, nil: nobody
	Verdict  string   `json:"verdict"`  // Right, Late, Needless; "": not marked
	Turns    []Turn   `json:"turns"`    // of the customer before the escalation, oldest first, at most debriefTurns
	Notes    []string `json:"notes"`    // of agents
	DoneBy   string   `json:"done_by"`  // user name of the editor who worked it off, "": nobody yet
	DoneAt   int64    `json:"done_at"`
}

// Turn is a turn of the customer and what the bot read in it. A turn that the bot did not decide on has
// no Decision.
type Turn struct {
	Seq      int64    `json:"seq"` // of its last bubble
	At       int64    `json:"at"`
	Text     string   `json:"text"` // bubbles joined by \n
	Decision *Reading `json:"decision"`
}

// Reading is the part of a DecisionBody that says how a turn was understood. Places of the evidence are
// characters of Turn.Text.
type Reading struct {
	Kind              bot.Kind       `json:"kind"`
	Reason            string         `json:"reason"`
	Evidence          []bot.Evidence `json:"evidence"`
	Emotion           string         `json:"emotion"`
	EmotionLevel      int            `json:"emotion_level"`
	Urgent            string         `json:"urgent"`
	WantsPerson       bool           `json:"wants_person"`
	Complaint         bool           `json:"complaint"`
	ComplaintCategory string         `json:"complaint_category"`
	Generation        int64          `json:"generation"`
}

// EscalatedFilter chooses escalations; zero values choose all.
type EscalatedFilter struct {
	Verdict  string // Right, Late, Needless, or Unmarked
	Reason   string
	From, To int64 // microseconds UTC; To excluded
	Open     bool  // only those that nobody has worked off
	Offset   int   // pages of EscalatedPage
}

// Unmarked chooses escalations without a verdict.
const Unmarked = "unmarked"

// EscalatedPage is how many escalations one call answers.
const EscalatedPage = 50

// debriefTurns bounds the turns that are shown of one escalation: the emotion's trend looks back two.
const debriefTurns = 5

// Escalated answers a page of escalations, those marked late or needless first, newest first among
// equals. more says that there are others behind it.
func (s *Service) Escalated(ctx context.Context, f EscalatedFilter) (list []Escalated, more bool, err error) {
	where, args := `c.escalated_at > 0`, []any{}
	and := func(condition string, value any) {
		where, args = where+` AND `+condition, append(args, value)
	}
	switch f.Verdict {
	case "":
	case Right, Late, Needless:
		and(`c.verdict = ?`, f.Verdict)
	case Unmarked:
		and(`c.verdict = ?`, "")
	default:
		return nil, false, fault.New(fault.Invalid, "bad_verdict", "评价只能按恰当、太晚、不必或未评价筛选。")
	}
	if f.Reason != "" {
		and(`c.reason = ?`, clean(f.Reason))
	}
	if f.From > 0 {
		and(`c.escalated_at >= ?`, f.From)
	}
	if f.To > 0 {
		and(`c.escalated_at < ?`, f.To)
	}
	if f.Open {
		where += ` AND d.done_at IS NULL`
	}
	rows, err := s.db.Query(ctx, `SELECT c.id, c.escalated_at, c.reason, c.priority, c.agent, c.agent_name, c.verdict, COALESCE(d.done_by, ''), COALESCE(d.done_at, 0)
		FROM conversations c LEFT JOIN debriefs d ON d.conversation = c.id WHERE `+where+`
		ORDER BY CASE c.verdict WHEN 'late' THEN 0 WHEN 'needless' THEN 1 WHEN 'right' THEN 2 ELSE 3 END, c.escalated_at DESC, c.id
		LIMIT ? OFFSET ?`, append(args, EscalatedPage+1, max(f.Offset, 0))...)
	if err != nil {
		return nil, false, err
	}
	defer rows.Close()
	list = []Escalated{}
	for rows.Next() {
		var e Escalated
		var a Person
		if err := rows.Scan(&e.ID, &e.At, &e.Reason, &e.Priority, &a.ID, &a.Name, &e.Verdict, &e.DoneBy, &e.DoneAt); err != nil {
			return nil, false, db.Explain(err)
		}
		if a.ID != "" {
			e.Agent = &a
		}
		list = append(list, e)
	}
	if err := rows.Err(); err != nil {
		return nil, false, db.Explain(err)
	}
	if more = len(list) > EscalatedPage; more {
		list = list[:EscalatedPage]
	}
	for i := range list {
		events, err := s.Events(ctx, list[i].ID, 0, 1000)
		if err != nil {
			return nil, false, err
		}
		list[i].tell(events)
	}
	return list, more, nil
}

// tell fills in what the conversation's log says: the turns until it left the bot, and the notes.
func (e *Escalated) tell(events []Event) {
	e.Turns, e.Notes = []Turn{}, []string{}
	var open *Turn // said, not decided on yet
	left := false
	for _, event := range events {
		if bytes.Equal(event.Body, erased) {
			continue
		}
		switch event.Kind {
		case KindMessage:
			var b MessageBody
			if left || event.Actor.Kind != ActorCustomer || json.Unmarshal(event.Body, &b) != nil {
				continue
			}
			if open == nil {
				open = &Turn{Text: b.Text}
			} else {
				open.Text += "\n" + b.Text
			}
			open.Seq, open.At = event.Seq, event.At
		case KindDecision:
			var r Reading
			if open != nil && json.Unmarshal(event.Body, &r) == nil {
				open.Decision = &r
				e.Turns, open = append(e.Turns, *open), nil
			}
		case KindState:
			var b StateBody
			if json.Unmarshal(event.Body, &b) == nil && b.From == StateBot && !left {
				left = true
				if open != nil { // the button was pressed before the bot had decided
					e.Turns, open = append(e.Turns, *open), nil
				}
			}
		case KindNote:
			var b NoteBody
			if event.Actor.Kind == ActorAgent && json.Unmarshal(event.Body, &b) == nil && !strings.HasPrefix(b.Text, revealed) {
				e.Notes = append(e.Notes, b.Text)
			}
		}
	}
	e.Turns = e.Turns[max(0, len(e.Turns)-debriefTurns):]
}

// Debrief records that the editor by (a user name) has worked an escalation off, or with done false
// that it is open again. Who was first stays. fault.NotFound when the conversation was not escalated.
func (s *Service) Debrief(ctx context.Context, conversation, by string, done bool) error {
	r, err := s.load(ctx, conversation)
	if err != nil {
		return err
	}
	if r.escalatedAt == 0 {
		return fault.New(fault.NotFound, "not_escalated", "这个会话没有转过人工，无需复盘。")
	}
	if !done {
		_, err = s.db.Exec(ctx, `DELETE FROM debriefs WHERE conversation = ?`, r.id)
		return err
	}
	_, err = s.db.Exec(ctx, `INSERT INTO debriefs (conversation, done_by, done_at) VALUES (?, ?, ?) ON CONFLICT (conversation) DO NOTHING`,
		r.id, by, db.Micros(s.now()))
	return err
}
