// Package poll makes the HTTP requests of Poll nodes: it fills an endpoint's
// template from the data, asks, and looks whether the answer is the one that is
// waited for. Between two requests it holds nothing.
//
// What a workflow may reach is bounded: the data cannot choose the server, and no
// connection is made to an address of the machine, of its network, or of anything
// else that is not public, unless the host allows it. The address is looked at when
// the connection is made, after names were resolved, for each redirect anew.
package poll
