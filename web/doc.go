// Package web is what browsers talk to: the customer's socket, the agents' socket, the JSON API and
// the built front end. The contract is docs/protocol.md.
//
//	server, err := web.New(web.Options{Service: service, Live: live, Store: store, Auth: accounts, …})
//	address, err := server.Start("127.0.0.1:8080")
//	…
//	err = server.Shutdown(ctx) // sockets are asked to come back elsewhere, then requests finish
//
// routes.go is the one table of every method, path, permission and handler; a route without a
// decision about who may use it keeps the server from being made. Handlers decode, call the service,
// encode; what a customer may not see is taken out in one place, view.go.
//
// Only this package knows echo (server.go, routes.go and the handlers) and gorilla/websocket
// (socket.go).
package web
