package web

import (
	"context"
	"runtime/debug"
	"time"

	"github.com/labstack/echo/v4"
	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
)

// metrics are what an operator watches. Each server has its own registry.
type metrics struct {
	registry        *prometheus.Registry
	requests        *prometheus.CounterVec
	requestSeconds  *prometheus.HistogramVec
	sockets         *prometheus.GaugeVec
	frames          *prometheus.CounterVec
	refused         *prometheus.CounterVec
	events          *prometheus.CounterVec
	ackSeconds      prometheus.Histogram
	decisionSeconds prometheus.Histogram
	panics          prometheus.Counter
	auditFailures   prometheus.Counter
}

// latencies are bounds in seconds from a fast answer to one that nobody waits for.
var latencies = []float64{.0005, .001, .0025, .005, .01, .025, .05, .1, .25, .5, 1, 2.5, 5, 10}

func newMetrics() *metrics {
	m := &metrics{
		registry:        prometheus.NewRegistry(),
		requests:        prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinda_http_requests_total", Help: "HTTP requests by route and status."}, []string{"route", "status"}),
		requestSeconds:  prometheus.NewHistogramVec(prometheus.HistogramOpts{Name: "yinda_http_request_seconds", Help: "Time to answer HTTP requests.", Buckets: latencies}, []string{"route"}),
		sockets:         prometheus.NewGaugeVec(prometheus.GaugeOpts{Name: "yinda_open_sockets", Help: "Open WebSocket connections."}, []string{"socket"}),
		frames:          prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinda_frames_total", Help: "Frames received by socket and type."}, []string{"socket", "type"}),
		refused:         prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinda_frames_refused_total", Help: "Frames answered with an error, by code."}, []string{"code"}),
		events:          prometheus.NewCounterVec(prometheus.CounterOpts{Name: "yinda_events_delivered_total", Help: "Events written to sockets of customers, by kind and actor."}, []string{"kind", "actor"}),
		ackSeconds:      prometheus.NewHistogram(prometheus.HistogramOpts{Name: "yinda_ack_seconds", Help: "Time from a customer's message to its acknowledgement after commit.", Buckets: latencies}),
		decisionSeconds: prometheus.NewHistogram(prometheus.HistogramOpts{Name: "yinda_decision_seconds", Help: "Time of the bot's decisions, as delivered by this node.", Buckets: latencies}),
		panics:          prometheus.NewCounter(prometheus.CounterOpts{Name: "yinda_panics_total", Help: "Panics caught in handlers and sockets; must be 0."}),
		auditFailures:   prometheus.NewCounter(prometheus.CounterOpts{Name: "yinda_audit_failures_total", Help: "Changes whose audit record could not be written; must be 0."}),
	}
	m.registry.MustRegister(m.requests, m.requestSeconds, m.sockets, m.frames, m.refused, m.events, m.ackSeconds,
		m.decisionSeconds, m.panics, m.auditFailures, collectors.NewGoCollector(),
		collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	return m
}

// observeService adds what is read from the database when the metrics are asked for.
func (m *metrics) observeService(s *Server) { m.registry.MustRegister(overviewCollector{s}) }

// overviewCollector reports the state of the queue and the handoff promise.
type overviewCollector struct{ s *Server }

var (
	queueDesc     = prometheus.NewDesc("yinda_queue_length", "Customers waiting for a person.", nil, nil)
	agentsDesc    = prometheus.NewDesc("yinda_agents", "Agents by presence.", []string{"presence"}, nil)
	convsDesc     = prometheus.NewDesc("yinda_conversations_today", "Conversations begun today.", nil, nil)
	escalatedDesc = prometheus.NewDesc("yinda_escalated_today", "Conversations handed to a person today.", nil, nil)
	ignoredDesc   = prometheus.NewDesc("yinda_person_requests_ignored_today", "Explicit requests for a person that ended in neither queue, agent nor ticket; must be 0.", nil, nil)
)

// Describe implements prometheus.Collector.
func (overviewCollector) Describe(ch chan<- *prometheus.Desc) {
	for _, d := range []*prometheus.Desc{queueDesc, agentsDesc, convsDesc, escalatedDesc, ignoredDesc} {
		ch <- d
	}
}

// Collect implements prometheus.Collector. A database that is away leaves these metrics out; the
// others are still given.
func (o overviewCollector) Collect(ch chan<- prometheus.Metric) {
	ctx, cancel := context.WithTimeout(o.s.work, 3*time.Second)
	defer cancel()
	v, err := o.s.service.Overview(ctx)
	if err != nil {
		o.s.log.Warn("metrics without the overview", "err", err)
		return
	}
	gauge := func(d *prometheus.Desc, value float64, labels ...string) {
		ch <- prometheus.MustNewConstMetric(d, prometheus.GaugeValue, value, labels...)
	}
	gauge(queueDesc, float64(len(v.Queue)))
	gauge(convsDesc, float64(v.Today.Conversations))
	gauge(escalatedDesc, float64(v.Today.Escalated))
	gauge(ignoredDesc, float64(v.Today.IgnoredRequests))
	presence := map[string]int{}
	for _, a := range v.Agents {
		presence[string(a.Presence)]++
	}
	for p, n := range presence {
		gauge(agentsDesc, float64(n), p)
	}
}

func (s *Server) metricsPage(c echo.Context) error {
	promhttp.HandlerFor(s.metrics.registry, promhttp.HandlerOpts{}).ServeHTTP(c.Response(), c.Request())
	return nil
}

func stack() string { return string(debug.Stack()) }
