package handoff

// State says who is responsible for a conversation.
//
//	open ──▶ bot ─────── escalate ───────▶ queued ◀── asks again, somebody there ── ticket
//	          │ │                           │   │                                    ▲ ▲ │
//	          │ │                           │   └─── nobody at work any more ────────┘ │ │
//	          │ └── escalate, nobody can ───│──────────────────────────────────────────┘ │
//	          │     take it                 │ claim, assign                              │
//	          │                             ▼                                            │
//	          ├── claim ───────────────▶ agent ◀── claim; assign while the customer ─────┘
//	          │                          │   │     is still there
//	          │          transfer to an  │   └── agent silent, transfer to a group ──▶ queued
//	          │          agent: agent    │
//	          │                          ▼
//	          └── idle ──────────────▶ closed ── rate ──▶ rated
//
// In bot and ticket the bot answers. closed and rated are final: the customer's next message opens a
// successor, so nothing that is said is ever lost on a closed conversation.
type State string

// The states.
const (
	StateBot    State = "bot"
	StateQueued State = "queued"
	StateAgent  State = "agent"
	StateTicket State = "ticket"
	StateClosed State = "closed"
	StateRated  State = "rated"
)

// Final reports whether nothing more can be said in this state.
func (s State) Final() bool { return s == StateClosed || s == StateRated }

// BotSpeaks reports whether the bot answers in this state.
func (s State) BotSpeaks() bool { return s == StateBot || s == StateTicket }

// Reasons of a change of state that the bot's policy does not know of; the others are bot.Decision's.
const (
	ReasonPersonRequested = "person_requested"
	ReasonFault           = "fault"        // the bot failed
	ReasonClaimed         = "claimed"      // an agent took it from the list
	ReasonAssigned        = "assigned"     // given to an agent automatically
	ReasonAgentSilent     = "agent_silent" // the agent's lease ran out
	ReasonTransfer        = "transfer"     // handed on by an agent
	ReasonNobody          = "nobody"       // no agent can take it
	ReasonAgentClosed     = "agent_closed" // ended by the agent
	ReasonIdle            = "idle"         // the customer went away from the bot
	ReasonRated           = "rated"
)
