package host

// synchronised notes that a commit has just proved the ownership.
func (h *Host) synchronised() {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.fails >= 3 {
		h.Logger.Info("the store can be written again")
	}
	h.lastSync, h.fails = h.Clock.Since(), 0
	h.synced.Broadcast()
}

func (h *Host) unsynchronised(err error) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.fails++
	h.Logger.Error("a commit failed", "times", h.fails, "error", err)
}

// mayStart waits until this host is sure to own its store; false when no body may
// start any more. A process that was stopped for a while finds out here that
// another one may have taken over.
func (h *Host) mayStart() bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.state == running && h.Clock.Since()-h.lastSync > h.Stale {
		h.synced.Wait()
	}
	return h.state == running
}
