package handoff

import (
	"context"
	"encoding/json"
	"slices"
	"strings"

	"yinda/internal/db"
	"yinda/internal/fault"
)

// Presence is whether an agent takes chats.
type Presence string

// The presences. A busy agent keeps the chats in hand and gets no new ones; an offline one has none:
// they go back to the queue.
const (
	Online  Presence = "online"
	Busy    Presence = "busy"
	Offline Presence = "offline"
)

// Agent is a person who takes chats. Presence is offline when the lease has run out.
type Agent struct {
	ID       string   `json:"id"`
	Name     string   `json:"name"`
	Presence Presence `json:"presence"`
	Load     int64    `json:"load"`     // chats in hand
	Capacity int64    `json:"capacity"` // chats at the same time
	Groups   []string `json:"groups"`   // empty: every group
}

// Staff is who does something at the desk.
type Staff struct {
	ID         string
	Name       string // shown to customers
	Supervisor bool   // may act on conversations of others
}

func (f Staff) actor() Actor { return Actor{Kind: ActorAgent, ID: f.ID, Name: f.Name} }

// agentRecord is a row of agents with the agent's load.
type agentRecord struct {
	id, name                       string
	presence                       Presence
	capacity                       int64
	serves                         string
	leaseUntil, lastAssigned, load int64
}

const selectAgents = `SELECT a.id, a.name, a.presence, a.capacity, a.serves, a.lease_until, a.last_assigned,
	(SELECT count(*) FROM conversations c WHERE c.agent = a.id AND c.state = 'agent') FROM agents a`

func (a *agentRecord) fields() []any {
	return []any{&a.id, &a.name, &a.presence, &a.capacity, &a.serves, &a.leaseUntil, &a.lastAssigned, &a.load}
}

// present reports whether the agent is at work: not offline, lease not run out.
func (a *agentRecord) present(now int64) bool { return a.presence != Offline && a.leaseUntil > now }

// takes reports whether the agent may be given another chat now.
func (a *agentRecord) takes(now int64) bool {
	return a.presence == Online && a.leaseUntil > now && a.load < a.capacity
}

// groups are those of the row; nil means every group.
func (a *agentRecord) groups() []string {
	var g []string
	json.Unmarshal([]byte(a.serves), &g) // our own JSON
	return g
}

func (a *agentRecord) servesGroup(group string) bool {
	g := a.groups()
	return len(g) == 0 || slices.Contains(g, group)
}

// SetPresence signs an agent in or out, or changes the agent's groups and capacity, and begins a new
// lease. Going offline returns the agent's chats to the queue within a second.
func (s *Service) SetPresence(ctx context.Context, a Agent, p Presence) error {
	if p != Online && p != Busy && p != Offline {
		return fault.New(fault.Invalid, "bad_presence", "状态只能是在线、忙碌或离线。")
	}
	a.ID, a.Name = clean(a.ID), clean(a.Name)
	if a.ID == "" || a.Capacity < 0 || a.Capacity > 100 {
		return fault.New(fault.Invalid, "bad_agent", "坐席资料不完整，或同时接待数不在 0 到 100 之间。")
	}
	groups := slices.Clone(a.Groups)
	for _, g := range groups {
		if g == "" || strings.ContainsAny(g, "\"\\%_?\x00") || len(g) > 64 {
			return fault.New(fault.Invalid, "bad_group", "技能组名称不能为空，也不能含有引号、百分号或下划线。")
		}
	}
	serves := []byte("[]")
	if len(groups) > 0 {
		slices.Sort(groups)
		var buffer strings.Builder
		e := json.NewEncoder(&buffer)
		e.SetEscapeHTML(false)
		if err := e.Encode(slices.Compact(groups)); err != nil {
			return err
		}
		serves = []byte(strings.TrimSpace(buffer.String()))
	}
	now := s.now()
	lease := db.Micros(now.Add(s.o.AgentLease))
	if p == Offline {
		lease = 0
	}
	_, err := s.db.Exec(ctx, `INSERT INTO agents (id, name, presence, capacity, serves, lease_until) VALUES (?, ?, ?, ?, ?, ?)
		ON CONFLICT (id) DO UPDATE SET name = excluded.name, presence = excluded.presence, capacity = excluded.capacity,
			serves = excluded.serves, lease_until = excluded.lease_until`,
		a.ID, a.Name, string(p), a.Capacity, string(serves), lease)
	if err != nil {
		return err
	}
	s.deskChanged()
	return nil
}

// Heartbeat says that the agent's desk is still there; call it at least three times within
// Options.AgentLease. fault.NotFound when the agent is offline: SetPresence comes first.
func (s *Service) Heartbeat(ctx context.Context, agent string) error {
	n, err := s.db.Exec(ctx, `UPDATE agents SET lease_until = ? WHERE id = ? AND presence <> 'offline'`,
		db.Micros(s.now().Add(s.o.AgentLease)), agent)
	if err == nil && n == 0 {
		err = fault.New(fault.NotFound, "agent_offline", "您已离线，请重新上线后再接待。")
	}
	return err
}

// Agents answers all agents, those at work first.
func (s *Service) Agents(ctx context.Context) ([]Agent, error) {
	records, err := s.agentRecords(ctx)
	if err != nil {
		return nil, err
	}
	now := db.Micros(s.now())
	list := make([]Agent, 0, len(records))
	for _, a := range records {
		p := a.presence
		if !a.present(now) {
			p = Offline
		}
		g := a.groups()
		if g == nil {
			g = []string{}
		}
		list = append(list, Agent{ID: a.id, Name: a.name, Presence: p, Load: a.load, Capacity: a.capacity, Groups: g})
	}
	slices.SortStableFunc(list, func(a, b Agent) int {
		if (a.Presence == Offline) != (b.Presence == Offline) {
			if a.Presence == Offline {
				return 1
			}
			return -1
		}
		return strings.Compare(a.Name, b.Name)
	})
	return list, nil
}

func (s *Service) agentRecords(ctx context.Context) ([]*agentRecord, error) {
	rows, err := s.db.Query(ctx, selectAgents+` ORDER BY a.id`)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	var list []*agentRecord
	for rows.Next() {
		a := &agentRecord{}
		if err := rows.Scan(a.fields()...); err != nil {
			return nil, db.Explain(err)
		}
		list = append(list, a)
	}
	return list, db.Explain(rows.Err())
}
