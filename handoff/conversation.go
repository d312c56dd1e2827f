package handoff

// record is a row of conversations. The columns come in three parts, because most changes touch only
// the second: what never changes, what every message changes, and what a change of state changes.
type record struct {
	id, visitor, channel string
	dataKey              []byte
	createdAt            int64

	lastSeq                                   int64
	lastHash                                  []byte
	lastAt                                    int64
	lastActor                                 string
	preview                                   []byte
	customerAt, readCustomer, readAgent       int64
	turnFrom, turnSince, turnDue, turnVersion int64
	turnNode                                  string
	turnLease                                 int64

	state                                 State
	elder                                 int64
	lang                                  string
	course                                []byte
	agent, agentName, group               string
	priority                              int64
	reason, emotion                       string
	emotionLevel, trend                   int64
	urgent, complaintCategory, ticket     string
	escalatedAt, queuedAt, queueSince     int64
	waitP50, waitP90                      int64
	acceptedAt                            int64
	firstResponseDue, firstResponseAt     int64
	closedAt                              int64
	closeReason, wrapCategory, wrapResult string
	stars                                 int64
	verdict, verdictBy                    string

	hot, cold bool // changed since it was read
}

const (
	bornColumns = `id, visitor, channel, data_key, created_at`
	hotColumns  = `last_seq, last_hash, last_at, last_actor, preview, customer_at, read_customer, read_agent,
		turn_from, turn_since, turn_due, turn_version, turn_node, turn_lease`
	coldColumns = `state, elder, lang, course, agent, agent_name, grp, priority, reason, emotion, emotion_level, trend,
		urgent, complaint_category, ticket, escalated_at, queued_at, queue_since, wait_p50, wait_p90, accepted_at,
		first_response_due, first_response_at, closed_at, close_reason, wrap_category, wrap_result, stars, verdict, verdict_by`
	recordColumns = bornColumns + ", " + hotColumns + ", " + coldColumns
)

func (r *record) bornFields() []any {
	return []any{&r.id, &r.visitor, &r.channel, &r.dataKey, &r.createdAt}
}

func (r *record) hotFields() []any {
	return []any{&r.lastSeq, &r.lastHash, &r.lastAt, &r.lastActor, &r.preview, &r.customerAt, &r.readCustomer, &r.readAgent,
		&r.turnFrom, &r.turnSince, &r.turnDue, &r.turnVersion, &r.turnNode, &r.turnLease}
}

func (r *record) coldFields() []any {
	return []any{&r.state, &r.elder, &r.lang, &r.course, &r.agent, &r.agentName, &r.group, &r.priority, &r.reason, &r.emotion, &r.emotionLevel, &r.trend,
		&r.urgent, &r.complaintCategory, &r.ticket, &r.escalatedAt, &r.queuedAt, &r.queueSince, &r.waitP50, &r.waitP90, &r.acceptedAt,
		&r.firstResponseDue, &r.firstResponseAt, &r.closedAt, &r.closeReason, &r.wrapCategory, &r.wrapResult, &r.stars, &r.verdict, &r.verdictBy}
}

func (r *record) fields() []any {
	return append(append(r.bornFields(), r.hotFields()...), r.coldFields()...)
}

// newRecord is a conversation in which nothing has happened.
func newRecord(id string, v Visitor, key []byte, now int64) *record {
	elder := int64(0)
	if v.Elder {
		elder = 1
	}
	return &record{
		id: id, visitor: v.ID, channel: v.Channel, dataKey: key, createdAt: now,
		lastHash: []byte{}, lastAt: now, state: StateBot, elder: elder, lang: v.Lang,
		priority: 3, waitP50: -1, waitP90: -1,
	}
}

// endTurn forgets the answer that the bot owes, and makes one that is under way stale.
func (r *record) endTurn() {
	r.turnFrom, r.turnSince, r.turnDue, r.turnNode, r.turnLease = 0, 0, 0, "", 0
	r.turnVersion++
	r.hot = true
}

// Person names an agent.
type Person struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// Summary is a conversation in a list (docs/protocol.md §2). Times are microseconds UTC, 0 = never.
type Summary struct {
	ID                string  `json:"id"`
	State             State   `json:"state"`
	Visitor           string  `json:"visitor"`
	Channel           string  `json:"channel"`
	Agent             *Person `json:"agent"`
	Group             string  `json:"group"`
	Priority          int64   `json:"priority"` // 0 highest … 3 ordinary
	Reason            string  `json:"reason"`
	Emotion           string  `json:"emotion"`
	EmotionLevel      int64   `json:"emotion_level"`
	Trend             int64   `json:"trend"`
	Urgent            string  `json:"urgent"`
	ComplaintCategory string  `json:"complaint_category"`
	Ticket            string  `json:"ticket"`
	PromisedAt        int64   `json:"promised_at,omitempty"` // of the ticket
	LastText          string  `json:"last_text"`
	LastActor         string  `json:"last_actor"`
	LastAt            int64   `json:"last_at"`
	Seq               int64   `json:"seq"`
	Unread            int64   `json:"unread"` // customer's messages after the agent's read mark
	CreatedAt         int64   `json:"created_at"`
	QueuedAt          int64   `json:"queued_at"`
	AcceptedAt        int64   `json:"accepted_at"`
	ClosedAt          int64   `json:"closed_at"`
	FirstResponseDue  int64   `json:"first_response_due"`
	FirstResponseAt   int64   `json:"first_response_at"`
	Stars             int64   `json:"stars"`
	Verdict           string  `json:"verdict,omitempty"`
	WrapCategory      string  `json:"wrap_category,omitempty"`
	WrapResult        string  `json:"wrap_result,omitempty"`
	Elder             bool    `json:"elder"`
	Lang              string  `json:"lang"`
}

// summary is the public view of r; Unread, PromisedAt and LastText come from elsewhere.
func (r *record) summary() Summary {
	s := Summary{
		ID: r.id, State: r.state, Visitor: r.visitor, Channel: r.channel, Group: r.group, Priority: r.priority, Reason: r.reason,
		Emotion: r.emotion, EmotionLevel: r.emotionLevel, Trend: r.trend, Urgent: r.urgent, ComplaintCategory: r.complaintCategory,
		Ticket: r.ticket, LastActor: r.lastActor, LastAt: r.lastAt, Seq: r.lastSeq, CreatedAt: r.createdAt, QueuedAt: r.queuedAt,
		AcceptedAt: r.acceptedAt, ClosedAt: r.closedAt, FirstResponseDue: r.firstResponseDue, FirstResponseAt: r.firstResponseAt,
		Stars: r.stars, Verdict: r.verdict, WrapCategory: r.wrapCategory, WrapResult: r.wrapResult, Elder: r.elder != 0, Lang: r.lang,
	}
	if r.agent != "" {
		s.Agent = &Person{ID: r.agent, Name: r.agentName}
	}
	return s
}
