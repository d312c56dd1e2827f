package handoff

import (
	"context"

	"yinda/internal/fault"
)

// Erase makes a closed conversation unreadable for ever, in backups too, by destroying its data key.
// Numbers, times and states stay for the statistics, and the hash chain still holds: the last event
// says who erased it and why, in a body that this destroys as well, so record it in the audit log.
// fault.Conflict while the conversation is open.
func (s *Service) Erase(ctx context.Context, f Staff, conversation, reason string) error {
	reason, err := s.checkText(reason)
	if err != nil {
		return fault.New(fault.Invalid, "no_reason", "删除会话内容需要填写理由。")
	}
	_, err = s.do(ctx, &change{conversation: conversation, apply: func(m *room) error {
		switch {
		case !m.state.Final():
			return fault.New(fault.Conflict, "still_open", "会话还没有结束，不能删除。请先结束会话。")
		case m.dataKey == nil:
			return fault.New(fault.Conflict, "erased", "会话内容已经删除，或没有加密保存。")
		}
		if _, err := m.add(KindNote, f.actor(), NoteBody{Text: "会话内容已删除。理由：" + reason}, ""); err != nil {
			return err
		}
		m.preview, m.course, m.hot, m.cold = nil, nil, true, true
		return m.exec(`UPDATE conversations SET data_key = NULL WHERE id = ?`, m.id)
	}})
	return err
}
