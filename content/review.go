package content

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// SaveDraft stores a body as a draft of an item. baseVersion is the version that the editor started
// from: when somebody else saved meanwhile the call fails with Conflict and nothing is overwritten.
// 0 makes a new item. A draft of the same author is changed in place, everything else gets a new
// version. The findings of the check come back even when the draft is saved: a draft may have
// errors, a submission may not.
func (s *Store) SaveDraft(ctx context.Context, author string, kind Kind, body json.RawMessage, baseVersion int, lint Linter) (Item, []Finding, error) {
	body, findings := tidied(kind, body)
	id, err := bodyID(kind, body)
	if err != nil {
		return Item{}, nil, err
	}
	set, err := s.checkedAgainst(ctx, kind)
	if err != nil {
		return Item{}, nil, err
	}
	findings = append(findings, set.Check(kind, body, lint)...)
	title, category, due := describe(kind, body)
	now := db.Micros(s.clock())
	err = s.db.Write(ctx, func(tx *db.Tx) error {
		latest, err := newest(tx, kind, id)
		switch {
		case fault.KindOf(err) == fault.NotFound && baseVersion == 0:
		case err != nil:
			return err
		case baseVersion == 0:
			return fault.New(fault.Conflict, "id_taken", fmt.Sprintf("编号%s已被使用，请换一个编号。", id))
		case latest.Version != baseVersion:
			return fault.New(fault.Conflict, "newer_version", fmt.Sprintf("%s刚保存了第%d版，请刷新后在新版本上修改。", latest.Author, latest.Version))
		case latest.State == StateInReview:
			return fault.New(fault.Conflict, "in_review", "这条内容正在复核，请先退回再修改。")
		case latest.State == StateDraft && latest.Author == author:
			_, err := tx.Exec(`UPDATE content_version SET title = ?, category = ?, review_due = ?, body = ?, created_at = ?, withdrawn = 0, note = ''
				WHERE kind = ? AND id = ? AND version = ?`, title, category, due, string(body), now, kind, id, latest.Version)
			return err
		}
		_, err = tx.Exec(`INSERT INTO content_version (kind, id, version, state, title, category, review_due, body, author, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`, kind, id, latest.Version+1, StateDraft, title, category, due, string(body), author, now)
		return err
	})
	if err != nil {
		return Item{}, findings, err
	}
	item, _, err := s.Get(ctx, kind, id)
	return item, findings, err
}

// bodyID reads the id of a body; every kind but the policy has one.
func bodyID(kind Kind, body json.RawMessage) (string, error) {
	if kind == KindPolicy {
		return policyID, nil
	}
	var b struct {
		ID string `json:"id"`
	}
	if err := json.Unmarshal(body, &b); err != nil {
		return "", fault.Wrap(err, fault.Invalid, "bad_body", "内容格式不正确，请检查后重试。")
	}
	if kind == KindExample && b.ID == "" {
		return "", fault.New(fault.Invalid, "no_text", "请填写客户的原话。")
	}
	if !entryID.MatchString(b.ID) {
		return "", fault.New(fault.Invalid, "bad_id", "编号须为1—64位字母、数字、点、短横或下划线。")
	}
	return b.ID, nil
}

// Submit asks for a review of the draft. It fails with a CheckError when the draft has errors.
func (s *Store) Submit(ctx context.Context, kind Kind, id string, lint Linter) error {
	item, _, err := s.Get(ctx, kind, id)
	if err != nil {
		return err
	}
	set, err := s.checkedAgainst(ctx, kind)
	if err != nil {
		return err
	}
	if err := errorsIn(set.Check(kind, item.Body, lint)); err != nil {
		return err
	}
	return s.move(ctx, kind, id, StateInReview, "", "", func(v Version) error {
		if v.Version != item.Version || v.State != StateDraft && v.State != StateRejected {
			return fault.New(fault.Conflict, "not_a_draft", "只有草稿可以提交复核。")
		}
		return nil
	})
}

// Approve accepts a version under review. Whoever wrote it may not: maker is not checker.
func (s *Store) Approve(ctx context.Context, reviewer string, kind Kind, id string) error {
	return s.move(ctx, kind, id, StateApproved, reviewer, "", func(v Version) error {
		if v.State != StateInReview {
			return fault.New(fault.Conflict, "not_in_review", "这条内容不在复核中。")
		}
		if v.Author == reviewer {
			return fault.New(fault.Forbidden, "maker_is_checker", "编写人不能复核自己的内容，请由另一位同事复核。")
		}
		return nil
	})
}

// Reject sends a version under review, or approved but not published, back to its author. The
// author may do so too, to take a submission back.
func (s *Store) Reject(ctx context.Context, reviewer string, kind Kind, id, reason string) error {
	return s.move(ctx, kind, id, StateRejected, reviewer, reason, func(v Version) error {
		if v.State != StateInReview && v.State != StateApproved {
			return fault.New(fault.Conflict, "not_in_review", "这条内容不在复核中。")
		}
		return nil
	})
}

// move changes the state of the newest version after allow has agreed to it.
func (s *Store) move(ctx context.Context, kind Kind, id string, to State, reviewer, note string, allow func(Version) error) error {
	now := db.Micros(s.clock())
	return s.db.Write(ctx, func(tx *db.Tx) error {
		v, err := newest(tx, kind, id)
		if err != nil {
			return err
		}
		if err := allow(v); err != nil {
			return err
		}
		approved := sql.NullInt64{Int64: now, Valid: to == StateApproved}
		n, err := tx.Exec(`UPDATE content_version SET state = ?, reviewer = ?, note = CASE WHEN ? = '' THEN note ELSE ? END, approved_at = ?
			WHERE kind = ? AND id = ? AND version = ? AND state = ?`, to, reviewer, note, note, approved, kind, id, v.Version, v.State)
		if err == nil && n == 0 {
			return fault.New(fault.Conflict, "moved_meanwhile", "这条内容刚被其他同事处理，请刷新后再看。")
		}
		return err
	})
}

// Withdraw proposes to take an item out of service. It goes through review and publication like any
// change.
func (s *Store) Withdraw(ctx context.Context, author string, kind Kind, id, reason string) error {
	if kind == KindPolicy {
		return fault.New(fault.Invalid, "policy_needed", "策略阈值不能下线，只能修改。")
	}
	return s.copyOf(ctx, author, kind, id, 0, StateInReview, true, reason)
}

// Rollback proposes an old version's body as a new draft.
func (s *Store) Rollback(ctx context.Context, author string, kind Kind, id string, version int) error {
	return s.copyOf(ctx, author, kind, id, version, StateDraft, false, fmt.Sprintf("恢复到第%d版", version))
}

// copyOf makes a new version from an old one (0: the newest).
func (s *Store) copyOf(ctx context.Context, author string, kind Kind, id string, version int, state State, withdrawn bool, note string) error {
	now := db.Micros(s.clock())
	flag := 0
	if withdrawn {
		flag = 1
	}
	return s.db.Write(ctx, func(tx *db.Tx) error {
		latest, err := newest(tx, kind, id)
		if err != nil {
			return err
		}
		if latest.State == StateInReview {
			return fault.New(fault.Conflict, "in_review", "这条内容正在复核，请先退回再操作。")
		}
		if withdrawn && latest.State == StatePublished && latest.Withdrawn {
			return fault.New(fault.Conflict, "withdrawn", "这条内容已经下线。")
		}
		from := latest
		if version != 0 {
			from, err = scanVersion(tx.QueryRow(`SELECT `+versionColumns+` FROM content_version WHERE kind = ? AND id = ? AND version = ?`, kind, id, version))
			if errors.Is(err, sql.ErrNoRows) {
				return fault.New(fault.NotFound, "no_version", fmt.Sprintf("没有第%d版。", version))
			}
			if err != nil {
				return err
			}
		}
		_, err = tx.Exec(`INSERT INTO content_version (kind, id, version, state, withdrawn, title, category, review_due, body, author, note, created_at)
			VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
			kind, id, latest.Version+1, state, flag, from.Title, from.Category, from.ReviewDue, string(from.Body), author, note, now)
		return err
	})
}
