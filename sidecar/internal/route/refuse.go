package route

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/soukproxy/souk/sidecar/internal/fault"
	"github.com/soukproxy/souk/sidecar/internal/market"
	"github.com/soukproxy/souk/sidecar/internal/money"
)

// listedExclusions is how many exclusions an error lists; Explain lists all.
const listedExclusions = 100

// refuse is the error for an ask that every offer is excluded from.
func (q *query) refuse(targets []target) *fault.Error {
	e := fault.New(503, fault.TypeUnavailable, "no_offer", "")
	total, byCaller := 0, 0
	for _, t := range targets {
		for _, o := range t.listing.offers {
			r := q.verdict(o)
			total++
			if r != passes && r <= callerPrice {
				byCaller++
			}
			if len(e.Excluded) < listedExclusions {
				e.Excluded = append(e.Excluded, fault.Exclusion{Offer: o.ID, Why: q.why(r, o)})
			}
		}
	}
	remedy := "relax the provider preferences or the request"
	if byCaller == total {
		e.Status, e.Type, e.Code = 403, fault.TypePermission, "offers_not_allowed"
		remedy = "ask for what the caller's constraints allow"
	}
	first := e.Excluded[0]
	others := ""
	if total > 1 {
		others = fmt.Sprintf(", and %d more", total-1)
	}
	e.Message = fmt.Sprintf("no offer of %s is left for this request (%s: %s%s); %s",
		targets[0].listing.model, first.Offer, first.Why, others, remedy)
	return e
}

// unresolved is the market's error for a name that it cannot resolve, with the field that the name was in.
func unresolved(param string, err error) *fault.Error {
	var e *fault.Error
	if !errors.As(err, &e) {
		return fault.New(500, fault.TypeInternal, "", "%s", err)
	}
	named := *e
	named.Param = param
	return &named
}

// why puts a reason into words, with the figures that made it so.
func (q *query) why(r reason, o *market.Offer) string {
	p, c := &q.prefs, &q.allowed
	switch r {
	case callerModel:
		return fmt.Sprintf("model %s not among the caller's models %s", o.Model, list(c.Models))
	case callerRegion:
		return fmt.Sprintf("region %s not in the caller's %s", region(o), list(c.Regions))
	case callerType:
		return fmt.Sprintf("type %s not in the caller's %s", o.Provider.Type, list(c.Types))
	case callerPrice:
		if o.Price == nil {
			return "price unknown, and the caller has a max-price of " + dollars(*c.MaxPrice)
		}
		return fmt.Sprintf("price %s above the caller's max-price %s", dollars(max(o.Price.Input, o.Price.Output)), dollars(*c.MaxPrice))
	case notOnly:
		return "not in only " + list(p.Only)
	case ignored:
		return "in ignore " + list(p.Ignore)
	case notOrdered:
		return "not in order " + list(p.Order) + ", and allow_fallbacks is false"
	case wrongRegion:
		return fmt.Sprintf("region %s not in %s", region(o), list(p.Regions))
	case wrongType:
		return fmt.Sprintf("type %s not in %s", o.Provider.Type, list(p.Types))
	case retains:
		if days := o.Provider.Data.RetentionDays; days != nil {
			return fmt.Sprintf("keeps data for %d days, and zdr is set", *days)
		}
		return "data retention unknown, and zdr is set"
	case trains:
		if o.Provider.Data.Trains == nil {
			return "data policy unknown, and data_collection is deny"
		}
		return "trains on prompts, and data_collection is deny"
	case wrongQuantization:
		return fmt.Sprintf("quantization %s not in %s", quantization(o), list(p.Quantizations))
	case priceUnknown:
		return "price unknown, and max_price is set"
	case promptPrice:
		return fmt.Sprintf("price %s above max_price.prompt %s", dollars(o.Price.Input), dollars(*p.MaxPrice.Prompt))
	case completionPrice:
		return fmt.Sprintf("price %s above max_price.completion %s", dollars(o.Price.Output), dollars(*p.MaxPrice.Completion))
	case lowUptime:
		return fmt.Sprintf("uptime %s %% below min_uptime %s %%", percent(q.book.figures[o.Index].Uptime30), number(p.MinUptime))
	case featureMissing:
		return "does not support " + strings.Join(o.Lacks(q.required).Names(), ", ")
	case featureUnknown:
		return fmt.Sprintf("not known to support %s, and require_parameters is set", strings.Join((q.required&^o.Known).Names(), ", "))
	case embedsOnly:
		return "makes embeddings only"
	case contextTooSmall:
		return fmt.Sprintf("context %d below the %d tokens needed (at least, with max_tokens %d)", o.Context, q.context, q.ask.MaxTokens)
	case outputTooSmall:
		return fmt.Sprintf("max_output %d below max_tokens %d", o.MaxOutput, q.ask.MaxTokens)
	case oneOnly:
		return "another offer comes first, and allow_fallbacks is false"
	}
	return "not excluded"
}

func list(names []string) string { return "[" + strings.Join(names, " ") + "]" }

func region(o *market.Offer) string {
	if len(o.Regions) == 0 {
		return "unknown"
	}
	return strings.Join(o.Regions, ",")
}

// dollars is a price in USD per million tokens with at least two decimals.
func dollars(p money.PerMillion) string {
	s := p.USD()
	switch i := strings.IndexByte(s, '.'); {
	case i < 0:
		return s + ".00"
	case i == len(s)-2:
		return s + "0"
	}
	return s
}

// percent is a share in percent, cut to two decimals: rounding up would hide what a limit fails by.
func percent(share float64) string { return number(math.Floor(share*1e4+1e-6) / 100) }

func number(v float64) string { return strconv.FormatFloat(v, 'f', -1, 64) }
