// Command wfegen generates the typed half of durable workflows.
package main

func main() {}
