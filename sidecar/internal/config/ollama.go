package config

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/url"
	"strings"
	"time"
)

// How long a start may wait for an Ollama: to see whether one is there, and for its list of models.
const (
	ollamaProbe = 100 * time.Millisecond
	ollamaList  = time.Second
)

// ollama looks for a server where OLLAMA_HOST says, or at its usual place, and takes its models at no price.
// Models that Ollama itself has run elsewhere are left out, since those are not free.
func ollama(env Env) (*Provider, string) {
	host, asked := env.lookup("OLLAMA_HOST")
	asked = asked && strings.TrimSpace(host) != ""
	base, err := ollamaURL(host)
	if err != nil {
		return nil, fmt.Sprintf("OLLAMA_HOST cannot be used: %v", err)
	}
	if env.Probe == nil || env.Fetch == nil || !env.Probe(base.Host, ollamaProbe) {
		if asked {
			return nil, "OLLAMA_HOST is set, but nothing answers there"
		}
		return nil, ""
	}
	models, err := ollamaModels(env, base.String())
	if err != nil {
		return nil, fmt.Sprintf("something listens at %s, but its models cannot be listed: %v", base.Host, err)
	}
	if len(models) == 0 {
		return nil, fmt.Sprintf("Ollama at %s has no models of its own; ollama pull gets one", base.Host)
	}
	base.Path += "/v1"
	return &Provider{
		Name: "ollama", Type: TypeSelfHosted, API: "openai", BaseURL: base,
		StreamUsage: true, Models: models,
	}, ""
}

// ollamaURL reads OLLAMA_HOST as Ollama's own client does: scheme and port may be missing, and an address to
// listen on everywhere is reached on this machine.
func ollamaURL(host string) (*url.URL, error) {
	host = strings.TrimSpace(host)
	if !strings.Contains(host, "://") {
		host = "http://" + host
	}
	u, err := url.Parse(host)
	if err != nil {
		return nil, errors.New("not host:port or a URL")
	}
	name, port := u.Hostname(), u.Port()
	if name == "" || name == "0.0.0.0" || name == "::" {
		name = "127.0.0.1"
	}
	if port == "" {
		port = "11434"
	}
	u.Host = net.JoinHostPort(name, port)
	return parseBaseURL(u.String())
}

func ollamaModels(env Env, base string) ([]Model, error) {
	list := modelList{author: "ollama", price: &Price{}}
	body, err := env.Fetch(base+"/api/tags", Secret{}, ollamaList)
	if err != nil {
		// Not Ollama, then, or a part of it behind something else: ask as any OpenAI-compatible server can be.
		err = list.fetch(env, base+"/v1", Secret{}, ollamaList)
		return list.models, err
	}
	var tags struct {
		Models []struct {
			Name       string `json:"name"`
			RemoteHost string `json:"remote_host"`
			Details    struct {
				Quantization string `json:"quantization_level"`
			} `json:"details"`
		} `json:"models"`
	}
	if err := json.Unmarshal(body, &tags); err != nil {
		return nil, errors.New("/api/tags is not Ollama's JSON")
	}
	for _, m := range tags.Models {
		if m.RemoteHost == "" && !strings.HasSuffix(m.Name, "-cloud") && !strings.HasSuffix(m.Name, ":cloud") {
			list.add(m.Name, m.Details.Quantization)
		}
	}
	return list.models, nil
}
