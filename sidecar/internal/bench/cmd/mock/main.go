// Command mock is the benchmark's provider; see package mockllm.
package main

import (
	"flag"
	"log"
	"net"

	"github.com/soukproxy/souk/sidecar/internal/bench/mockllm"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9000", "`host:port` to listen on")
	flag.Parse()
	l, err := net.Listen("tcp", *addr)
	if err != nil {
		log.Fatal(err)
	}
	log.Fatal(mockllm.NewServer().Serve(l))
}
