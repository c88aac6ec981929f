package route

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestPreferencesAreReadAsTheyAreWritten(t *testing.T) {
	tests := []struct {
		name, raw string
		want      Preferences
	}{
		{"nothing", `{}`, Preferences{}},
		{"null", `null`, Preferences{}},
		{"nulls", `{"order":null,"sort":null,"max_price":null,"allow_fallbacks":null,"min_uptime":null}`, Preferences{}},
		{"empty lists", `{"order":[],"only":[]}`, Preferences{}},
		{"lists", ` {"order" : ["a", "b"],"only":["c"],"ignore":["d"],"quantizations":["fp8"]} `, Preferences{Order: []string{"a", "b"}, Only: []string{"c"}, Ignore: []string{"d"}, Quantizations: []string{"fp8"}}},
		{"booleans", `{"allow_fallbacks":false,"require_parameters":true,"zdr": true}`, Preferences{AllowFallbacks: one(false), RequireParameters: true, ZDR: true}},
		{"data_collection", `{"data_collection":"deny"}`, Preferences{DataCollection: Deny}},
		{"sort by name", `{"sort":"price"}`, Preferences{Sort: "price"}},
		{"sort as an object", `{"sort":{"by":"latency","partition":"model"}}`, Preferences{Sort: "latency"}},
		{"sort with nulls", `{"sort":{"by":null,"partition":null}}`, Preferences{}},
		{"max_price exactly", `{"max_price":{"prompt":0.1,"completion":"2e-1","request":0,"image":"1"}}`, Preferences{MaxPrice: &MaxPrice{Prompt: one(usd(t, "0.1")), Completion: one(usd(t, "0.2"))}}},
		{"max_price without a token price", `{"max_price":{"image":1}}`, Preferences{}},
		{"max_price of nothing", `{"max_price":{"prompt":0}}`, Preferences{MaxPrice: &MaxPrice{Prompt: one(usd(t, "0"))}}},
		{"preferred numbers", `{"preferred_min_throughput":50,"preferred_max_latency":1.5}`, Preferences{MinThroughput: 50, MaxLatency: 1.5}},
		{"preferred percentiles", `{"preferred_min_throughput":{"p90":30,"p50":50},"preferred_max_latency":{"p99":3,"p90":2}}`, Preferences{MinThroughput: 50, MaxLatency: 2}},
		{"region and type as strings", `{"region":"eu","type":"community"}`, Preferences{Regions: []string{"eu"}, Types: []string{"community"}}},
		{"region and type as lists", `{"region":["eu","ch"],"type":["company","self_hosted"]}`, Preferences{Regions: []string{"eu", "ch"}, Types: []string{"company", "self_hosted"}}},
		{"min_uptime", `{"min_uptime":99.5}`, Preferences{MinUptime: 99.5}},
		{"an escaped key", `{"\u0073ort":"price"}`, Preferences{Sort: "price"}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParsePreferences([]byte(test.raw))
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(*got, test.want) {
				t.Errorf("got %+v; want %+v", *got, test.want)
			}
		})
	}
}

func TestPreferencesThatAreWrongSayWhereAndWhatToDo(t *testing.T) {
	many := `["a"` + strings.Repeat(`,"a"`, maxEntries) + `]`
	tests := []struct {
		name, raw, param, message string
	}{
		{"not an object", `["a"]`, "provider", "provider is a list; it should be an object"},
		{"not JSON", `{"order":`, "provider", "provider is not valid JSON"},
		{"nothing at all", ``, "provider", "provider is not valid JSON"},
		{"two objects", `{}{}`, "provider", "provider is not valid JSON"},
		{"not UTF-8", "{\"order\":[\"\xff\"]}", "provider", "provider is not valid UTF-8"},
		{"too large", `{"order":["` + strings.Repeat("a", maxPreferences) + `"]}`, "provider", "it may have at most 65536"},
		{"an unknown key", `{"oder":["a"]}`, "provider.oder", `provider has the unknown key "oder"; the nearest known key is "order"`},
		{"an unknown key of sort", `{"sort":{"bye":"price"}}`, "provider.sort.bye", `nearest known key is "by"`},
		{"a duplicate key", `{"zdr":true,"zdr":false}`, "provider.zdr", "provider.zdr is there twice; give it once"},
		{"a duplicate key in disguise", `{"zdr":true,"z\u0064r":false}`, "provider.zdr", "twice"},
		{"a string for a list", `{"order":"a"}`, "provider.order", "provider.order is a string; it should be a list of strings"},
		{"a number in a list", `{"only":["a",1]}`, "provider.only[1]", "provider.only[1] is a number; it should be a string"},
		{"a null in a list", `{"only":[null]}`, "provider.only[0]", "is null; it should be a string"},
		{"an empty name", `{"only":[""]}`, "provider.only[0]", "is empty"},
		{"too many entries", `{"ignore":` + many + `}`, "provider.ignore", "has more than 100 entries"},
		{"too long an entry", `{"ignore":["` + strings.Repeat("a", 257) + `"]}`, "provider.ignore[0]", "257 bytes long; it may have at most 256"},
		{"a string for a boolean", `{"zdr":"true"}`, "provider.zdr", "is a string; it should be true or false"},
		{"an unknown data_collection", `{"data_collection":"no"}`, "provider.data_collection", `is "no"; it should be one of allow, deny`},
		{"an unknown sort", `{"sort":"cheap"}`, "provider.sort", "it should be one of balanced, price, latency, throughput, uptime"},
		{"a number for sort", `{"sort":1}`, "provider.sort", "is a number; it should be one of"},
		{"sort over models", `{"sort":{"by":"price","partition":"none"}}`, "provider.sort.partition", `use "model"`},
		{"a negative price", `{"max_price":{"prompt":-1}}`, "provider.max_price.prompt", "is not a price in USD per million tokens"},
		{"a price in words", `{"max_price":{"completion":"cheap"}}`, "provider.max_price.completion", "is not a price in USD per million tokens"},
		{"a list for a price", `{"max_price":{"image":[1]}}`, "provider.max_price.image", "is a list; it should be a price"},
		{"a number for max_price", `{"max_price":1}`, "provider.max_price", "is a number; it should be an object"},
		{"a throughput of nothing", `{"preferred_min_throughput":0}`, "provider.preferred_min_throughput", "it should be a number of tokens per second above 0"},
		{"a latency in words", `{"preferred_max_latency":"2s"}`, "provider.preferred_max_latency", "it should be a number of seconds above 0, or {p50, p75, p90, p99}"},
		{"a latency without end", `{"preferred_max_latency":1e999}`, "provider.preferred_max_latency", "it should be a number of seconds"},
		{"an unknown percentile", `{"preferred_max_latency":{"p95":1}}`, "provider.preferred_max_latency.p95", "unknown key"},
		{"an unknown type", `{"type":["company","selfhosted"]}`, "provider.type", `"selfhosted"`},
		{"a number for region", `{"region":1}`, "provider.region", "it should be a string or a list of strings"},
		{"an uptime above 100", `{"min_uptime":100.1}`, "provider.min_uptime", "is 100.1; it should be a percentage from 0 to 100"},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			got, err := ParsePreferences([]byte(test.raw))
			if err == nil {
				t.Fatalf("accepted as %+v", got)
			}
			if err.Status != 400 || err.Param != test.param || !strings.Contains(err.Message, test.message) {
				t.Errorf("%d, param %q, %q; want 400, %q, %q", err.Status, err.Param, err.Message, test.param, test.message)
			}
		})
	}
}

func FuzzParsePreferences(f *testing.F) {
	for _, seed := range []string{
		`{"order":["a"],"sort":{"by":"price"},"max_price":{"prompt":"0.5"},"region":"eu","min_uptime":99}`,
		`{"preferred_max_latency":{"p50":1},"type":["company"],"allow_fallbacks":false}`, `null`, `{"oder":1}`, `{"zdr":true,"zdr":true}`,
	} {
		f.Add([]byte(seed))
	}
	book := fair(f, stall{name: "alpha", input: "1", output: "1"}, stall{name: "beta"})
	f.Fuzz(func(t *testing.T, raw []byte) {
		p, err := ParsePreferences(raw)
		if err != nil {
			if p != nil || err.Status != 400 || err.Message == "" || len(err.Message) > 4096 || !strings.HasPrefix(err.Param, "provider") {
				t.Fatalf("got %+v, %+v", p, err)
			}
			return
		}
		if len(p.Order) > maxEntries || p.MinUptime < 0 || p.MinUptime > 100 || p.MinThroughput < 0 || p.MaxLatency < 0 {
			t.Fatalf("out of bounds: %+v", p)
		}
		for _, sort := range []string{"", "price"} {
			e, fault := book.Explain(&Ask{Model: llama, Prefer: p}, Policy{Sort: sort}, 1)
			if fault != nil || len(e.Plan)+len(e.Excluded) != 2 {
				t.Fatalf("%s: %+v, %v", fmt.Sprintf("%+v", p), e, fault)
			}
		}
	})
}
