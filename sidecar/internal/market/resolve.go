package market

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/agnivade/levenshtein"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// The suffixes that a model's name may carry after a colon, as Resolve returns them.
const (
	SuffixFloor = "floor" // sort by price
	SuffixNitro = "nitro" // sort by throughput
)

// names are the ways to call a model other than by its id.
type names struct {
	aliases map[string]target
	bare    map[string][]string // slug, or what a catalogued provider calls the model -> model ids
	near    []nearName
}

type target struct{ model, suffix string }

// own notes what a catalogued provider calls a model.
func (n *names) own(name, model string) {
	if n.bare == nil {
		n.bare = make(map[string][]string)
	}
	if !slices.Contains(n.bare[name], model) {
		n.bare[name] = append(n.bare[name], model)
	}
}

// nameModels prepares Resolve and Nearest. An alias must lead to a model on the market.
func (m *Market) nameModels(aliases map[string]string) error {
	for _, l := range m.listings {
		slug := slugOf(l.Model)
		m.names.own(slug, l.Model)
		m.names.near = append(m.names.near, newNearName(l.Model, l.Model), newNearName(slug, l.Model))
	}
	for _, ids := range m.names.bare {
		slices.Sort(ids)
	}
	resolved := make(map[string]target, len(aliases))
	for _, alias := range slices.Sorted(maps.Keys(aliases)) {
		model, suffix, err := m.Resolve(aliases[alias])
		if err != nil {
			return fmt.Errorf("alias %q: %s", alias, err.(*fault.Error).Message)
		}
		resolved[alias] = target{model, suffix}
		m.names.near = append(m.names.near, newNearName(alias, alias))
	}
	m.names.aliases = resolved
	return nil
}

// maxName is the longest part of a name, in bytes, that is compared with others or shown again.
const maxName = 128

// Resolve finds the model that a caller means: by its id, an alias, what a catalogued provider calls it, or a
// bare slug where only one model has it; with or without the suffix :floor or :nitro, which is returned without
// its colon. An id that has a colon of its own comes first. The strings returned are the market's own, so that
// name may alias a buffer. The error is a *fault.Error: 404 for an unknown name, 400 for an ambiguous one.
func (m *Market) Resolve(name string) (model, suffix string, err error) {
	if l := m.byModel[name]; l != nil {
		return l.Model, "", nil
	}
	model, suffix, candidates := m.lookUp(name)
	if model != "" {
		return model, suffix, nil
	}
	base, asked := name, ""
	if i := strings.LastIndexByte(name, ':'); i >= 0 && candidates == nil {
		switch name[i+1:] {
		case SuffixFloor:
			asked = SuffixFloor
		case SuffixNitro:
			asked = SuffixNitro
		}
		if asked != "" {
			base = name[:i]
			if model, _, candidates = m.lookUp(base); model != "" {
				return model, asked, nil
			}
		}
	}
	if candidates != nil {
		return "", "", ambiguous(base, candidates)
	}
	return "", "", m.unknown(name)
}

// lookUp finds a name without regard to suffixes; candidates are what an ambiguous one may mean.
func (m *Market) lookUp(name string) (model, suffix string, candidates []string) {
	if l := m.byModel[name]; l != nil {
		return l.Model, "", nil
	}
	if to, ok := m.names.aliases[name]; ok {
		return to.model, to.suffix, nil
	}
	switch ids := m.names.bare[name]; len(ids) {
	case 0:
		return "", "", nil
	case 1:
		return ids[0], "", nil
	default:
		return "", "", ids
	}
}

func ambiguous(name string, candidates []string) error {
	e := fault.Invalid("model", "the model name %q means more than one model: ask for %s",
		shorten(name), strings.Join(candidates[:min(len(candidates), 5)], ", "))
	e.Code = "model_ambiguous"
	return e
}

func (m *Market) unknown(name string) error {
	hint := "GET /v1/models lists all"
	if near := m.Nearest(name, 3); len(near) > 0 {
		hint = "nearest: " + strings.Join(near, ", ") + "; " + hint
	}
	e := fault.New(404, fault.TypeNotFound, "model_not_found", "nobody offers the model %q (%s)", shorten(name), hint)
	e.Param = "model"
	return e
}

// shorten cuts a name to what is safe to compare and to show.
func shorten(name string) string {
	if len(name) <= maxName {
		return name
	}
	cut := maxName
	for cut > 0 && !utf8.RuneStart(name[cut]) && cut > maxName-utf8.UTFMax {
		cut--
	}
	return name[:cut]
}

func slugOf(model string) string { return model[strings.IndexByte(model, '/')+1:] }

// nearName is a name to be near to. Its bag holds how often it has each kind of byte, from which a lower bound of
// the edit distance follows far quicker than the distance itself.
type nearName struct {
	text   string
	answer string
	bag    bag
}

// fold makes a name comparable. It is cut again in lower case, which may be longer: of bytes that are not UTF-8
// it makes three each.
func fold(name string) string { return shorten(strings.ToLower(shorten(name))) }

type bag [32]uint8

func newNearName(text, answer string) nearName {
	text = fold(text)
	return nearName{text, answer, bagOf(text)}
}

func bagOf(s string) (b bag) {
	for i := range len(s) {
		b[s[i]&31]++
	}
	return b
}

// apart is how many edits it takes at least to make one out of the other.
func (b *bag) apart(other *bag) int {
	var more, less int
	for i := range b {
		if d := int(b[i]) - int(other[i]); d > 0 {
			more += d
		} else {
			less -= d
		}
	}
	return max(more, less)
}

// nearChecked is how many names get their true distance computed: the ones with the smallest lower bounds.
const nearChecked = 64

// Nearest lists at most n ids and aliases that name may be a slip of, the nearest first. Only the first 128 bytes
// of name count.
func (m *Market) Nearest(name string, n int) []string {
	name = fold(strings.TrimSuffix(strings.TrimSuffix(name, ":"+SuffixFloor), ":"+SuffixNitro))
	own := bagOf(name)
	var histogram [maxName + 1]int
	bounds := make([]uint8, len(m.names.near)) // at most maxName each
	for i := range m.names.near {
		d := m.names.near[i].bag.apart(&own)
		bounds[i] = uint8(d)
		histogram[d]++
	}
	// All names below limit are checked, and of those at limit as many as there is room for.
	limit, below := 0, 0
	for limit < maxName && below+histogram[limit] < nearChecked {
		below += histogram[limit]
		limit++
	}
	room := nearChecked - below
	type found struct {
		answer   string
		distance int
	}
	var all []found
	for i := range bounds {
		candidate := &m.names.near[i]
		if bound := int(bounds[i]); bound > limit || bound == limit && room == 0 {
			continue
		} else if bound == limit {
			room--
		}
		all = append(all, found{candidate.answer, levenshtein.ComputeDistance(name, candidate.text)})
	}
	slices.SortStableFunc(all, func(a, b found) int { return a.distance - b.distance })
	var answers []string
	for _, f := range all {
		if len(answers) < n && !slices.Contains(answers, f.answer) {
			answers = append(answers, f.answer)
		}
	}
	return answers
}
