package main

import (
	"testing"

	"github.com/soukproxy/souk/sidecar/internal/proxytest"
)

func TestMain(m *testing.M) { proxytest.Main(m) }
