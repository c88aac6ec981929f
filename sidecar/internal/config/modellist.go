package config

import (
	"encoding/json"
	"errors"
	"strings"
	"time"
)

// modelList collects the models that a server says it has.
type modelList struct {
	author string // of models whose names have none
	price  *Price // what each costs; nil: unknown
	models []Model
	ids    map[string]bool
}

// fetch adds what GET base/models lists, in OpenAI's shape or as the bare array that some send.
func (l *modelList) fetch(env Env, base string, key Secret, timeout time.Duration) error {
	body, err := env.Fetch(base+"/models", key, timeout)
	if err != nil {
		return err
	}
	type model struct {
		ID string `json:"id"`
	}
	var answer struct{ Data []model }
	if json.Unmarshal(body, &answer) != nil && json.Unmarshal(body, &answer.Data) != nil {
		return errors.New("the answer is not a list of models")
	}
	for _, m := range answer.Data {
		l.add(m.ID, "")
	}
	return nil
}

// add takes a model by the server's name for it. A name that is no author/slug gets the list's author, its
// slashes made hyphens and the tag latest left out.
func (l *modelList) add(name, quantization string) {
	id := name
	if l.author == "ollama" || !isModelID(id) {
		id = l.author + "/" + strings.ReplaceAll(strings.TrimSuffix(name, ":latest"), "/", "-")
	}
	if !isModelID(id) || l.ids[id] {
		return
	}
	if l.ids == nil {
		l.ids = map[string]bool{}
	}
	l.ids[id] = true
	if quantization = strings.ToLower(quantization); !isWord(quantization) {
		quantization = ""
	}
	l.models = append(l.models, Model{ID: id, Upstream: name, Price: l.price, Quantization: quantization})
}
