package market

import (
	"strings"

	"charm.land/catwalk/pkg/catwalk"
)

// canon turns the names that providers give models into canonical ids, author/slug, so that offers of one model
// meet in one listing. The reference is the aggregator's list: where it has a model of the same author whose name
// differs only in punctuation (claude-opus-4-8 and claude-opus-4.8) or in a release date, that is the id.
type canon map[string]string // author/squashed slug -> id; empty where two ids would meet

func newCanon(reference []catwalk.Model) canon {
	c := make(canon, len(reference))
	for i := range reference {
		author, slug, _ := strings.Cut(reference[i].ID, "/")
		key := author + "/" + squash(slug)
		if _, taken := c[key]; taken {
			c[key] = ""
			continue
		}
		c[key] = reference[i].ID
	}
	return c
}

// ids are the canonical ids of a provider's models, in their order, each of them once.
func (c canon) ids(p *catwalk.Provider) []string {
	ids := make([]string, len(p.Models))
	taken := make(map[string]bool, len(p.Models))
	take := func(i int, id string) {
		if id != "" && ids[i] == "" && !taken[id] {
			ids[i], taken[id] = id, true
		}
	}
	each := func(id func(author, slug string) string) {
		for i := range p.Models {
			author, slug := authorAndSlug(string(p.ID), p.Models[i].ID)
			take(i, id(author, slug))
		}
	}
	if p.ID == aggregator {
		for i := range p.Models {
			take(i, p.Models[i].ID)
		}
	}
	each(func(author, slug string) string { return c[author+"/"+squash(slug)] })
	each(func(author, slug string) string { return c[author+"/"+squash(undated(slug))] })
	each(func(author, slug string) string { return author + "/" + slug })
	// Names that differ only in what has been evened out keep all of their own.
	for i := range p.Models {
		take(i, string(p.ID)+"/"+strings.ReplaceAll(p.Models[i].ID, "/", "-"))
	}
	return ids
}

// authorAndSlug reads what a provider calls a model.
func authorAndSlug(provider, id string) (author, slug string) {
	s := strings.TrimPrefix(strings.ToLower(id), "hf:")
	if rest, ok := strings.CutPrefix(s, "accounts/"); ok {
		if _, model, ok := strings.Cut(rest, "/models/"); ok {
			s = model
		}
	}
	author, slug, ok := strings.Cut(s, "/")
	if !ok {
		author, slug = authorOf(s)
	}
	if author == "" {
		author = provider
	}
	return canonicalAuthor(author), strings.ReplaceAll(slug, "/", "-")
}

// authorOf tells a model's author by the family that its name begins with; empty when it is not known. Some
// aggregators put the author in front with a hyphen, which goes.
func authorOf(name string) (author, slug string) {
	for _, prefix := range []string{"openai-", "zai-org-", "z-ai-", "zai-"} {
		if rest, ok := strings.CutPrefix(name, prefix); ok {
			return strings.TrimSuffix(prefix, "-"), rest
		}
	}
	for _, f := range [...]struct{ family, author string }{
		{"gpt-", "openai"}, {"chatgpt-", "openai"}, {"codex-", "openai"}, {"o1", "openai"}, {"o3", "openai"}, {"o4-", "openai"},
		{"claude-", "anthropic"}, {"gemini-", "google"}, {"gemma-", "google"}, {"grok-", "x-ai"}, {"glm-", "z-ai"},
		{"kimi-", "moonshotai"}, {"moonshot-", "moonshotai"}, {"deepseek-", "deepseek"}, {"qwen", "qwen"}, {"qwq-", "qwen"},
		{"llama-", "meta-llama"}, {"minimax-", "minimax"}, {"nemotron-", "nvidia"}, {"nvidia-nemotron-", "nvidia"},
		{"mistral-", "mistralai"}, {"ministral-", "mistralai"}, {"mixtral-", "mistralai"}, {"codestral-", "mistralai"},
		{"devstral-", "mistralai"}, {"magistral-", "mistralai"}, {"voxtral-", "mistralai"}, {"pixtral-", "mistralai"},
	} {
		if strings.HasPrefix(name, f.family) {
			return f.author, name
		}
	}
	return "", name
}

// canonicalAuthor is the aggregator's name for an author that others call otherwise.
func canonicalAuthor(author string) string {
	switch author {
	case "deepseek-ai":
		return "deepseek"
	case "zai-org", "zai", "zhipu", "zhipu-coding", "zhipuai":
		return "z-ai"
	case "minimaxai", "minimax-china":
		return "minimax"
	case "moonshot", "kimi-coding":
		return "moonshotai"
	case "xai":
		return "x-ai"
	case "gemini":
		return "google"
	case "mistral":
		return "mistralai"
	case "alibaba":
		return "qwen"
	}
	return author
}

// squash leaves of a slug only letters, digits and the variant after a colon, and reads 4p5 as 4.5.
func squash(slug string) string {
	out := make([]byte, 0, len(slug))
	for i := 0; i < len(slug); i++ {
		c := slug[i]
		switch {
		case c == 'p' && i > 0 && i+1 < len(slug) && isDigit(slug[i-1]) && isDigit(slug[i+1]):
		case c == ':' || isDigit(c) || c >= 'a' && c <= 'z' || c >= 0x80:
			out = append(out, c)
		}
	}
	return string(out)
}

// undated cuts a release date off: claude-sonnet-4-5-20250929.
func undated(slug string) string {
	cut := len(slug) - len("-20250929")
	if cut <= 0 || slug[cut:cut+3] != "-20" {
		return slug
	}
	for _, c := range []byte(slug[cut+1:]) {
		if !isDigit(c) {
			return slug
		}
	}
	return slug[:cut]
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }
