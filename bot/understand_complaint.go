package bot

// Complaint categories (requirements CP-02).
const (
	CategoryAdvice      = "业务咨询"
	CategoryAttitude    = "服务态度"
	CategoryEfficiency  = "服务效率"
	CategoryProduct     = "产品问题"
	CategoryInformation = "信息安全"
	CategoryOther       = "其他"
)

// complaintBar is the probability from which the model alone sees a complaint. Long calm stories
// gather many n-grams that complaints have too: of 30 routine questions of 30 characters and more
// that were taken for complaints, 20 lay below the higher bar.
func (n *Understanding) complaintBar() float64 {
	if len(n.line.runes) >= 30 {
		return longComplaintBar
	}
	return complaintBar
}

// readComplaint tells a complaint from a question about complaining (投诉电话是多少), from praise and
// from 不是投诉 (lexicon §7). In doubt the bot takes it as a complaint (regulation A1).
func (u *understander) readComplaint(n *Understanding, guess *Guess) {
	var signs, takenBack []hit
	for _, h := range n.hits {
		switch {
		case h.list.Kind != lexiconComplaint:
		case h.list.Label == "enquiry":
			takenBack = append(takenBack, h)
		default:
			signs = append(signs, h)
		}
	}
	votes := map[string]int{}
	best := ""
	for _, h := range signs {
		if covered(h, takenBack) {
			continue
		}
		n.Complaint = true
		n.found(h)
		if h.list.Label != CategoryOther {
			votes[h.list.Label] += h.end - h.start
			if best == "" || votes[h.list.Label] > votes[best] {
				best = h.list.Label
			}
		}
	}
	if n.Complaint && guess != nil && guess.Complaint < doubtComplaintBar {
		n.Complaint = false // the word is there, the matter is not
	}
	n.enquiry = len(takenBack) > 0 && !n.Complaint
	switch n.Urgent {
	case UrgentRegulator, UrgentLegal:
		n.Complaint = true // a threat with the regulator is a complaint that found no ear yet
	}
	if !n.Complaint && guess != nil && !n.any(lexiconChat, "chat_praise") && guess.Complaint >= n.complaintBar() && (!n.enquiry || guess.Complaint >= enquiryBar) {
		n.Complaint = true
		n.learned("complaint")
	}
	if !n.Complaint {
		return
	}
	switch {
	case best != "":
		n.Category = best
	case guess != nil && guess.Category != "":
		n.Category = guess.Category
	default:
		n.Category = CategoryOther
	}
}
