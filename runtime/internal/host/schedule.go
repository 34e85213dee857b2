package host

// schedule runs transitions until the host ends. Each scheduler goroutine has
// bindings of its own, by its number.
func (h *Host) schedule(i int) {
	for {
		h.mu.Lock()
		for len(h.ready) == 0 && h.state != stopped {
			h.wake.Wait()
		}
		if h.state == stopped {
			h.mu.Unlock()
			return
		}
		a := h.ready[0]
		h.ready[0] = nil
		h.ready = h.ready[1:]
		h.mu.Unlock()
		h.turn(i, a)
	}
}
