package handoff

import (
	"bytes"
	"context"
	"fmt"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// Verify recomputes the hash chain of a conversation and answers the number of events that it covers.
// It needs no key. A message whose text was replaced because it held a part of a secret (withdraw.go)
// holds when a later note vouches for what it says now. fault.Conflict with code "chain_broken" names the first event that was changed,
// removed or inserted after the fact.
func Verify(ctx context.Context, d *db.DB, conversation string) (int64, error) {
	var last int64
	var head []byte
	if err := d.QueryRow(ctx, `SELECT last_seq, last_hash FROM conversations WHERE id = ?`, conversation).Scan(&last, &head); err != nil {
		return 0, db.Explain(err)
	}
	rows, err := d.Query(ctx, `SELECT seq, ref, at, kind, actor_kind, actor_id, actor_name, body, original, hash
		FROM events WHERE conversation = ? AND seq <= ? ORDER BY seq`, conversation, last)
	if err != nil {
		return 0, err
	}
	defer rows.Close()
	prev, n := []byte{}, int64(0)
	unfit := map[string]int64{} // rows that do not fit their hash, by the note that would vouch for them
	for rows.Next() {
		e := stored{conversation: conversation}
		if err := rows.Scan(&e.seq, &e.ref, &e.at, &e.kind, &e.actorKind, &e.actorID, &e.actorName, &e.body, &e.original, &e.hash); err != nil {
			return n, db.Explain(err)
		}
		if e.seq != n+1 {
			return n, broke(conversation, n+1, "缺失")
		}
		if !bytes.Equal(e.chain(prev), e.hash) {
			unfit[withdrawnRef(&e)] = e.seq
		} else if isWithdrawal(&e) {
			delete(unfit, *e.ref)
		}
		prev, n = e.hash, e.seq
	}
	if err := rows.Err(); err != nil {
		return n, db.Explain(err)
	}
	if len(unfit) > 0 {
		first := last
		for _, seq := range unfit {
			first = min(first, seq)
		}
		return first - 1, broke(conversation, first, "被改动")
	}
	if n != last {
		return n, broke(conversation, n+1, "缺失")
	}
	if !bytes.Equal(prev, head) {
		return n, broke(conversation, n, "与链头不符")
	}
	return n, nil
}

func broke(conversation string, seq int64, what string) error {
	return fault.New(fault.Conflict, "chain_broken", fmt.Sprintf("会话 %s 的第 %d 条记录%s，哈希链不成立。请保全数据库并追查。", conversation, seq, what))
}

// VerifyAll verifies every conversation and answers how many conversations and events hold. It goes
// on after a broken one and returns the first error; report is called for each broken conversation.
func VerifyAll(ctx context.Context, d *db.DB, report func(conversation string, err error)) (conversations, events int64, err error) {
	after := ""
	for {
		ids, e := idsAfter(ctx, d, after)
		if e != nil {
			return conversations, events, e
		}
		if len(ids) == 0 {
			return conversations, events, err
		}
		for _, id := range ids {
			n, e := Verify(ctx, d, id)
			events += n
			switch {
			case e == nil:
				conversations++
			case fault.KindOf(e) != fault.Conflict:
				return conversations, events, e
			default:
				if report != nil {
					report(id, e)
				}
				if err == nil {
					err = e
				}
			}
		}
		after = ids[len(ids)-1]
	}
}

func idsAfter(ctx context.Context, d *db.DB, after string) ([]string, error) {
	rows, err := d.Query(ctx, `SELECT id FROM conversations WHERE id > ? ORDER BY id LIMIT 1000`, after)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var ids []string
	for rows.Next() {
		var id string
		if err := rows.Scan(&id); err != nil {
			return nil, db.Explain(err)
		}
		ids = append(ids, id)
	}
	return ids, db.Explain(rows.Err())
}
