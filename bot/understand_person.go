package bot

// readPerson decides whether the customer asks for a person. A request counts where neither a
// refusal (不用转人工) nor a look-alike (人工智能, 昨天人工跟我说) overlaps it; it is served at its first
// occurrence (requirements HO-01, lexicon §11).
func (u *understander) readPerson(n *Understanding, guess *Guess) {
	var requests, covers []hit
	for _, h := range n.hits {
		if h.list.Kind != lexiconPerson {
			continue
		}
		switch h.list.Label {
		case "request":
			requests = append(requests, h)
		case "refused":
			n.RefusesPerson = true
			covers = append(covers, h)
		default:
			n.about = true
			covers = append(covers, h)
		}
	}
	var asked []hit
	for _, r := range requests {
		if !takenBack(r, covers) {
			asked = append(asked, r)
		}
	}
	n.WantsPerson = len(asked) > 0
	if guess != nil {
		n.weighed[weighedPerson] = n.inputs(guess.Person, len(asked) > 0, number(n.RefusesPerson), number(n.about),
			number(n.mentionsPerson()), number(n.count(lexiconComplaint) > 0), number(n.count(lexiconUrgent) > 0))
		odds := judgePerson.odds(n.weighed[weighedPerson])
		n.WantsPerson = odds > 0 && !n.RefusesPerson || len(asked) > 0 && odds > plainRequest
	}
	if !n.WantsPerson {
		return
	}
	n.RefusesPerson = false
	for _, r := range asked {
		n.found(r)
	}
	if len(asked) == 0 {
		n.learned("person", u.model, personAt)
	}
}

// covered reports whether something overlaps a hit that takes it back.
func covered(r hit, covers []hit) bool {
	for _, c := range covers {
		if overlap(c, r) {
			return true
		}
	}
	return false
}

// takenBack is covered for requests. What somebody did inside a longer request does not take it back:
// 让客服给我打电话 asks, though 客服给我打电话 alone tells.
func takenBack(r hit, covers []hit) bool {
	for _, c := range covers {
		within := c.start >= r.start && c.end <= r.end && c.end-c.start < r.end-r.start
		governed := within && c.start > r.start && c.list.Label == "lookalike" // 想跟[人工核对]一遍
		if overlap(c, r) && !governed && !(within && c.list.Label == "telling") {
			return true
		}
	}
	return false
}

// mentionsPerson reports a character of the matter: requests without any are rare.
func (n *Understanding) mentionsPerson() bool {
	for _, r := range n.line.runes {
		switch r {
		case '人', '工', '服', '员', '导', '理', '机', '电', '转', '座', '坐', '管':
			return true
		}
	}
	for _, r := range n.line.runes {
		if han(r) {
			return false
		}
	}
	return true // Latin only: pinyin, English
}
