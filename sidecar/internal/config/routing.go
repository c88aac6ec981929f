package config

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"
)

func (d *decoder) routing(n node) {
	r := &d.cfg.Routing
	d.mapping(n, fields{
		"sort":      func(v node) { r.Sort = d.enum(v, SortBalanced, SortPrice, SortLatency, SortThroughput, SortUptime) },
		"attempts":  func(v node) { r.Attempts = d.integer(v, 1, 16) },
		"timeouts":  func(v node) { d.timeouts(v, &r.Timeouts, true) },
		"keepalive": func(v node) { r.Keepalive = d.duration(v, 0) },
		"hedge":     d.hedge,
		"floor":     func(v node) { r.Floor = d.floor(v) },
		"resume":    func(v node) { r.Resume = d.boolean(v) },
		"deliver":   func(v node) { r.Deliver = d.enum(v, DeliverStream, DeliverWhole) },
	})
}

// timeouts reads what is set into t. Only routing's have a total: it bounds all attempts together.
func (d *decoder) timeouts(n node, t *Timeouts, total bool) {
	const least = time.Millisecond
	d.mapping(n, fields{
		"connect":     func(v node) { t.Connect = d.duration(v, least) },
		"first_token": func(v node) { t.FirstToken = d.duration(v, least) },
		"answer":      func(v node) { t.Answer = d.duration(v, least) },
		"idle":        func(v node) { t.Idle = d.duration(v, least) },
		"total": func(v node) {
			if !total {
				d.errorf(v, "total bounds all attempts together; set it under routing.timeouts")
				return
			}
			t.Total = d.duration(v, least)
		},
	})
}

// hedge reads when a second offer is asked: at a percentile of the first one's own first-token times, or after a fixed time.
func (d *decoder) hedge(n node) {
	h := &Hedge{Percentile: 95, Budget: 0.05}
	d.mapping(n, fields{
		"budget": func(v node) { h.Budget = d.percent(v) },
		"after": func(v node) {
			const rule = "must be p50, p90, p95 or p99, or a duration such as 800ms"
			s := d.text(v)
			switch number, percentile := strings.CutPrefix(s, "p"); {
			case percentile && slices.Contains([]string{"50", "90", "95", "99"}, number):
				h.Percentile, _ = strconv.Atoi(number)
			case percentile:
				d.errorf(v, rule)
			case s != "":
				after, err := time.ParseDuration(s)
				if err != nil || after <= 0 {
					d.errorf(v, rule)
				}
				h.After, h.Percentile = after, 0
			}
		},
		"max_price": func(v node) {
			price := d.price(v)
			h.MaxPrice = &price
		},
	})
	d.cfg.Routing.Hedge = h
}

// floor reads how slow an offer may be.
func (d *decoder) floor(n node) *Floor {
	f := &Floor{Window: 10 * time.Second}
	seen := d.mapping(n, fields{
		"tokens_per_second": func(v node) { f.TokensPerSecond = d.rate(v) },
		"window":            func(v node) { f.Window = d.duration(v, time.Second) },
	})
	if seen == nil {
		return nil
	}
	d.require(n, seen, "tokens_per_second", "a floor needs the tokens per second below which an offer does not serve, such as 2; 0 is none")
	return f
}

func (d *decoder) aliases(n node) {
	d.cfg.Aliases = map[string]string{}
	d.entries(n, "names and the model ids they stand for", func(name string, at, value node) {
		target := d.pattern(value, isModelID, modelRule)
		if !isWord(name) {
			d.errorf(at, "%s", aliasRule)
			return
		}
		if target != "" {
			d.cfg.Aliases[name] = target
			d.refs.aliases = append(d.refs.aliases, alias{value, target})
		}
	})
}

// checkAliases holds that each alias leads to a model that exists, as far as the file alone can say.
func (d *decoder) checkAliases() {
	if d.refs.open {
		return
	}
	models := slices.Sorted(maps.Keys(d.refs.models))
	for _, a := range d.refs.aliases {
		switch near := nearest(a.target, models); {
		case d.refs.models[a.target]:
		case near != "":
			d.errorf(a.at, "no provider has this model; did you mean %s?", near)
		default:
			d.errorf(a.at, "no provider has this model; add it under a provider's models, or name one that is there")
		}
	}
}
