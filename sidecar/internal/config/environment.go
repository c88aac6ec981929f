package config

import (
	"errors"
	"fmt"
	"net/url"
	"strings"
	"time"
)

// known is a company whose API speaks the OpenAI dialect, and the variable that its key is usually in.
type known struct {
	variable  string
	name      string // the provider's name, and its id in the catalogue
	baseURL   string
	community bool
	listed    bool // the built-in catalogue has its models
}

// knownProviders is a table of its own since reading the built-in catalogue's, 700 KB of JSON, would be a good
// part of a cold start. A test compares the two.
//
// Left out are subscriptions whose keys work in coding tools only, and variables that serve other purposes as
// well (HF_TOKEN, SCW_SECRET_KEY).
func knownProviders() []known {
	return []known{
		{variable: "OPENAI_API_KEY", name: "openai", baseURL: "https://api.openai.com/v1", listed: true},
		{variable: "OPENROUTER_API_KEY", name: "openrouter", baseURL: "https://openrouter.ai/api/v1", listed: true},
		{variable: "SHAREAI_API_KEY", name: "shareai", baseURL: "https://api.shareai.now/api/v1", community: true},
		{variable: "GROQ_API_KEY", name: "groq", baseURL: "https://api.groq.com/openai/v1", listed: true},
		{variable: "MISTRAL_API_KEY", name: "mistral", baseURL: "https://api.mistral.ai/v1"},
		{variable: "DEEPSEEK_API_KEY", name: "deepseek", baseURL: "https://api.deepseek.com/v1", listed: true},
		{variable: "TOGETHER_API_KEY", name: "together", baseURL: "https://api.together.xyz/v1"},
		{variable: "FIREWORKS_API_KEY", name: "fireworks", baseURL: "https://api.fireworks.ai/inference/v1", listed: true},
		{variable: "XAI_API_KEY", name: "xai", baseURL: "https://api.x.ai/v1", listed: true},
		{variable: "CEREBRAS_API_KEY", name: "cerebras", baseURL: "https://api.cerebras.ai/v1", listed: true},
		{variable: "MOONSHOT_API_KEY", name: "moonshot", baseURL: "https://api.moonshot.ai/v1", listed: true},
		{variable: "NEBIUS_API_KEY", name: "nebius", baseURL: "https://api.tokenfactory.nebius.com/v1", listed: true},
		{variable: "BASETEN_API_KEY", name: "baseten", baseURL: "https://inference.baseten.co/v1", listed: true},
		{variable: "VENICE_API_KEY", name: "venice", baseURL: "https://api.venice.ai/api/v1", listed: true},
		{variable: "CHUTES_API_KEY", name: "chutes", baseURL: "https://llm.chutes.ai/v1", listed: true},
		{variable: "CORTECS_API_KEY", name: "cortecs", baseURL: "https://api.cortecs.ai/v1", listed: true},
		{variable: "VERCEL_API_KEY", name: "vercel", baseURL: "https://ai-gateway.vercel.sh/v1", listed: true},
		{variable: "IONET_API_KEY", name: "ionet", baseURL: "https://api.intelligence.io.solutions/api/v1", listed: true},
		{variable: "AIHUBMIX_API_KEY", name: "aihubmix", baseURL: "https://aihubmix.com/v1", listed: true},
		{variable: "AVIAN_API_KEY", name: "avian", baseURL: "https://api.avian.io/v1", listed: true},
		{variable: "NEURALWATT_API_KEY", name: "neuralwatt", baseURL: "https://api.neuralwatt.com/v1", listed: true},
		{variable: "QINIUCLOUD_API_KEY", name: "qiniucloud", baseURL: "https://api.qnaigc.com/v1", listed: true},
		{variable: "SYNTHETIC_API_KEY", name: "synthetic", baseURL: "https://api.synthetic.new/openai/v1", listed: true},
		{variable: "ALIBABA_SINGAPORE_API_KEY", name: "alibaba-singapore", baseURL: "https://dashscope-intl.aliyuncs.com/compatible-mode/v1", listed: true},
		{variable: "ALIBABA_US_API_KEY", name: "alibaba-us", baseURL: "https://dashscope-us.aliyuncs.com/compatible-mode/v1", listed: true},
		{variable: "ZHIPU_API_KEY", name: "zhipu", baseURL: "https://open.bigmodel.cn/api/paas/v4", listed: true},
	}
}

// ErrNoProviders means that the environment names no provider that this version can use.
var ErrNoProviders = errors.New("no provider found in the environment; set OPENAI_API_KEY, OPENROUTER_API_KEY or another provider's key, start Ollama, or write a souk.yaml")

// FromEnvironment is the configuration where there is no file: defaults, and the providers whose keys are in
// their usual variables, with the built-in catalogue's models or, where it has none, those that they list
// themselves, and a local Ollama with its own. The notes say, a line each, what was found and is not used, or
// not as one might expect. ErrNoProviders comes with notes too.
func FromEnvironment(env Env) (*Config, []string, error) {
	cfg := defaults()
	var notes []string
	for _, k := range knownProviders() {
		p, note := fromVariable(env, k)
		if note != "" {
			notes = append(notes, note)
		}
		if p != nil {
			cfg.Providers = append(cfg.Providers, *p)
		}
	}
	for _, other := range []struct{ variable, dialect string }{
		{"ANTHROPIC_API_KEY", "anthropic"}, {"GEMINI_API_KEY", "gemini"}, {"GOOGLE_API_KEY", "gemini"},
	} {
		if value, _ := env.lookup(other.variable); value != "" {
			notes = append(notes, fmt.Sprintf("%s is set, but the %s dialect is not available in this version", other.variable, other.dialect))
		}
	}
	p, note := ollama(env)
	if note != "" {
		notes = append(notes, note)
	}
	if p != nil {
		cfg.Providers = append(cfg.Providers, *p)
	}
	if len(cfg.Providers) == 0 {
		return nil, notes, ErrNoProviders
	}
	return cfg, notes, nil
}

func fromVariable(env Env, k known) (*Provider, string) {
	value, _ := env.lookup(k.variable)
	value = strings.TrimSpace(value)
	if value == "" {
		return nil, ""
	}
	if problem := credentialProblem(value); problem != "" {
		return nil, k.variable + " " + problem + "; provider " + k.name + " is left out"
	}
	base, note := k.baseURL, ""
	if k.name == "openai" {
		base, note = openAIBase(env, base)
	}
	u, err := url.Parse(base)
	if err != nil || base == "" {
		return nil, note
	}
	p := &Provider{
		Name: k.name, Type: TypeCompany, API: "openai", BaseURL: u, Keys: []Secret{NewSecret(value)},
		StreamUsage: true,
	}
	if k.community {
		p.Type = TypeCommunity
	}
	if k.listed {
		p.Catalogue, p.CatalogueID = true, k.name
		return p, note
	}
	return ownModels(env, k, p)
}

// ownModels asks a provider that the built-in catalogue does not have for its models. Their prices stay unknown.
func ownModels(env Env, k known, p *Provider) (*Provider, string) {
	const patience = 2 * time.Second
	leftOut := func(why string) (*Provider, string) {
		return nil, fmt.Sprintf("%s is set, but the built-in catalogue has no models of %s, and %s; list its models in a souk.yaml", k.variable, k.name, why)
	}
	if env.Fetch == nil {
		return leftOut("it was not asked for them")
	}
	list := modelList{author: k.name}
	switch err := list.fetch(env, k.baseURL, p.Keys[0], patience); {
	case err != nil:
		return leftOut(fmt.Sprintf("it does not say which it has (%v)", err))
	case len(list.models) == 0:
		return leftOut("it says that it has none")
	}
	p.Models = list.models
	return p, fmt.Sprintf("%s is set, but the built-in catalogue has no prices of %s, so its offers come last; give prices in a souk.yaml", k.variable, k.name)
}

// openAIBase heeds the variable with which OpenAI's SDKs are sent elsewhere: the key beside it belongs to that
// place and must not go to another. Where it leads to souk itself, which is how an SDK is pointed at souk, the
// key is taken for OpenAI's. An empty answer means that the provider cannot be used.
func openAIBase(env Env, standard string) (base, note string) {
	for _, variable := range []string{"OPENAI_BASE_URL", "OPENAI_API_BASE"} {
		value, _ := env.lookup(variable)
		value = strings.TrimSpace(value)
		if value == "" {
			continue
		}
		u, err := parseBaseURL(value)
		switch {
		case err != nil:
			return "", fmt.Sprintf("%s cannot be used: %v; provider openai is left out", variable, err)
		case u.Port() == "8420" && (u.Hostname() == "localhost" || isLoopback(u.Host)):
			return standard, variable + " is souk's own address; OPENAI_API_KEY is used with " + standard
		case u.Scheme == "http" && !privateHost(u.Hostname()):
			return "", variable + " would send OPENAI_API_KEY in the clear; write https://, or provider openai is left out"
		}
		return u.String(), ""
	}
	return standard, ""
}
