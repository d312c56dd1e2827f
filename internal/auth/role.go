package auth

import "slices"

// Role is what a person is at the bank (requirements AG-02). One account may have several.
type Role string

// The roles. Customer service manager and director of the source documents are both Supervisor here.
const (
	Agent      Role = "agent"      // 客服代表
	Supervisor Role = "supervisor" // 主管
	Editor     Role = "editor"     // 知识编辑
	Reviewer   Role = "reviewer"   // 知识复核
	Admin      Role = "admin"      // 系统管理员
	Auditor    Role = "auditor"    // 审计员
)

// Roles lists every role in the order in which they are shown.
var Roles = []Role{Agent, Supervisor, Editor, Reviewer, Admin, Auditor}

// Permission is what a route demands.
type Permission string

// The permissions.
const (
	Serve         Permission = "serve"          // talk with customers, see their conversations
	Supervise     Permission = "supervise"      // see the whole team
	ReadContent   Permission = "read_content"   // see drafts and versions
	EditContent   Permission = "edit_content"   // write drafts
	ReviewContent Permission = "review_content" // approve, reject, publish
	ManageUsers   Permission = "manage_users"
	ReadAudit     Permission = "read_audit"
)

// permissions is the whole table: least privilege (requirements PS-04). An administrator manages
// accounts but sees no conversation and no draft. Reading the audit log is itself recorded in it.
var permissions = map[Role][]Permission{
	Agent:      {Serve},
	Supervisor: {Serve, Supervise},
	Editor:     {ReadContent, EditContent},
	Reviewer:   {ReadContent, ReviewContent},
	Admin:      {ManageUsers, ReadAudit},
	Auditor:    {ReadAudit},
}

// Permissions lists what a role may do; nil for an unknown one.
func (r Role) Permissions() []Permission { return slices.Clone(permissions[r]) }

// May reports whether any role of the account grants p.
func (a Account) May(p Permission) bool {
	for _, r := range a.Roles {
		if slices.Contains(permissions[r], p) {
			return true
		}
	}
	return false
}

// Has reports whether the account has the role.
func (a Account) Has(r Role) bool { return slices.Contains(a.Roles, r) }
