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

func (d *decoder) hedge(n node) {
	d.mapping(n, fields{
		"budget": d.percent,
		"after": func(v node) {
			s := d.text(v)
			if number, ok := strings.CutPrefix(s, "p"); ok {
				if p, err := strconv.ParseFloat(number, 64); err != nil || !(p > 0 && p < 100) {
					d.errorf(v, "must be a percentile such as p95, or a duration such as 800ms")
				}
				return
			}
			if delay, err := time.ParseDuration(s); s != "" && (err != nil || delay <= 0) {
				d.errorf(v, "must be a percentile such as p95, or a duration such as 800ms")
			}
		},
	})
	d.warnf(n, "has no effect in this version")
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
