package upstream

import "time"

// Warm sees to it that a connection waits for the origin, so that a failover to it pays no handshake. It dials in the background when
// none does; a dial that fails is the next request's to find out.
func (t *Target) Warm(registry *Registry, now time.Time) {
	o := t.Origin
	o.mu.Lock()
	needed := !o.closed && !o.warming && len(o.idle) == 0
	o.warming = o.warming || needed
	o.mu.Unlock()
	if !needed {
		return
	}
	registry.warming.Go(func() {
		conn, err := o.dial(now.Add(t.Offer.Timeouts.Connect), nil)
		o.mu.Lock()
		o.warming = false
		o.mu.Unlock()
		if err == nil {
			conn.Reused, conn.idle = true, time.Now() // it waits as a used one does, and may be closed meanwhile likewise
			o.put(conn)
		}
	})
}
