package main

import "encoding/json"

// joined is the line of Kong's log that joins a request of Kong's with souk's.
type joined struct {
	RequestID     string `json:"souk_request_id"`
	Offer         string `json:"offer,omitempty"`
	Provider      string `json:"provider,omitempty"`
	Attempts      string `json:"attempts,omitempty"`
	CostUSD       string `json:"cost_usd,omitempty"` // not of streams: their cost is in their usage event and in souk's own log
	Cache         string `json:"cache,omitempty"`
	KongRequestID string `json:"kong_request_id,omitempty"` // Kong 3.5 and later
}

// log writes what the sidecar says of the request into Kong's error log. Kong runs the phase in a timer, behind its other logging plugins, so
// fields for these cannot be set here; they have the same headers under response.headers.
func (r *route) log(k bridge) {
	h, _, err := k.headers("kong.response.get_headers")
	if err != nil {
		k.log(levelErr, "the response's headers could not be read: "+err.Error())
		return
	}
	id := h.first("x-souk-request-id")
	if id == "" {
		return // answered by Kong, or past the sidecar
	}
	line, err := json.Marshal(joined{
		RequestID:     id,
		Offer:         h.first("x-souk-offer"),
		Provider:      h.first("x-souk-provider"),
		Attempts:      h.first("x-souk-attempts"),
		CostUSD:       h.first("x-souk-cost-usd"),
		Cache:         h.first("x-souk-cache"),
		KongRequestID: h.first("x-kong-request-id"),
	})
	if err != nil {
		return // cannot be: it is made of strings
	}
	k.log(levelNotice, "souk "+string(line))
}
