package sim

import "net/http"

type modelList struct {
	Object string       `json:"object"`
	Data   []modelEntry `json:"data"`
}

type modelEntry struct {
	ID        string `json:"id"`
	Object    string `json:"object"`
	Created   int64  `json:"created"`
	OwnedBy   string `json:"owned_by"`
	Context   int    `json:"context_length,omitempty"`
	Simulated bool   `json:"simulated"`
}

func (p *Provider) entry(m *Model) modelEntry {
	return modelEntry{ID: m.ID, Object: "model", Created: 1735689600, OwnedBy: "souk-sim-" + p.opts.Name, Context: m.Context, Simulated: true}
}

// models serves GET /v1/models.
func (x *exchange) models() {
	list := modelList{Object: "list"}
	for i := range x.p.opts.Models {
		list.Data = append(list.Data, x.p.entry(&x.p.opts.Models[i]))
	}
	x.whole(http.StatusOK, typeJSON, encode(list))
}

// oneModel serves GET /v1/models/{id}.
func (x *exchange) oneModel(name string) {
	m := x.p.model(name)
	if m == nil {
		x.fail(notFound(name))
		return
	}
	x.whole(http.StatusOK, typeJSON, encode(x.p.entry(m)))
}
