package main

import (
	"errors"
	"strings"

	"google.golang.org/protobuf/encoding/protowire"

	"github.com/soukproxy/souk/policy/handoff"
)

// maxHeaders is the most header lines that Kong gives out; kong.request.get_headers refuses to be asked for more.
const maxHeaders = 1000

// headers are header lines by name in lower case, as bytes. Kong's names are in lower case already.
type headers map[string][]string

func (h headers) lines() int {
	n := 0
	for _, values := range h {
		n += len(values)
	}
	return n
}

// first is the first value of a header.
func (h headers) first(name string) string {
	if values := h[name]; len(values) > 0 {
		return values[0]
	}
	return ""
}

// reserved tells whether a client wrote a header that is the gateway's: any Souk-*, Signature or Signature-Input, with - or with _, which
// Kong's NGINX lets through and some servers take for the same; or had Kong drop one, by naming it in Connection (RFC 9110,
// section 7.6.1).
func (h headers) reserved() bool {
	for name := range h {
		if isReserved(name) {
			return true
		}
	}
	for _, value := range h["connection"] {
		for name := range strings.SplitSeq(value, ",") {
			if isReserved(strings.TrimSpace(name)) {
				return true
			}
		}
	}
	return false
}

func isReserved(name string) bool {
	name = strings.ReplaceAll(name, "_", "-")
	return handoff.Reserved(name) || strings.EqualFold(name, handoff.HeaderInput) || strings.EqualFold(name, handoff.HeaderSignature)
}

// Field numbers of google.protobuf.Struct, Value and ListValue.
const (
	structFields    = 1
	entryKey        = 1
	entryValue      = 2
	valueString     = 3
	valueList       = 6
	listValueValues = 1
)

var errWire = errors.New("the answer is not a protobuf structure of headers")

// readHeaders reads a google.protobuf.Struct of strings and lists of strings. Values of other kinds count as empty: Kong has none
// in headers, and a header must not vanish.
func readHeaders(data []byte) (headers, error) {
	h := headers{}
	err := eachField(data, func(number protowire.Number, entry []byte) error {
		if number != structFields {
			return nil
		}
		name, values := "", []string{""} // an entry without a value is a header all the same
		err := eachField(entry, func(number protowire.Number, field []byte) (err error) {
			switch number {
			case entryKey:
				name = strings.ToLower(string(field))
			case entryValue:
				values, err = readValue(field)
			}
			return err
		})
		if err == nil {
			h[name] = append(h[name], values...)
		}
		return err
	})
	return h, err
}

// readValue reads a google.protobuf.Value: the strings in it, one empty string if there are none.
func readValue(data []byte) ([]string, error) {
	var out []string
	err := eachField(data, func(number protowire.Number, field []byte) error {
		switch number {
		case valueString:
			out = append(out, string(field))
		case valueList:
			return eachField(field, func(number protowire.Number, item []byte) error {
				if number != listValueValues {
					return nil
				}
				return eachField(item, func(number protowire.Number, text []byte) error {
					if number == valueString {
						out = append(out, string(text))
					}
					return nil
				})
			})
		}
		return nil
	})
	if out == nil {
		out = []string{""}
	}
	return out, err
}

// eachField calls f with each field of a message that has a length; others are passed over.
func eachField(data []byte, f func(protowire.Number, []byte) error) error {
	for len(data) > 0 {
		number, kind, n := protowire.ConsumeTag(data)
		if n < 0 {
			return errWire
		}
		data = data[n:]
		if kind != protowire.BytesType {
			if n = protowire.ConsumeFieldValue(number, kind, data); n < 0 {
				return errWire
			}
			data = data[n:]
			continue
		}
		field, n := protowire.ConsumeBytes(data)
		if n < 0 {
			return errWire
		}
		data = data[n:]
		if err := f(number, field); err != nil {
			return err
		}
	}
	return nil
}
