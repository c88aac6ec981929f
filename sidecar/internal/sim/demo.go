package sim

import "time"

// DemoMarket describes simulated providers that differ as those of a real market do: in price, speed, region, data
// policy and reliability. Each listens on a free loopback port. Names, prices and speeds are made up.
func DemoMarket(seed uint64) []Options {
	chat := []string{"tools", "json_schema", "json_object", "prefill"}
	thinks := append([]string{"reasoning"}, chat...)
	llama := Model{ID: "meta-llama/llama-3.3-70b-instruct", Context: 131072, MaxOutput: 8192, Supports: chat}
	qwen := Model{ID: "qwen/qwen-2.5-72b-instruct", Context: 32768, MaxOutput: 8192, Supports: chat}
	gptOSS := Model{ID: "openai/gpt-oss-120b", Context: 131072, MaxOutput: 32768, Supports: thinks}
	embedder := Model{ID: "baai/bge-m3", Context: 8192, Supports: []string{"embeddings"}, Dimensions: 1024}

	market := []Options{
		{
			Name: "alpha", Type: "company", Regions: []string{"us"}, RetentionDays: new(30), Trains: new(false),
			FirstToken: 180 * time.Millisecond, Rate: 120,
			Models: []Model{llama.at("0.59", "0.79", "fp8"), gptOSS.at("0.15", "0.60", "fp4"), embedder.at("0.02", "0", "")},
		},
		{
			Name: "bravo", Type: "company", Regions: []string{"eu"}, RetentionDays: new(0), Trains: new(false),
			FirstToken: 320 * time.Millisecond, Rate: 70,
			Models: []Model{llama.at("0.70", "0.90", "bf16"), qwen.at("0.45", "0.60", "bf16"), embedder.at("0.01", "0", "")},
		},
		{
			Name: "charlie", Type: "community", Regions: []string{"eu", "us"}, Trains: new(false),
			FirstToken: 450 * time.Millisecond, Rate: 45,
			Models: []Model{llama.at("0.12", "0.30", "int4"), qwen.at("0.12", "0.39", "int4"), gptOSS.at("0.05", "0.25", "fp4")},
			Faults: []string{"status=503:0.08", "cut=12:0.03", "hang-after-headers:0.02"},
		},
		{
			Name: "delta", Type: "self_hosted", Regions: []string{"eu"}, RetentionDays: new(0), Trains: new(false),
			FirstToken: 700 * time.Millisecond, Rate: 25,
			Models: []Model{qwen.at("0", "0", "int8"), embedder.at("0", "0", "")},
		},
		{
			Name: "echo", Type: "company", Regions: []string{"ap"}, RetentionDays: new(0), Trains: new(false),
			FirstToken: 90 * time.Millisecond, Rate: 260,
			Models: []Model{llama.at("0.85", "1.20", "fp8"), gptOSS.at("0.35", "0.75", "fp4")},
		},
	}
	for i := range market {
		market[i].Seed, market[i].Tokens = seed, 96
	}
	return market
}

// at is the model on a provider's terms: USD per million tokens. What is read from a cache costs what is not.
func (m Model) at(input, output, quantization string) Model {
	m.Input, m.Output, m.Quantization = input, output, quantization
	return m
}
