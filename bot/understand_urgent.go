package bot

import "slices"

// urgentRank orders the classes that may hold at once; lower is more urgent (design §8).
var urgentRank = map[string]int{
	UrgentSelfHarm: 0, UrgentVictim: 1, UrgentInProgress: 2, UrgentUnauthorised: 3,
	UrgentCardLost: 4, UrgentWrong: 5, UrgentRegulator: 6, UrgentLegal: 7, UrgentOther: 8,
}

// eventClass are the classes that a supposition, a wish to prevent, a thing long past or settled
// takes back (lexicon §9). Threats and danger to life are taken as said.
var eventClass = map[string]bool{
	UrgentInProgress: true, UrgentVictim: true, UrgentUnauthorised: true, UrgentCardLost: true, UrgentWrong: true,
}

// readUrgent finds the emergency of a turn.
func (u *understander) readUrgent(n *Understanding, guess *Guess) {
	var standing []hit
	for _, h := range n.hits {
		if h.list.Kind != lexiconUrgent {
			continue
		}
		if eventClass[h.list.Label] && n.unreal(h.sentence) {
			n.hedged = true
			continue
		}
		standing = append(standing, h)
	}
	disputed := false // by the model
	if guess != nil && !settledByLists(standing, guess) {
		n.weighed[weighedUrgent] = n.inputs(guess.UrgentP, len(standing) > 0, number(n.hedged), n.count(lexiconUrgent))
		odds := judgeUrgent.odds(n.weighed[weighedUrgent])
		disputed = odds <= 0
		if disputed && !(len(standing) > 0 && odds > plainEmergency) {
			return // 净值一夜跳楼, 自杀式降价: the word is there, the matter is not
		}
		if len(standing) == 0 {
			n.Urgent = guess.Urgent
			n.doubtfulUrgent = odds < sureUrgent && (eventClass[n.Urgent] || n.Urgent == UrgentSelfHarm)
			if n.Urgent == UrgentRegulator || n.Urgent == UrgentLegal || n.Urgent == UrgentOther {
				n.Priority = 1
			}
			n.learned("urgent:"+guess.Urgent, u.model, urgentAt+slices.Index(urgentClasses, guess.Urgent))
			return
		}
	}
	if len(standing) == 0 {
		return
	}
	slices.SortStableFunc(standing, func(a, b hit) int {
		if a.list.Priority != b.list.Priority {
			return a.list.Priority - b.list.Priority
		}
		return urgentRank[a.list.Label] - urgentRank[b.list.Label]
	})
	best := standing[0]
	n.doubtfulUrgent = disputed && eventClass[best.list.Label]
	n.Urgent, n.Priority = best.list.Label, best.list.Priority
	if id := best.list.ID; len(id) > len("urgent-") {
		n.Card = "emergency_" + underscored(id[len("urgent-"):])
	}
	for _, h := range standing {
		n.found(h)
	}
}

// settledByLists: danger to life, and what the bank itself has declared to be urgent though no money is
// moving (a data leak, a run, staff who took money: P1 of lexicon §6), stand as the lists have them.
// The examples' authors did not know these rules, so the model may only say that the matter is another.
func settledByLists(standing []hit, g *Guess) bool {
	for _, h := range standing {
		if h.list.Label == UrgentSelfHarm || h.list.Label == UrgentOther && h.list.Priority == 1 && (g.UrgentP >= otherMatter || g.Complaint >= otherComplaint) {
			return true
		}
	}
	return false
}

// unreal reports whether a sentence supposes, prevents, or tells of what is long past or settled.
func (n *Understanding) unreal(sentence int) bool {
	m := n.modality[sentence]
	return m["hypothetical"] || m["prevention"] || m["longago"] || m["settled"] || m["other"]
}

func (n *Understanding) unrealAnywhere() bool {
	for s := range n.modality {
		if n.unreal(s) {
			return true
		}
	}
	return false
}

func underscored(s string) string {
	b := []byte(s)
	for i, c := range b {
		if c == '-' {
			b[i] = '_'
		}
	}
	return string(b)
}
