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
	var standing []hit
	votes := map[string]int{}
	best := ""
	for _, h := range signs {
		if covered(h, takenBack) {
			continue
		}
		standing = append(standing, h)
		if h.list.Label != CategoryOther {
			votes[h.list.Label] += h.end - h.start
			if best == "" || votes[h.list.Label] > votes[best] {
				best = h.list.Label
			}
		}
	}
	threat := n.Urgent == UrgentRegulator || n.Urgent == UrgentLegal
	n.Complaint = len(standing) > 0
	n.enquiry = len(takenBack) > 0 && !n.Complaint
	if guess != nil {
		n.weighed[weighedComplaint] = n.inputs(guess.Complaint, len(standing) > 0, number(n.enquiry),
			n.count(lexiconComplaint), n.count(lexiconEmotion), number(threat))
		odds := judgeComplaint.odds(n.weighed[weighedComplaint])
		n.Complaint = len(standing) > 0 && odds > plainComplaint || odds > 0 && !n.any(lexiconChat, "chat_praise")
		n.doubtfulComplaint = !threat && (odds <= 0 || len(standing) == 0 && odds < sureComplaint)
		n.enquiry = n.enquiry && !n.Complaint
	}
	if !n.Complaint && !threat {
		return
	}
	n.Complaint = true // a threat with the regulator is a complaint that found no ear yet
	for _, h := range standing {
		n.found(h)
	}
	if len(standing) == 0 && !threat {
		n.learned("complaint", u.model, complaintAt)
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
