package sim

import (
	"encoding/base64"
	"encoding/binary"
	"math"
	"net/http"
	"strings"
)

const maxDimensions = 4096

type embeddingList struct {
	Object string          `json:"object"`
	Data   []embedding     `json:"data"`
	Model  string          `json:"model"`
	Usage  embeddingTokens `json:"usage"`

	Fingerprint string `json:"system_fingerprint"`
}

type embedding struct {
	Object    string `json:"object"`
	Index     int    `json:"index"`
	Embedding any    `json:"embedding"` // []float32, or base64 of their little-endian bytes
}

type embeddingTokens struct {
	Prompt int `json:"prompt_tokens"`
	Total  int `json:"total_tokens"`
}

// embeddings serves POST /v1/embeddings.
func (x *exchange) embeddings() {
	m := x.served((*Model).Embeds)
	if m == nil {
		return
	}
	input, ok := texts(x.req.Input)
	if !ok || len(input) > 2048 {
		x.fail(invalid("input", "", "input is missing or has the wrong type: send a string or a list of up to 2048 strings"))
		return
	}
	dimensions := m.dimensions()
	if x.req.Dimensions != nil {
		dimensions = *x.req.Dimensions
	}
	if dimensions < 1 || dimensions > maxDimensions {
		x.fail(invalid("dimensions", "", "dimensions is %d: use 1 to %d", dimensions, maxDimensions))
		return
	}
	list := embeddingList{Object: "list", Model: x.req.Model, Fingerprint: "souk-sim-" + x.p.opts.Name}
	for i, s := range input {
		if m.Context > 0 && tokensIn(s) > m.Context {
			e := contextExceeded(m.Context, tokensIn(s))
			e.param = "input"
			x.fail(e)
			return
		}
		e := embedding{Object: "embedding", Index: i}
		v := vector(m.ID, s, dimensions)
		switch x.req.EncodingFormat {
		case "", "float":
			e.Embedding = v
		case "base64":
			e.Embedding = base64Floats(v)
		default:
			x.fail(invalid("encoding_format", "", "encoding_format is %q: use float or base64", clip(x.req.EncodingFormat)))
			return
		}
		list.Data = append(list.Data, e)
		list.Usage.Prompt += tokensIn(s)
	}
	list.Usage.Total = list.Usage.Prompt
	if x.c.until(x.due(0)) {
		x.whole(http.StatusOK, typeJSON, encode(list))
	}
}

// vector is a text's unit vector: the sum of its words' vectors, so that texts that share words are near each other.
// Seed and name play no part, since every provider of a model has the same one.
func vector(model, s string, dimensions int) []float32 {
	fields := strings.Fields(strings.ToLower(s))
	if len(fields) > 256 { // enough to tell texts apart
		fields = fields[:256]
	}
	if len(fields) == 0 {
		fields = []string{""}
	}
	sum := make([]float64, dimensions)
	for _, word := range fields {
		rng := random(digest(0, model, word))
		for i := range sum {
			sum[i] += rng.float() - 0.5
		}
	}
	var square float64
	for _, a := range sum {
		square += a * a
	}
	v := make([]float32, dimensions)
	if square == 0 {
		v[0] = 1
		return v
	}
	for i, a := range sum {
		v[i] = float32(a / math.Sqrt(square))
	}
	return v
}

func base64Floats(v []float32) string {
	b := make([]byte, 0, 4*len(v))
	for _, a := range v {
		b = binary.LittleEndian.AppendUint32(b, math.Float32bits(a))
	}
	return base64.StdEncoding.EncodeToString(b)
}
