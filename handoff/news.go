package handoff

import (
	"bytes"
	"encoding/json"

	"yinda/internal/bus"
)

// news is what goes over the bus about one conversation. Events is empty when they are too large for
// a message: the receivers then read the database.
type news struct {
	Node         string  `json:"node"`
	Conversation string  `json:"conversation"`
	Seq          int64   `json:"seq"`
	Events       []Event `json:"events,omitempty"`
}

// publish tells this node and the others what was committed. changes holds the events of one
// conversation each. Nothing depends on its success.
func (s *Service) publish(changes [][]Event, desk bool) {
	for _, events := range changes {
		if len(events) == 0 {
			continue
		}
		s.hub.deliver(events)
		id := events[0].Conversation
		n := news{Node: s.node, Conversation: id, Seq: events[len(events)-1].Seq, Events: events}
		data, err := json.Marshal(n)
		if err == nil && len(data) > bus.MaxPayload/2 {
			n.Events = nil
			data, err = json.Marshal(n)
		}
		if err == nil && validID(id) {
			err = s.bus.Publish("conv."+id, data)
		}
		if err != nil {
			s.log.Debug("news not published; other nodes find it when they reconcile", "conversation", id, "err", err)
		}
		if desk {
			s.hub.tellDesks(id)
		}
	}
	if desk {
		s.deskChanged()
	}
}

// heard takes news of another node.
func (h *hub) heard(_ string, data []byte) {
	if bytes.HasPrefix(data, h.own) {
		return // delivered already
	}
	var n news
	if err := json.Unmarshal(data, &n); err != nil || n.Node == h.s.node {
		return
	}
	if len(n.Events) > 0 {
		h.deliver(n.Events)
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for u := range h.members[n.Conversation] {
		u.wanted = max(u.wanted, n.Seq)
		if !u.reading {
			h.readOrRest(u)
		}
	}
}

func (h *hub) heardTyping(subject string, data []byte) {
	var actor Actor
	if err := json.Unmarshal(data, &actor); err != nil {
		return
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for u := range h.members[subject[len("typing."):]] {
		h.push(u, Signal{Typing: &actor}) // a full channel loses it, as it may
	}
}

// deskChanged tells all nodes that lists of the desk have changed: their assigners look, their desks
// fetch again.
func (s *Service) deskChanged() {
	s.kickAssign()
	s.hub.tellDesks("")
	if err := s.bus.Publish("desk.changed", []byte(s.node)); err != nil {
		s.log.Debug("desk news not published", "err", err)
	}
}

func (h *hub) heardDesk(_ string, data []byte) {
	if string(data) != h.s.node {
		h.s.kickAssign()
		h.tellDesks("")
	}
}

func (h *hub) tellDesks(conversation string) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for c := range h.desks {
		select {
		case c <- conversation:
		default: // whoever has unread changes will fetch the lists anyway
		}
	}
}

// DeskChanges delivers the id of a conversation, or "", whenever lists of the desk (queue, tickets,
// assignments, presence) have changed. Changes run together when the reader is slow. The channel is
// closed by stop or with the service.
func (s *Service) DeskChanges() (changes <-chan string, stop func()) {
	c := make(chan string, 8)
	h := s.hub
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.closed {
		close(c)
		return c, func() {}
	}
	h.desks[c] = struct{}{}
	return c, func() {
		h.mu.Lock()
		defer h.mu.Unlock()
		if _, ok := h.desks[c]; ok {
			delete(h.desks, c)
			close(c)
		}
	}
}
