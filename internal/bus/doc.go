// Package bus carries news between the nodes: that a conversation has a new event, that the queue
// changed, that new content was published. It is core NATS, at most once: whoever must not miss
// anything reads the database again when a sequence number shows a gap and when OnReconnect calls.
//
// Alone, a node runs the NATS server inside its own process, without a listening port. In a cluster
// the same code connects to the servers of a URL.
//
//	b, err := bus.Open(ctx, bus.Options{})                                  // alone
//	b, err := bus.Open(ctx, bus.Options{URL: "nats://a:4222,nats://b:4222"}) // cluster
//	stop, err := b.Subscribe("conv.*", func(subject string, data []byte) { … })
//	err = b.Publish("conv.123", data)
package bus
