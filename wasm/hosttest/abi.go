package hosttest

import (
	"context"
	"encoding/binary"
	"strings"

	"github.com/tetratelabs/wazero/api"
)

// The statuses, maps, buffers and log levels of proxy-wasm that are used here
// (https://github.com/proxy-wasm/spec/tree/main/abi-versions/v0.2.1).
const (
	statusOK            = 0
	statusNotFound      = 1
	statusUnimplemented = 12

	requestHeaders  = 0
	responseHeaders = 2

	requestBody         = 0
	responseBody        = 1
	pluginConfiguration = 7

	levelWarn = 3
)

// host is one function of the host: it gets what was passed and gives a status.
type host func(i *Instance, a []uint32) uint32

// functions are what the host lends. Whatever else a module imports answers that it is not implemented.
func functions() map[string]host {
	return map[string]host{
		"proxy_log":                      hostLog,
		"proxy_get_property":             hostProperty,
		"proxy_get_buffer_bytes":         hostGetBuffer,
		"proxy_set_buffer_bytes":         hostSetBuffer,
		"proxy_get_header_map_pairs":     hostPairs,
		"proxy_replace_header_map_value": hostReplace,
		"proxy_remove_header_map_value":  hostRemove,
		"proxy_send_local_response":      hostRespond,
	}
}

// lend makes the host's functions for what the module imports.
func (m *Module) lend(ctx context.Context) error {
	known := functions()
	env := m.runtime.NewHostModuleBuilder("env")
	for _, f := range m.code.ImportedFunctions() {
		from, name, _ := f.Import()
		if from != "env" {
			continue
		}
		call := known[name]
		params, results := f.ParamTypes(), f.ResultTypes()
		env.NewFunctionBuilder().WithGoModuleFunction(api.GoModuleFunc(func(_ context.Context, _ api.Module, stack []uint64) {
			status := uint32(statusUnimplemented)
			if call != nil {
				var args [10]uint32
				for i := range params {
					args[i] = uint32(stack[i])
				}
				status = call(m.current, args[:])
			}
			if len(results) > 0 {
				stack[0] = uint64(status)
			}
		}), params, results).Export(name)
	}
	_, err := env.Instantiate(ctx)
	return err
}

// bytes are a copy of the module's memory.
func (i *Instance) bytes(at, size uint32) []byte {
	b, ok := i.guest.Memory().Read(at, size)
	if !ok {
		panic("the module points outside its memory")
	}
	return append([]byte(nil), b...)
}

func (i *Instance) text(at, size uint32) string { return string(i.bytes(at, size)) }

// give writes bytes into memory that the module has allocated for it, and where they are to where it asked for that.
func (i *Instance) give(b []byte, at, size uint32) uint32 {
	place := uint32(0)
	if len(b) > 0 {
		place = uint32(i.call("proxy_on_memory_allocate", uint64(len(b))))
	}
	memory := i.guest.Memory()
	if !memory.Write(place, b) || !memory.WriteUint32Le(at, place) || !memory.WriteUint32Le(size, uint32(len(b))) {
		panic("the module points outside its memory")
	}
	return statusOK
}

func hostLog(i *Instance, a []uint32) uint32 {
	line := i.text(a[1], a[2])
	i.log = append(i.log, line)
	if i.proxy != nil && a[0] >= levelWarn {
		i.proxy.Warn(line)
	}
	return statusOK
}

func hostProperty(i *Instance, a []uint32) uint32 {
	value, err := i.proxy.Property(strings.Split(i.text(a[0], a[1]), "\x00"))
	if err != nil {
		return statusNotFound
	}
	return i.give(value, a[2], a[3])
}

func hostGetBuffer(i *Instance, a []uint32) uint32 {
	kind, start, size := a[0], int(a[1]), int(a[2])
	var b []byte
	var err error
	switch kind {
	case pluginConfiguration:
		b = []byte(i.config)
	case requestBody, responseBody:
		b, err = i.proxy.ReadBody(start, size)
	default:
		return statusUnimplemented
	}
	if err != nil {
		return i.give(nil, a[3], a[4]) // as NGINX does of a body that it has put into a file
	}
	return i.give(b, a[3], a[4])
}

func hostSetBuffer(i *Instance, a []uint32) uint32 {
	if a[1] != 0 || a[2] < 1<<30 { // only what replaces all is needed
		return statusUnimplemented
	}
	_ = i.proxy.SetBody(i.bytes(a[3], a[4])) // it never fails
	return statusOK
}

func hostPairs(i *Instance, a []uint32) uint32 {
	pairs, err := i.proxy.RequestHeaders()
	if a[0] == responseHeaders {
		pairs, err = i.proxy.ResponseHeaders()
	}
	if err != nil {
		return statusNotFound
	}
	return i.give(serialize(pairs), a[1], a[2])
}

func hostReplace(i *Instance, a []uint32) uint32 {
	if a[0] != requestHeaders {
		return statusUnimplemented
	}
	_ = i.proxy.SetRequestHeader(i.text(a[1], a[2]), i.text(a[3], a[4])) // it never fails
	return statusOK
}

func hostRemove(i *Instance, a []uint32) uint32 {
	remove := i.proxy.RemoveRequestHeader
	if a[0] == responseHeaders {
		remove = i.proxy.RemoveResponseHeader
	}
	_ = remove(i.text(a[1], a[2])) // it never fails
	return statusOK
}

func hostRespond(i *Instance, a []uint32) uint32 {
	headers := deserialize(i.bytes(a[5], a[6]))
	_ = i.proxy.Respond(a[0], headers, i.bytes(a[3], a[4]), int32(a[7])) // it never fails
	return statusOK
}

// serialize writes pairs as proxy-wasm does: their number, the lengths of all names and values, then these with a zero byte behind each.
func serialize(pairs [][2]string) []byte {
	size := 4
	for _, p := range pairs {
		size += 10 + len(p[0]) + len(p[1])
	}
	out := binary.LittleEndian.AppendUint32(make([]byte, 0, size), uint32(len(pairs)))
	for _, p := range pairs {
		out = binary.LittleEndian.AppendUint32(out, uint32(len(p[0])))
		out = binary.LittleEndian.AppendUint32(out, uint32(len(p[1])))
	}
	for _, p := range pairs {
		out = append(append(out, p[0]...), 0)
		out = append(append(out, p[1]...), 0)
	}
	return out
}

func deserialize(b []byte) [][2]string {
	pairs := make([][2]string, binary.LittleEndian.Uint32(b))
	sizes, text := b[4:], b[4+8*len(pairs):]
	next := func() string {
		size := binary.LittleEndian.Uint32(sizes)
		s := string(text[:size])
		sizes, text = sizes[4:], text[size+1:]
		return s
	}
	for i := range pairs {
		pairs[i] = [2]string{next(), next()}
	}
	return pairs
}
