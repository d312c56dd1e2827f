package handoff

import (
	"fmt"
	"strings"
	"time"
)

// Ids of the scripts that the queue says (content/starter/scripts.yaml).
const (
	scriptHandoff    = "handoff"        // a person was asked for by the button
	scriptQueued     = "handoff_queued" // {position} customers ahead, {wait}
	scriptTicket     = "handoff_ticket" // {ticket}, {due}
	scriptOutOfHours = "out_of_hours"
	scriptJoined     = "agent_joined" // {agent}
	scriptFault      = "fault"
	scriptClosing    = "closing"
	scriptSurvey     = "survey"
	scriptRequeued   = "handoff_requeued" // the agent's connection is gone
	scriptMoved      = "handoff_moved"    // handed on to another group
	scriptIdle       = "idle_closed"
)

// builtin is said when the published content has no such script: a customer in need of a person must
// not be met with silence because a script was withdrawn.
var builtin = map[string]string{
	scriptHandoff:    "好的，正在为您联系人工客服，您不需要重复说明情况。",
	scriptQueued:     "您前面还有{position}位客户，预计等待{wait}。您可以留在本页面，也可以留下联系方式由我们回复您。",
	scriptTicket:     "暂时没有空闲的人工客服，已为您登记，编号{ticket}，我们将在{due}前与您联系。",
	scriptOutOfHours: "现在不在人工服务时间。已为您登记留言，我们会在人工服务时间内联系您。",
	scriptJoined:     "人工客服{agent}已接入，以下由人工客服为您服务。",
	scriptFault:      "很抱歉，系统暂时出现故障，已为您转接人工客服。",
	scriptClosing:    "感谢您的咨询，祝您生活愉快。如有需要随时联系我们。",
	scriptSurvey:     "请为本次服务打分，您的意见会帮助我们改进。",
	scriptRequeued:   "很抱歉，刚才的客服连接中断，已为您优先重新接入，请稍候，您不需要重复说明情况。",
	scriptMoved:      "已为您转接对应的人工客服，请稍候，您不需要重复说明情况。",
	scriptIdle:       "由于较长时间没有收到您的消息，本次会话已结束。如有需要，随时再发消息即可。",
}

// script answers the text of a script with {name} filled in.
func (s *Service) script(id string, values map[string]string) string {
	if s.o.Script != nil {
		if text := s.o.Script(id, values); text != "" {
			return clean(text)
		}
	}
	text := builtin[id]
	for name, value := range values {
		text = strings.ReplaceAll(text, "{"+name+"}", value)
	}
	return text
}

// china is the zone of ticket numbers and promised times. It has no daylight saving, so a fixed zone
// serves and no time zone database is needed on the machine.
var china = time.FixedZone("CST", 8*3600)

// dueText is a promised time as customers read it.
func dueText(t time.Time) string { return t.In(china).Format("2006年1月2日 15:04") }

// waitText is an estimated wait as customers read it; it is rounded up, never down.
func waitText(seconds int64) string {
	switch {
	case seconds < 0:
		return "时间暂时无法估计"
	case seconds < 60:
		return "不到1分钟"
	}
	return fmt.Sprintf("约%d分钟", (seconds+59)/60)
}
