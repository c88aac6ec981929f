package proxy

import (
	"bytes"
	"io"

	"github.com/klauspost/compress/gzip"
	"github.com/klauspost/compress/zstd"
	"github.com/valyala/fasthttp"

	"github.com/soukproxy/souk/sidecar/internal/fault"
)

// plainBody is a request's body, decompressed under the limit if it came compressed.
func plainBody(ctx *fasthttp.RequestCtx, encoding []byte, limit int64) ([]byte, *fault.Error) {
	body := ctx.Request.Body()
	if len(body) == 0 {
		return nil, fault.Invalid("", "the request has no body; send a JSON object")
	}
	if len(encoding) == 0 || bytes.EqualFold(encoding, []byte("identity")) {
		return body, nil
	}
	plain, err := decompress(encoding, body, limit)
	switch {
	case err == errEncoding:
		return nil, fault.New(415, fault.TypeInvalid, "unsupported_encoding", "content-encoding must be gzip, zstd or identity")
	case err == errTooLarge:
		return nil, tooLarge(limit)
	case err != nil:
		return nil, fault.Invalid("", "the body is not valid %s", bytes.ToLower(encoding))
	}
	return plain, nil
}

func tooLarge(limit int64) *fault.Error {
	return fault.New(413, fault.TypeInvalid, "request_too_large",
		"the body is larger than %d bytes (limits.body); send less, or have the limit raised", limit)
}

type sizeError string

func (e sizeError) Error() string { return string(e) }

const (
	errEncoding = sizeError("unsupported content-encoding")
	errTooLarge = sizeError("larger than the limit")
)

// decompress decodes gzip or zstd, and stops where the result passes the limit: a bomb costs no more than that.
func decompress(encoding, packed []byte, limit int64) ([]byte, error) {
	var r io.Reader
	switch {
	case bytes.EqualFold(encoding, []byte("gzip")), bytes.EqualFold(encoding, []byte("x-gzip")):
		z, err := gzip.NewReader(bytes.NewReader(packed))
		if err != nil {
			return nil, err
		}
		r = z
	case bytes.EqualFold(encoding, []byte("zstd")):
		z, err := zstd.NewReader(bytes.NewReader(packed), zstd.WithDecoderConcurrency(1), zstd.WithDecoderMaxWindow(8<<20), zstd.WithDecoderLowmem(true))
		if err != nil {
			return nil, err
		}
		defer z.Close()
		r = z
	default:
		return nil, errEncoding
	}
	var out bytes.Buffer
	n, err := io.Copy(&out, io.LimitReader(r, limit+1))
	if err != nil {
		return nil, err
	}
	if n > limit {
		return nil, errTooLarge
	}
	return out.Bytes(), nil
}
