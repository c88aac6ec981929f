package main

import (
	"encoding/json"
	"io"
)

// info is what Kong's query command answers with; see get_plugin_info in Kong's kong/runloop/plugin_servers/process.lua.
type info struct {
	Protocol   string
	SocketPath string
	Plugins    []pluginInfo
}

type pluginInfo struct {
	Name     string
	Phases   []string
	Version  string
	Priority int
	Schema   attributes
}

// attributes are those of a schema or of a field; Kong's kong/db/schema/metaschema.lua says which there are.
type attributes map[string]any

// dump writes what Kong has to know before it starts the plugin. A schema that is derived from Go's types, as go-pdk's is, knows nothing
// of required, default, one_of and referenceable.
func dump(w io.Writer, name, socket string) error {
	out := json.NewEncoder(w)
	out.SetIndent("", "  ")
	return out.Encode(info{
		Protocol:   "ProtoBuf:1",
		SocketPath: socket,
		Plugins: []pluginInfo{{
			Name: name,
			// A response phase would make Kong buffer every stream to its end.
			Phases:   []string{"access", "log"},
			Version:  version,
			Priority: priority,
			Schema: attributes{"name": name, "fields": []attributes{
				{"config": attributes{"type": "record", "required": true, "fields": fields()}},
			}},
		}},
	})
}

// fields are the schema of the configuration: what Kong checks before the plugin sees it. Config has the same fields and checks
// them again, with what a schema cannot say.
func fields() []map[string]attributes {
	strings := func(more attributes) attributes {
		return attributes{"type": "array", "len_min": 1, "elements": attributes{"type": "string", "len_min": 1}}.with(more)
	}
	types := attributes{"type": "array", "len_min": 1, "elements": attributes{"type": "string", "one_of": providerTypes()}}
	text := attributes{"type": "string", "len_min": 1}
	return []map[string]attributes{
		{"sidecar_scheme": choice("http", "http", "https")},
		{"sidecar_host": text.with(attributes{"required": true, "default": "127.0.0.1"})},
		{"sidecar_port": integer(8420, 1, 65535)},
		{"strip_prefix": attributes{"type": "string", "starts_with": "/", "len_min": 2}},
		{"add_prefix": attributes{"type": "string", "starts_with": "/", "len_min": 2}},
		{"key_id": text.with(attributes{"required": true, "len_max": 64})},
		{"secret": attributes{"type": "string", "required": true, "referenceable": true, "encrypted": true, "len_min": 16}},
		{"lifetime": integer(5, 1, 60)},
		{"identity": choice(byUsername, identities()...)},
		{"credential": text},
		{"anonymous": text},
		{"anonymous_scopes": strings(nil)},
		{"groups_from": choice(groupsNone, groupSources()...)},
		{"groups_prefix": text},
		{"via": text.with(attributes{"required": true, "default": "kong"})},
		{"credentials": choice(markApplied, credentialMarks()...)},
		{"guardrails": choice(markUnsaid, guardrailMarks()...)},
		{"redaction": choice(markUnsaid, redactionMarks()...)},
		{"region": strings(nil)},
		{"type": types},
		{"models": strings(nil)},
		{"max_price": attributes{"type": "number", "between": []int{0, 1000000}}},
		{"fail_open": {"type": "boolean", "required": true, "default": false}},
		{"probe_url": text},
		{"probe_interval": integer(1000, 100, 60000)},
		{"log": {"type": "boolean", "required": true, "default": true}},
	}
}

func (a attributes) with(more attributes) attributes {
	out := attributes{}
	for _, from := range []attributes{a, more} {
		for k, v := range from {
			out[k] = v
		}
	}
	return out
}

func integer(byDefault, least, most int) attributes {
	return attributes{"type": "integer", "required": true, "default": byDefault, "between": []int{least, most}}
}

func choice(byDefault string, all ...string) attributes {
	return attributes{"type": "string", "required": true, "default": byDefault, "one_of": all}
}
