package proxy

import (
	"io"
	"strconv"
	"time"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
	"github.com/soukproxy/souk/sidecar/internal/upstream"
)

// Resuming: a stream that broke after content goes on at another offer that supports prefill, which is given what has been said as the
// beginning of its own turn. The seam is visible, and every attempt is paid for.

// maxSaid bounds what is given to the next offer; more than that is no broken sentence to finish.
const maxSaid = 1 << 20

// sum is what one attempt of a resumed stream used.
type sum struct {
	offer string
	usage dialect.Usage
	cost  money.Nano
}

// resumable tells whether the running attempt's stream may go on elsewhere: it was text alone, nothing of it has finished, and the
// provider broke it.
func (x *exchange) resumable(reason upstream.Reason) bool {
	s := &x.out
	return s.keepText && !s.other && s.finished == 0 && len(s.said) > 0 && len(s.said) <= maxSaid &&
		x.served.Dialect.Continue != nil && kindOf(reason) == market.ProviderFault
}

// resume lets the plan's next offers continue the answer, and relays what they send. It is false when none could, so that the
// stream ends with the error of its break.
func (x *exchange) resume(w io.Writer, from string, reason upstream.Reason) (error, bool) {
	x.noteUse()
	if !x.resumed {
		x.asked = x.body
	}
	body, ok := x.h.dialect.Continue(nil, x.asked, x.out.said, x.spent())
	if !ok {
		return nil, false
	}
	x.edits.Reset()
	again := x.ask
	again.Models = nil
	if err := x.h.dialect.ReadAsk(x.op, body, &again, &x.edits); err != nil {
		return nil, false
	}
	x.body, x.resumed = body, true
	for {
		switch x.attempt(time.Now().Add(max(x.snap.Config.Routing.Keepalive, time.Second))) {
		case waiting:
			if err := x.write(w, []byte(": souk is waiting for a provider\n\n")); err != nil {
				return err, true
			}
		case streaming:
			if err := x.write(w, x.seam(from, reason)); err != nil {
				return err, true
			}
			return x.writeStream(w), true
		default:
			return nil, false
		}
	}
}

// seam is the comment line that shows where one offer's words end and another's begin.
func (x *exchange) seam(from string, reason upstream.Reason) []byte {
	line := append([]byte(": souk resumed offer="), x.target.Offer.ID...)
	line = append(append(line, " after="...), from...)
	line = append(append(line, " reason="...), reason...)
	line = append(line, " tokens="...)
	line = strconv.AppendInt(line, int64(x.spent()), 10)
	return append(line, "\n\n"...)
}

// noteUse keeps what the attempt that just ended used.
func (x *exchange) noteUse() {
	u := x.usage()
	cost, _ := x.cost(&u)
	x.sums = append(x.sums, sum{offer: x.target.Offer.ID, usage: u, cost: cost})
}

// spent is how many tokens have been said.
func (x *exchange) spent() int {
	n := int64(0)
	for i := range x.sums {
		n += x.sums[i].usage.Output
	}
	return int(n)
}

// appendSummedUsage appends a usage event that tells of all attempts: their tokens and costs together, and each.
func (x *exchange) appendSummedUsage(dst, data []byte, last *dialect.Usage) []byte {
	cost, _ := x.cost(last)
	all := append(x.sums[:len(x.sums):len(x.sums)], sum{offer: x.target.Offer.ID, usage: *last, cost: cost})
	var total sum
	for i := range all {
		total.usage.Input += all[i].usage.Input
		total.usage.Output += all[i].usage.Output
		total.cost += all[i].cost
	}
	dst = append(dst, "data: "...)
	dst = append(dst, data[:last.Start]...)
	dst = append(dst, '{')
	dst = appendTokens(dst, &total.usage, total.cost)
	dst = append(dst, `,"attempts":[`...)
	for i := range all {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = append(dst, `{"offer":`...)
		dst = strconv.AppendQuote(dst, all[i].offer) // a name of the configuration: plain ASCII
		dst = append(dst, ',')
		dst = append(appendTokens(dst, &all[i].usage, all[i].cost), '}')
	}
	dst = append(dst, "]}"...)
	dst = append(dst, data[last.End:]...)
	return append(dst, "\n\n"...)
}

func appendTokens(dst []byte, u *dialect.Usage, cost money.Nano) []byte {
	dst = strconv.AppendInt(append(dst, `"prompt_tokens":`...), u.Input, 10)
	dst = strconv.AppendInt(append(dst, `,"completion_tokens":`...), u.Output, 10)
	dst = strconv.AppendInt(append(dst, `,"total_tokens":`...), u.Input+u.Output, 10)
	return cost.Append(append(dst, `,"cost":`...))
}
