package config

import "testing"

func BenchmarkParseTheSample(b *testing.B) {
	env := sampleEnv()
	src := sample(b)
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse("souk.yaml", src, env); err != nil {
			b.Fatal(err)
		}
	}
}
