// Command bare is a reverse proxy with nothing but fasthttp: the framework's own cost, which souk is measured against.
package main

import (
	"flag"
	"log"
	"time"

	"github.com/valyala/fasthttp"
)

func main() {
	addr := flag.String("addr", "127.0.0.1:9101", "`host:port` to listen on")
	upstream := flag.String("upstream", "127.0.0.1:9000", "`host:port` of the provider")
	flag.Parse()

	client := &fasthttp.HostClient{
		Addr:                          *upstream,
		MaxConns:                      4096,
		MaxIdleConnDuration:           time.Minute,
		ReadBufferSize:                8 << 10,
		StreamResponseBody:            true,
		NoDefaultUserAgentHeader:      true,
		DisablePathNormalizing:        true,
		DisableHeaderNamesNormalizing: true,
	}
	server := &fasthttp.Server{
		Handler:                       func(ctx *fasthttp.RequestCtx) { forward(ctx, client, *upstream) },
		NoDefaultServerHeader:         true,
		NoDefaultDate:                 true,
		NoDefaultContentType:          true,
		DisableHeaderNamesNormalizing: true,
		MaxRequestBodySize:            32 << 20,
		ReadBufferSize:                16 << 10,
	}
	log.Fatal(server.ListenAndServe(*addr))
}

func forward(ctx *fasthttp.RequestCtx, client *fasthttp.HostClient, upstream string) {
	req, res := &ctx.Request, &ctx.Response
	req.Header.Del("Connection")
	req.SetHost(upstream)
	if err := client.Do(req, res); err != nil {
		ctx.Error(err.Error(), fasthttp.StatusBadGateway)
		return
	}
	res.Header.Del("Connection")
	// A stream's first event must not wait for its second.
	res.ImmediateHeaderFlush = res.IsBodyStream() && res.Header.ContentLength() < 0
}
