package openai

import (
	"bytes"
	"unsafe"

	"github.com/soukproxy/souk/sidecar/internal/dialect"
	"github.com/soukproxy/souk/sidecar/internal/dialect/jsonscan"
	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/route"
)

// soukMember reads the members that no provider sees.
func (r *reader) soukMember(o *jsonscan.Object) *fault.Error {
	v := o.Value()
	if v == nil || jsonscan.Null(v) {
		return nil
	}
	switch string(o.Key) {
	case "models":
		a := jsonscan.NewArray(v, 0)
		for a.Next() {
			name, err := modelName("models", a.Value())
			if err != nil {
				return err
			}
			if len(r.ask.Models) == maxModels {
				return fault.Invalid("models", "models lists more than %d models", maxModels)
			}
			r.ask.Models = append(r.ask.Models, name)
		}
		if a.Err() != nil {
			return fault.Invalid("models", "models must be a list of model ids, such as [\"openai/gpt-4o\"]")
		}
	case "provider":
		prefer, err := route.ParsePreferences(v)
		if err != nil {
			return err
		}
		r.ask.Prefer = prefer
	case "session_id":
		text, ok := jsonscan.Text(v)
		if !ok || len(text) > maxModelName {
			return fault.Invalid("session_id", "session_id must be a string of at most %d bytes", maxModelName)
		}
		r.ask.SessionID = alias(text)
	case "usage": // OpenRouter: {"include": true}
		if v[0] != '{' {
			return fault.Invalid("usage", "usage must be an object such as {\"include\": true}")
		}
		include, err := boolean("usage.include", jsonscan.Member(v, "include"))
		if err != nil {
			return err
		}
		r.ask.UsageAsked = r.ask.UsageAsked || include
	}
	return nil
}

func (r *reader) streamOptions(o *jsonscan.Object, before bool) *fault.Error {
	v := o.Value()
	r.options = true
	if !jsonscan.Null(v) && v[0] != '{' {
		return fault.Invalid("stream_options", "stream_options must be an object such as {\"include_usage\": true}")
	}
	if before {
		r.edits.Replace(dialect.WithoutUsage, r.end, o.ValueEnd(), "")
	} else {
		// The comma goes with it: up to where the next member begins.
		r.optionsCut = r.edits.Replace(dialect.WithoutUsage, o.KeyStart, o.ValueEnd(), "")
	}
	if jsonscan.Null(v) {
		r.edits.Replace(dialect.WithUsage, o.ValueStart, o.ValueEnd(), `{"include_usage":true}`)
		return nil
	}
	members, found := 0, false
	in := jsonscan.NewObject(r.body, o.ValueStart)
	for in.Next() {
		members++
		if bytes.IndexByte(in.Key, '\\') >= 0 {
			return fault.Invalid("stream_options", "a key in stream_options is written with an escape; write it plainly")
		}
		if string(in.Key) != "include_usage" {
			continue
		}
		on, err := boolean("stream_options.include_usage", in.Value())
		if err != nil {
			return err
		}
		if found {
			return fault.Invalid("stream_options", "the key \"include_usage\" appears twice; send it once")
		}
		found = true
		if on {
			r.ask.UsageAsked = true
		} else {
			r.edits.Replace(dialect.WithUsage, in.ValueStart, in.ValueEnd(), "true")
		}
	}
	if err := in.Err(); err != nil {
		return fault.Invalid("stream_options", "stream_options is not a JSON object: %s", err)
	}
	if !found {
		text := `"include_usage":true,`
		if members == 0 {
			text = `"include_usage":true`
		}
		r.edits.Replace(dialect.WithUsage, o.ValueStart+1, o.ValueStart+1, text)
	}
	return nil
}

func modelName(param string, v []byte) (string, *fault.Error) {
	text, ok := jsonscan.Text(v)
	if !ok {
		return "", fault.Invalid(param, "%s must be a string, an id that GET /v1/models lists", param)
	}
	if len(text) == 0 || len(text) > maxModelName {
		return "", fault.Invalid(param, "%s must be 1 to %d bytes long", param, maxModelName)
	}
	return alias(text), nil
}

func boolean(param string, v []byte) (bool, *fault.Error) {
	switch string(v) {
	case "true":
		return true, nil
	case "", "null", "false":
		return false, nil
	}
	return false, fault.Invalid(param, "%s must be true or false", param)
}

// alias makes a string of bytes that live as long as the request does, without a copy.
func alias(b []byte) string { return unsafe.String(unsafe.SliceData(b), len(b)) }

func cut(b []byte, n int) string {
	if len(b) > n {
		b = b[:n]
	}
	return string(b)
}
