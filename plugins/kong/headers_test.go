package main

import (
	"slices"
	"strings"
	"testing"

	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/structpb"
)

func FuzzReadHeaders(f *testing.F) {
	for _, fields := range []map[string]any{
		{"content-type": "application/json", "x-a": []any{"1", "2"}},
		{"souk-caller": "", "x": nil, "y": true, "z": 1.5, "l": []any{}},
	} {
		s, err := structpb.NewStruct(fields)
		if err != nil {
			f.Fatal(err)
		}
		data, err := proto.Marshal(s)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add(protowire.AppendVarint(nil, 1<<63))
	f.Fuzz(func(t *testing.T, data []byte) {
		h, err := readHeaders(data)
		var s structpb.Struct
		if proto.Unmarshal(data, &s) != nil {
			return // what Go's decoder refuses, such as text that is not UTF-8, may be read or refused
		}
		if err != nil {
			t.Fatalf("a structure was refused: %v", err)
		}
		for name, v := range s.Fields {
			got, ok := h[strings.ToLower(name)]
			if !ok || len(got) == 0 {
				t.Fatalf("%q is missing", name)
			}
			if _, isText := v.GetKind().(*structpb.Value_StringValue); isText && !slices.Contains(got, v.GetStringValue()) {
				t.Errorf("%q is %q, want %q", name, got, v.GetStringValue())
			}
		}
	})
}
