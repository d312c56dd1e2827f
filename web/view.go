package web

import (
	"encoding/json"

	"yinda/handoff"
)

// renderForCustomer is everything that a customer's socket delivers, and so the one place that
// decides what customers see: events as handoff.Event.ForCustomer shows them, the typing of the other
// side, the place in the queue.
func (s *Server) renderForCustomer(signal handoff.Signal) any {
	switch {
	case signal.Event != nil:
		if signal.Event.Kind == handoff.KindDecision {
			s.observeDecision(signal.Event.Body)
		}
		frame := newEventFrame(signal.Event.ForCustomer())
		s.metrics.events.WithLabelValues(signal.Event.Kind, signal.Event.Actor.Kind).Inc()
		return frame
	case signal.Typing != nil && signal.Typing.Kind != handoff.ActorCustomer:
		return typingFrame{Type: "typing", Actor: actorFrame{Kind: signal.Typing.Kind, Name: signal.Typing.Name}}
	case signal.Queue != nil:
		return queueFrame{"queue", *newQueuePlace(*signal.Queue)}
	}
	return nil
}

// observeDecision counts how long the bot took; a decision is delivered to every tab of its customer,
// which is nearly always one.
func (s *Server) observeDecision(body json.RawMessage) {
	var d struct{ Ms float64 }
	if json.Unmarshal(body, &d) == nil {
		s.metrics.decisionSeconds.Observe(d.Ms / 1000)
	}
}

func newQueuePlace(p handoff.Place) *queuePlace {
	return &queuePlace{Position: int(p.Position), WaitP50: p.WaitP50, WaitP90: p.WaitP90}
}
