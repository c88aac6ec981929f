package filtertest

import (
	"strconv"
	"strings"
)

func bodyCases() []Case {
	sized := [2]string{"content-length", strconv.Itoa(len(chat))}
	with := func(body string, more ...[2]string) Exchange {
		third := len(body) / 3
		return Exchange{Headers: Headers(more...), Body: []string{body[:third], body[third : 2*third], body[2*third:]}}
	}
	unheld := with(chat, sized)
	unheld.NoHold = true
	get := Headers()
	get[0][1] = "GET"
	spooled, trailing := with(chat, sized), with(chat)
	spooled.Spooled = true
	trailing.Trailers = [][2]string{{"x", "y"}}
	long := `{"messages":[{"content":"` + strings.Repeat("a", 2000) + `"}]}`
	const small, held, digest = `,"max_body":1024`, `,"hold_headers":true`, `,"body":"required"`
	return []Case{
		{Name: "a body that nobody has to read", Config: Config(header + small), Exchange: with(long), Statement: by("alice")},
		{Name: "a signed body", Config: Config(header + digest), Exchange: with(chat, sized), Statement: by("alice")},
		{Name: "a signed body on NGINX", Config: Config(header + digest + nginx), Exchange: with(chat, sized), Statement: by("alice")},
		{Name: "no body where bodies are signed", Config: Config(header + digest), Exchange: Exchange{Headers: Headers()}, Statement: by("alice")},
		{Name: "an empty body where bodies are signed", Config: Config(header + digest), Exchange: Exchange{Headers: Headers(), Body: []string{""}}, Statement: by("alice")},
		{Name: "a client's own digest of another body", Config: Config(header + digest), Exchange: with(chat, [2]string{"Content-Digest", "sha-256=:AAAA:"}), Statement: by("alice")},
		{Name: "a signed body that is too long", Config: Config(header + digest + small), Exchange: with(long), Status: 413, Code: "request_too_large"},
		{Name: "a signed body that NGINX put into a file", Config: Config(header + digest + nginx), Exchange: spooled, Status: 500, Code: "body_unreadable"},
		{Name: "a signed body with trailers", Config: Config(header + digest), Exchange: trailing, Status: 400, Code: "trailers"},
		{Name: "trailers where no body is read", Config: Config(header), Exchange: trailing, Statement: by("alice")},

		{Name: "a masked body", Config: Config(header + mask), Exchange: with(chat, sized), Statement: by("alice", redacted), SentBody: masked},
		{Name: "a masked body on an Envoy that does not hold headers back", Config: Config(header + mask), Exchange: unheld, Statement: by("alice", redacted), SentBody: masked},
		{Name: "a masked body whose headers wait", Config: Config(header + mask + held), Exchange: with(chat, sized), Statement: by("alice", redacted), SentBody: masked},
		{Name: "a masked body of no stated length", Config: Config(header + mask + held), Exchange: with(chat), Statement: by("alice", redacted), SentBody: masked},
		{Name: "a masked and signed body", Config: Config(header + mask + digest), Exchange: with(chat, sized), Statement: by("alice", redacted), SentBody: masked},
		{Name: "a masked body on NGINX", Config: Config(header + mask + nginx), Exchange: with(chat, sized), Statement: by("alice", redacted), SentBody: masked},
		{Name: "a masked and signed body on NGINX", Config: Config(header + mask + digest + nginx), Exchange: with(chat, sized), Statement: by("alice", redacted), SentBody: masked},
		{Name: "a body with nothing to mask", Config: Config(header + mask), Exchange: with(strings.ReplaceAll(chat, "@", " at ")), Statement: by("alice", redacted)},
		{Name: "no body to mask", Config: Config(header + mask), Exchange: Exchange{Headers: Headers()}, Statement: by("alice")},
		{Name: "no body to mask on NGINX", Config: Config(header + mask + nginx), Exchange: Exchange{Headers: get}, Statement: by("alice")},
		{Name: "an empty body to mask on NGINX", Config: Config(header + mask + nginx), Exchange: Exchange{Headers: Headers([2]string{"Content-Length", "0"})}, Statement: by("alice")},
		{Name: "a body that was announced and NGINX never showed", Config: Config(header + mask + nginx), Exchange: Exchange{Headers: Headers([2]string{"Transfer-Encoding", "chunked"})}, Unsigned: true},
		{Name: "a body that comes unannounced on NGINX", Config: Config(header + mask + nginx), Exchange: Exchange{Headers: get, Body: []string{chat}}, Statement: by("alice", redacted), SentBody: masked},
		{Name: "a style", Config: Config(header + `,"redact":{"mode":"mask","style":"partial","types":["EMAIL"],"allow":["a@b.com"],"dictionary":["falcon"]}`), Exchange: with(chat), Statement: by("alice", redacted),
			SentBody: strings.ReplaceAll(chat, "john@example.com", "j***@e***")},
		{Name: "a body that must not leave", Config: Config(header + `,"redact":{"mode":"mask","style":"block"}`), Exchange: with(chat), Status: 446, Code: "redact_blocked"},
		{Name: "a body that is no JSON", Config: Config(header + mask), Exchange: with("write to john@example.com"), Status: 400, Code: "body_not_json"},
		{Name: "a compressed body", Config: Config(header + mask), Exchange: with(chat, [2]string{"content-encoding", "gzip"}), Status: 415, Code: "body_encoded"},
		{Name: "a compressed body on NGINX", Config: Config(header + mask + nginx), Exchange: with(chat, [2]string{"Content-Encoding", "gzip"}), Status: 415, Code: "body_encoded"},
		{Name: "a body to mask that is too long", Config: Config(header + mask + small), Exchange: with(long), Status: 413, Code: "request_too_large"},
		{Name: "a body to mask that NGINX put into a file", Config: Config(header + mask + nginx), Exchange: spooled, Status: 500, Code: "body_unreadable"},
		{Name: "a body to mask with trailers", Config: Config(header + mask), Exchange: trailing, Status: 400, Code: "trailers"},
	}
}

// Event is a chunk of a streamed chat.
func Event(content string) string {
	return `data: {"choices":[{"index":0,"delta":{"content":"` + content + `"}}]}` + "\n\n"
}

func answerCases() []Case {
	reply := func(kind string, headers [][2]string, body ...string) Exchange {
		return Exchange{Headers: Headers(), Body: []string{chat}, Answer: append([][2]string{{":status", "200"}, {"content-type", kind}}, headers...), AnswerBody: body}
	}
	const jsonIn, jsonOut = `{"choices":[{"message":{"content":"to <EMAIL_1>, not <EMAIL_2>"}}]}`, `{"choices":[{"message":{"content":"to john@example.com, not <EMAIL_2>"}}]}`
	length := [][2]string{{"content-length", strconv.Itoa(len(jsonIn))}}
	split := []string{Event("to <EMA"), "data: {\"choices\":[{\"index\":0,\"delta\":{\"content\":\"IL_1>", " ok\"}}]}\n", "\n: comment\r\n\r\n", "data: [DONE]\n\n"}
	restored := Event("to ") + Event("john@example.com ok") + ": comment\r\n\r\ndata: [DONE]\n\n"
	restores := func(name, config string, x Exchange, want string) Case {
		return Case{Name: name, Config: Config(header + config), Exchange: x, Statement: by("alice", redacted), SentBody: masked, Restored: want, Sent: [][2]string{{"accept-encoding", "identity"}}}
	}
	all := []Case{
		restores("an answer is restored", back, reply("application/json", length, jsonIn), jsonOut),
		restores("an answer on NGINX is restored", back+nginx, reply("application/json", length, jsonIn), jsonOut),
		restores("an answer in pieces is restored", back, reply("application/json; charset=utf-8", nil, jsonIn[:40], jsonIn[40:41], jsonIn[41:]), jsonOut),
		restores("an answer whose end comes late is restored", back, reply("application/json", length, jsonIn[:40], jsonIn[40:], ""), jsonOut),
		restores("a problem is restored", back, reply("application/problem+json", nil, jsonIn), jsonOut),
		restores("text is restored", back, reply("text/plain", nil, "to <EMAIL_1>"), "to john@example.com"),
		restores("a stream is restored", back, reply("text/event-stream", nil, split...), restored),
		restores("a stream on NGINX is restored", back+nginx, reply("text/event-stream; charset=utf-8", nil, split...), restored),
		restores("a stream that breaks off gives all that came", back, reply("text/event-stream", nil, Event("to <EMAIL_1>")+"data: {\"cho"), Event("to john@example.com")+"data: {\"cho"),
		restores("a stream that ends in half a token gives it", back, reply("text/event-stream", nil, Event("to <EMAIL")), Event("to ")+strings.Replace(Event("<EMAIL"), "}}", `},"finish_reason":null}`, 1)),
		restores("sound stays as it is", back, reply("audio/mpeg", nil, "<EMAIL_1>"), ""),
		restores("a compressed answer stays as it is", back, reply("application/json", [][2]string{{"content-encoding", "gzip"}}, "<EMAIL_1>"), ""),
		restores("an answer that is too long stays as it is", back+`,"max_answer":40`, reply("application/json", length, jsonIn[:30], jsonIn[30:50], jsonIn[50:]), ""),
		restores("an event that is too long stays as it is", back+`,"max_answer":40`, reply("text/event-stream", nil, Event("<EMAIL_1>")+"data: \"<EMAIL_1>", strings.Repeat("a", 40), "\"\n\n"),
			Event("john@example.com")+"data: \"<EMAIL_1>"+strings.Repeat("a", 40)+"\"\n\n"),
		restores("an empty answer", back, reply("application/json", [][2]string{{"content-length", "0"}}), ""),
	}
	unmasked := restores("an answer stays as it is where nothing was masked", back, reply("application/json", length, jsonIn), "")
	unmasked.Body = []string{strings.ReplaceAll(chat, "@", " at ")}
	unmasked.SentBody = ""
	oneWay := restores("an answer stays as it is where nothing is restored", mask, reply("application/json", length, jsonIn), "")
	oneWay.Sent = nil
	return append(all, unmasked, oneWay)
}
