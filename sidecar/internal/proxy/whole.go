package proxy

import (
	"bytes"
	"io"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/config"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/route"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Whole delivery: a streamed answer is held until it is complete and then sent as the stream that it was. A cut or a stall is then a
// fault like any before the first content, and the next offer starts anew. Comment lines keep the caller company.

// readDelivery finds out how a stream is to be delivered: as the request says, or else the configuration.
func (x *exchange) readDelivery() *fault.Error {
	mode := x.snap.Config.Routing.Deliver
	switch asked := x.headers.deliver; {
	case len(asked) == 0:
	case bytes.EqualFold(asked, []byte(config.DeliverWhole)), bytes.EqualFold(asked, []byte(config.DeliverStream)):
		mode = string(bytes.ToLower(asked))
	default:
		return fault.Invalid("x-souk-deliver", "the header x-souk-deliver must be stream or whole")
	}
	x.out.hold = x.ask.Stream && mode == config.DeliverWhole
	resume := x.snap.Config.Routing.Resume
	switch asked := x.headers.resume; {
	case len(asked) == 0:
	case bytes.EqualFold(asked, []byte("true")), bytes.EqualFold(asked, []byte("false")):
		resume = asked[0]|0x20 == 't'
	default:
		return fault.Invalid("x-souk-resume", "the header x-souk-resume must be true or false")
	}
	x.out.keepText = resume && x.ask.Stream && !x.out.hold && x.op == route.Chat
	return nil
}

// awaitWhole reads a held stream to its end. The gap between events is bounded as it is for one that is passed on.
func (x *exchange) awaitWhole(pause time.Time) (progress, loss) {
	idle := x.target.Offer.Timeouts.Idle
	if x.lastEvent.IsZero() {
		x.lastEvent = time.Now()
		x.tooSlow(x.lastEvent, x.streamedTokens()) // the window begins
	}
	for {
		limit := earliest(x.lastEvent.Add(idle), x.metered())
		if !x.late {
			x.deadline(limit, pause)
		}
		p, err := x.conn.Next()
		if len(p) > 0 {
			x.out.feed(x, p)
			if x.out.live {
				x.lastEvent, x.late = time.Now(), false
			}
		}
		slow := x.tooSlow(time.Now(), x.streamedTokens())
		switch {
		case x.out.reason != "":
			return failed, loss{reason: x.out.reason, status: x.try.answer.Status, refusal: x.out.refusal}
		case (x.out.done || err == io.EOF) && x.out.finish(x):
			return streaming, loss{}
		case slow && (err == nil || upstream.TimedOut(err)):
			return failed, loss{reason: upstream.TooSlow, status: x.try.answer.Status}
		case err == nil:
		case x.paused(err, limit, pause):
			return waiting, loss{}
		case err == io.EOF:
			return failed, loss{reason: upstream.Truncated, status: x.try.answer.Status}
		case x.cameLate(err):
		case x.out.whole(x) && x.out.finish(x):
			return streaming, loss{}
		case upstream.TimedOut(err) && time.Now().Before(earliest(x.lastEvent.Add(idle), x.end)):
			// The end of a window, and fast enough.
		default:
			return failed, loss{reason: x.cutReason(err), status: x.try.answer.Status}
		}
	}
}
