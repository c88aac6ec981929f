package loadgen

import "testing"

func TestPercentiles(t *testing.T) {
	hundred := make([]int64, 100)
	for i := range hundred {
		hundred[i] = int64(100-i) * 1000 // 1 to 100 us, not in order
	}
	tests := []struct {
		name    string
		samples []int64
		want    Percentiles
	}{
		{"of one sample are that sample", []int64{5000}, Percentiles{Count: 1, P50: 5, P90: 5, P99: 5, Max: 5, Mean: 5}},
		{"of two: the lower is the median", []int64{9000, 1000}, Percentiles{Count: 2, P50: 1, P90: 9, P99: 9, Max: 9, Mean: 5}},
		{"of three", []int64{3000, 1000, 2000}, Percentiles{Count: 3, P50: 2, P90: 3, P99: 3, Max: 3, Mean: 2}},
		{"of a hundred", hundred, Percentiles{Count: 100, P50: 50, P90: 90, P99: 99, Max: 100, Mean: 50.5}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			if got := NewPercentiles(test.samples); *got != test.want {
				t.Errorf("got  %+v\nwant %+v", *got, test.want)
			}
		})
	}
	if NewPercentiles(nil) != nil {
		t.Error("percentiles of nothing are not nil")
	}
}
