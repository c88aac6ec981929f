package market

import (
	"slices"
	"strings"
	"time"
)

// Market is all offers of one configuration. It is immutable, but for the statistics of its offers.
type Market struct {
	Offers    []*Offer
	Providers []*Provider

	listings []*Listing // sorted by model
	byModel  map[string]*Listing
	names    names
}

// Listing is all offers of one model. It is immutable.
type Listing struct {
	Model   string // canonical id
	Name    string // for people; the model's id when nothing better is known
	Index   int    // its place in Market.Listings
	Offers  []*Offer
	Created time.Time // when the model came on this market
}

// Listing is the listing of a model by its canonical id; nil when nobody offers it. See Resolve for other names.
func (m *Market) Listing(model string) *Listing { return m.byModel[model] }

// Listings are all listings, sorted by model id. The slice is the market's own.
func (m *Market) Listings() []*Listing { return m.listings }

// list groups the offers by model.
func (m *Market) list(prev *Market, now time.Time) {
	m.byModel = make(map[string]*Listing)
	for _, o := range m.Offers {
		l := m.byModel[o.Model]
		if l == nil {
			l = &Listing{Model: o.Model, Created: now}
			if prev != nil && prev.byModel[o.Model] != nil {
				l.Created = prev.byModel[o.Model].Created
			}
			m.byModel[o.Model] = l
			m.listings = append(m.listings, l)
		}
		if l.Name == "" {
			l.Name = o.Name
		}
		l.Offers = append(l.Offers, o)
	}
	slices.SortFunc(m.listings, func(a, b *Listing) int { return strings.Compare(a.Model, b.Model) })
	for i, l := range m.listings {
		l.Index = i
		if l.Name == "" {
			l.Name = l.Model
		}
	}
}
