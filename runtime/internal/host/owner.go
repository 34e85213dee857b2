package host

// synchronised notes that a commit has just proved the ownership.
func (h *Host) synchronised() {
	h.mu.Lock()
	fails := h.fails
	h.lastSync, h.fails = h.Clock.Since(), 0
	if h.state < draining {
		h.fresh.Store(int64(h.lastSync + h.Stale))
	}
	h.synced.Broadcast()
	h.mu.Unlock()
	if fails >= unhealthy {
		h.Logger.Info("the store can be written again")
	}
}

// unhealthy is after how many failures in a row a host takes no calls any more.
const unhealthy = 3

func (h *Host) unsynchronised(err error) {
	h.mu.Lock()
	h.fails++
	fails := h.fails
	h.synced.Broadcast()
	h.mu.Unlock()
	h.queue.nudge() // a Stop may wait for what cannot be written
	h.Logger.Error("a commit failed", "times", fails, "error", err)
}

// mayStart waits until this host is sure to own its store; false when no body may
// start any more. A process that was stopped for a while finds out here that
// another one may have taken over.
func (h *Host) mayStart() bool {
	if int64(h.Clock.Since()) < h.fresh.Load() {
		return true
	}
	h.mu.Lock()
	defer h.mu.Unlock()
	for h.state < draining && h.Clock.Since()-h.lastSync > h.Stale {
		h.synced.Wait()
	}
	return h.state < draining
}
