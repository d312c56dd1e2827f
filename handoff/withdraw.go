package handoff

import (
	"encoding/hex"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"
)

// withdrawal is an earlier message of the customer that turned out to hold the first part of a
// secret: 我密码是48 when 2910 follows (lexicon §5: private data split across bubbles).
type withdrawal struct {
	ref string // of its sender
	Protected
}

// withdraw replaces the stored text of an earlier message by what may be kept of it. The row keeps
// its hash, so the chain goes on; that the text no longer fits this hash is vouched for by a note in
// the log, whose reference names the row and the digest of what it holds now. Verify accepts a row
// that does not fit its hash only with such a note, and a note is itself part of the chain.
//
// A message that is not stored (sent again later, or part of another conversation) has nothing to
// withdraw.
func (m *room) withdraw(w withdrawal) error {
	e, fresh, err := m.find("c:" + w.ref)
	if err != nil || e == nil {
		return err
	}
	text, err := json.Marshal(MessageBody{Text: w.Shown, Masked: w.Found, Secret: true})
	if err != nil {
		return fmt.Errorf("handoff: body of %s/%d: %w", m.id, e.seq, err)
	}
	now := *e
	if now.body, err = m.seal(bodyRow(e.seq), text); err != nil {
		return err
	}
	now.original = nil
	if kept := original(w.Protected); kept != "" {
		if now.original, err = m.seal(originalRow(e.seq), []byte(kept)); err != nil {
			return err
		}
	}
	// The course repeats the customer's latest words. Without them the bot only fails to notice that
	// the next question is the same.
	course, err := m.s.readCourse(m.record)
	if err != nil {
		return err
	}
	if course.LastText != "" {
		course.LastText = ""
		plain, err := json.Marshal(course)
		if err != nil {
			return fmt.Errorf("handoff: course of %s: %w", m.id, err)
		}
		if m.course, err = m.seal(courseRow, plain); err != nil {
			return err
		}
		m.cold = true
	}
	m.ref = withdrawnRef(&now)
	last := m.lastActor
	if _, err := m.add(KindNote, systemActor, NoteBody{Text: fmt.Sprintf("客户把密码、验证码等信息分几条发送，第%d条中的部分已按规定删除。", e.seq)}, ""); err != nil {
		return err
	}
	m.lastActor = last // whose turn it is has not changed
	if fresh {
		// Not in the database yet: it never gets there. Were this change to fail now, the row would lack
		// its note, so the whole batch is repeated, as after a statement of our own.
		m.wrote = true
		e.body, e.original = now.body, now.original
		return nil
	}
	return m.exec(`UPDATE events SET body = ?, original = ? WHERE conversation = ? AND seq = ?`, now.body, now.original, m.id, e.seq)
}

// find answers the event with a stored reference, nil if there is none. fresh says that it is of
// this batch and will be inserted with it.
func (m *room) find(ref string) (e *stored, fresh bool, err error) {
	for _, e := range m.batch {
		if e.conversation == m.id && e.ref != nil && *e.ref == ref {
			return e, true, nil
		}
	}
	e = &stored{conversation: m.id, ref: &ref}
	found, err := m.tx.row(`SELECT seq, at, kind, actor_kind, actor_id, actor_name, hash FROM events WHERE conversation = ? AND ref = ?`,
		[]any{m.id, ref}, []any{&e.seq, &e.at, &e.kind, &e.actorKind, &e.actorID, &e.actorName, &e.hash})
	if err != nil {
		return nil, false, broken{err}
	}
	if !found {
		return nil, false, nil
	}
	return e, false, nil
}

const withdrawnPrefix = "withdrawn:"

// withdrawnRef is the reference of the note on a row whose text was replaced: its number and the
// digest of the row as it is now, bound to the hash that it keeps.
func withdrawnRef(e *stored) string {
	return withdrawnPrefix + strconv.FormatInt(e.seq, 10) + ":" + hex.EncodeToString(e.chain(e.hash))
}

// isWithdrawal reports whether an event is a note on a replaced row. Customers' and agents'
// references begin otherwise.
func isWithdrawal(e *stored) bool {
	return e.kind == KindNote && e.actorKind == ActorSystem && e.ref != nil && strings.HasPrefix(*e.ref, withdrawnPrefix)
}
