package openai

import (
	"encoding/json"
	"strconv"

	"github.com/soukproxy/souk/sidecar/internal/dialect/jsonscan"
)

// continueAsk appends a chat request that asks for the rest of an answer. What has been said becomes the last message, of the
// assistant, which offers that support prefill go on from. Nothing else changes but the cap on tokens: the system prompt, the
// tools and the other messages are the caller's bytes.
func continueAsk(dst []byte, body, said []byte, spent int) ([]byte, bool) {
	quoted, err := json.Marshal(string(said))
	if err != nil {
		return nil, false
	}
	at, found := 0, false
	o := jsonscan.NewObject(body, 0)
	for o.Next() {
		switch string(o.Key) {
		case "messages":
			end, ok := endOfMessages(&o)
			if !ok {
				return nil, false
			}
			dst = append(dst, body[at:end]...)
			dst = append(dst, `,{"role":"assistant","content":`...)
			dst = append(dst, quoted...)
			dst = append(dst, '}')
			at, found = end, true
		case "max_tokens", "max_completion_tokens":
			n, ok := jsonscan.Int(o.Value())
			if !ok {
				continue
			}
			if n <= int64(spent) {
				return nil, false
			}
			dst = append(dst, body[at:o.ValueStart]...)
			dst = strconv.AppendInt(dst, n-int64(spent), 10)
			at = o.ValueEnd()
		case "logprobs", "n", "audio":
			// Probabilities and several choices cannot be joined.
			if v := o.Value(); !jsonscan.Null(v) && string(v) != "false" && string(v) != "1" {
				return nil, false
			}
		}
	}
	return append(dst, body[at:]...), found && o.Err() == nil
}

// endOfMessages is the place of the list's closing bracket. A caller that ends with a message of the assistant has begun the answer
// itself: where that ends and what has been said begins could not be told apart.
func endOfMessages(o *jsonscan.Object) (int, bool) {
	a := o.Array()
	var last []byte
	for a.Next() {
		last = a.Value()
	}
	if a.Err() != nil || last == nil {
		return 0, false
	}
	o.Leave(a.End(), nil)
	return a.End() - 1, string(jsonscan.Member(last, "role")) != `"assistant"`
}
