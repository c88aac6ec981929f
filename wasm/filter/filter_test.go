package filter_test

import (
	"testing"

	"github.com/soukproxy/souk/wasm/filter/filtertest"
)

func TestFilter(t *testing.T) {
	for _, c := range filtertest.Cases() {
		t.Run(c.Name, func(t *testing.T) {
			f, err := filtertest.NewNative(c.Config, filtertest.Now, filtertest.Random{Bytes: filtertest.Nonce})
			if err != nil {
				t.Fatal(err)
			}
			for range 2 { // the second time from what is remembered of the first
				r := c.Run(&filtertest.Proxy{NGINX: c.NGINX()}, f.Begin)
				for _, wrong := range c.Judge(&r) {
					t.Error(wrong)
				}
			}
		})
	}
}
