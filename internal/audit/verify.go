package audit

import (
	"context"
	"fmt"
	"time"

	"yinda/internal/fault"
)

// Head is the newest link of the chain. Noted outside the database, it proves that the log up to it
// was not rewritten.
type Head struct {
	Seq  int64  `json:"seq"`
	Hash string `json:"hash"`
}

// Report says what Verify saw.
type Report struct {
	Rows int64     `json:"rows"`
	Head Head      `json:"head"`
	From time.Time `json:"from,omitzero"` // time of the first row
	To   time.Time `json:"to,omitzero"`   // time of the last row
}

// Head reads the newest link.
func (l *Log) Head(ctx context.Context) (Head, error) {
	var h Head
	if err := l.db.QueryRow(ctx, `SELECT seq, hash FROM audit_head WHERE id = 1`).Scan(&h.Seq, &h.Hash); err != nil {
		return h, fmt.Errorf("audit: head: %w", err)
	}
	return h, nil
}

// Verify walks the chain from the first row. A broken chain is fault.Conflict with code
// "audit_broken" and a message that names the first broken row; rows appended meanwhile are left
// for the next time.
func (l *Log) Verify(ctx context.Context) (Report, error) {
	return l.VerifyAgainst(ctx, Head{})
}

// VerifyAgainst is Verify that also demands that the chain still contains a head noted earlier.
func (l *Log) VerifyAgainst(ctx context.Context, noted Head) (Report, error) {
	head, err := l.Head(ctx)
	if err != nil {
		return Report{}, err
	}
	report := Report{Head: head}
	rows, err := l.db.Query(ctx, `SELECT seq, at, actor, actor_name, action, object, detail, hash FROM audit WHERE seq <= ? ORDER BY seq`, head.Seq)
	if err != nil {
		return report, fmt.Errorf("audit: verify: %w", err)
	}
	defer rows.Close()
	before := ""
	for rows.Next() {
		r, err := scan(rows.Scan)
		if err != nil {
			return report, err
		}
		switch {
		case r.Seq != report.Rows+1:
			return report, broken("第%d条审计记录缺失（其后是第%d条）。", report.Rows+1, r.Seq)
		case r.Hash != r.link(before):
			return report, broken("第%d条审计记录（%s，%s）与校验值不符：该条或其前一条被改动过。", r.Seq, r.Action, chinaTime(r.At))
		case r.Seq == noted.Seq && r.Hash != noted.Hash:
			return report, broken("第%d条审计记录的校验值与留存的不同：记录被整体重写过。", r.Seq)
		}
		if report.Rows == 0 {
			report.From = time.UnixMicro(r.At)
		}
		report.Rows, report.To, before = r.Seq, time.UnixMicro(r.At), r.Hash
	}
	if err := rows.Err(); err != nil {
		return report, fmt.Errorf("audit: verify: %w", err)
	}
	switch {
	case report.Rows != head.Seq:
		return report, broken("审计记录应有%d条，只找到%d条：末尾的记录被删除。", head.Seq, report.Rows)
	case before != head.Hash:
		return report, broken("最后一条（第%d条）审计记录的校验值与链头不符：末尾的记录被改动过。", head.Seq)
	case noted.Seq > head.Seq:
		return report, broken("留存的校验值属于第%d条，但记录只到第%d条：末尾的记录被删除。", noted.Seq, head.Seq)
	}
	return report, nil
}

func broken(format string, args ...any) error {
	return fault.New(fault.Conflict, "audit_broken", fmt.Sprintf(format, args...)+"请立即保全数据库并通知审计部门。")
}

func chinaTime(micros int64) string {
	return time.UnixMicro(micros).In(time.FixedZone("CST", 8*3600)).Format("2006-01-02 15:04:05")
}
