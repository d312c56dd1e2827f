// Package audit records who changed what and who looked at what, so that nobody can alter the
// record unnoticed (product, promise 9; requirements PS-13).
//
// Rows are only ever appended. Each carries a hash over itself and the hash of the row before it,
// and audit_head keeps the newest link, so that a changed, inserted, removed or cut-off row is found
// by walking the chain. Whoever could rewrite the whole chain is caught by a head that was noted
// outside the database: Head gives it, and the server writes it to its log.
//
//	log := audit.New(d, time.Now)
//	err := log.Append(ctx, audit.Record{Actor: user.ID, ActorName: user.Name,
//		Action: "conversation.view", Object: id, Detail: map[string]any{"state": "queued"}})
//	report, err := log.Verify(ctx)
//
// Details name things; they never carry message texts or customers' data.
package audit
