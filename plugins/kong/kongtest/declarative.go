package kongtest

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"
	"testing"

	"go.yaml.in/yaml/v4"
)

// Declarative is a declarative configuration of Kong's (kong.yaml), as far as it is checked here: the entities and fields that Kong 3
// has, their bounds, and the configuration of the plugins whose schema is known. Fields that are not listed are refused.
type Declarative struct {
	Format    string           `yaml:"_format_version"`
	Transform *bool            `yaml:"_transform"`
	Services  []DeclaredServer `yaml:"services"`
	Consumers []DeclaredUser   `yaml:"consumers"`
	Plugins   []DeclaredPlugin `yaml:"plugins"`
}

// DeclaredServer is a service.
type DeclaredServer struct {
	Name           string           `yaml:"name"`
	URL            string           `yaml:"url"`
	Retries        *int             `yaml:"retries"`
	ConnectTimeout *int             `yaml:"connect_timeout"` // ms, as the others
	ReadTimeout    *int             `yaml:"read_timeout"`
	WriteTimeout   *int             `yaml:"write_timeout"`
	Tags           []string         `yaml:"tags"`
	Routes         []DeclaredRoute  `yaml:"routes"`
	Plugins        []DeclaredPlugin `yaml:"plugins"`
}

// DeclaredRoute is a route.
type DeclaredRoute struct {
	Name              string           `yaml:"name"`
	Paths             []string         `yaml:"paths"`
	Hosts             []string         `yaml:"hosts"`
	Methods           []string         `yaml:"methods"`
	Protocols         []string         `yaml:"protocols"`
	StripPath         *bool            `yaml:"strip_path"`
	PreserveHost      *bool            `yaml:"preserve_host"`
	RequestBuffering  *bool            `yaml:"request_buffering"`
	ResponseBuffering *bool            `yaml:"response_buffering"`
	Tags              []string         `yaml:"tags"`
	Plugins           []DeclaredPlugin `yaml:"plugins"`
}

// DeclaredUser is a consumer.
type DeclaredUser struct {
	Username string   `yaml:"username"`
	CustomID string   `yaml:"custom_id"`
	Tags     []string `yaml:"tags"`
	Keys     []struct {
		Key string `yaml:"key"`
	} `yaml:"keyauth_credentials"`
	ACLs []struct {
		Group string `yaml:"group"`
	} `yaml:"acls"`
}

// DeclaredPlugin is a plugin and its configuration.
type DeclaredPlugin struct {
	Name    string         `yaml:"name"`
	Enabled *bool          `yaml:"enabled"`
	Config  map[string]any `yaml:"config"`
	Tags    []string       `yaml:"tags"`
}

// ReadDeclarative checks a configuration. The schema of each plugin that Kong does not bring along has to be given; references to the
// environment ({vault://env/...}) are resolved by getenv.
func ReadDeclarative(data []byte, getenv func(string) string, schemas ...Schema) (*Declarative, error) {
	var d Declarative
	if err := yaml.Load(data, &d, yaml.WithKnownFields()); err != nil {
		return nil, err
	}
	if !slices.Contains([]string{"1.1", "2.1", "3.0"}, d.Format) {
		return nil, fmt.Errorf("_format_version: %q is none that Kong has", d.Format)
	}
	c := checker{getenv: getenv, schemas: schemas, names: map[string]bool{}}
	for _, s := range d.Services {
		c.service(s)
	}
	for _, u := range d.Consumers {
		if u.Username == "" && u.CustomID == "" {
			c.fail("a consumer has neither username nor custom_id")
		}
		c.unique("consumer", u.Username)
	}
	c.plugins("", d.Plugins)
	return &d, errors.Join(c.found...)
}

// checker gathers what is wrong.
type checker struct {
	getenv  func(string) string
	schemas []Schema
	names   map[string]bool
	found   []error
}

func (c *checker) fail(format string, args ...any) {
	c.found = append(c.found, fmt.Errorf(format, args...))
}

func (c *checker) unique(kind, name string) {
	if name != "" && c.names[kind+" "+name] {
		c.fail("there are two of the %s %s", kind, name)
	}
	c.names[kind+" "+name] = true
}

func (c *checker) service(s DeclaredServer) {
	c.unique("service", s.Name)
	if u, err := url.Parse(s.URL); err != nil || u.Hostname() == "" || u.Scheme != "http" && u.Scheme != "https" {
		c.fail("service %s: url: %q is not a URL", s.Name, s.URL)
	}
	if s.Retries != nil && (*s.Retries < 0 || *s.Retries > 32767) {
		c.fail("service %s: retries: not between 0 and 32767", s.Name)
	}
	for _, timeout := range []*int{s.ConnectTimeout, s.ReadTimeout, s.WriteTimeout} {
		if timeout != nil && (*timeout < 1 || *timeout > 1<<31-2) {
			c.fail("service %s: a timeout is not between 1 and 2147483646 ms", s.Name)
		}
	}
	c.plugins("service "+s.Name+": ", s.Plugins)
	for _, r := range s.Routes {
		c.unique("route", r.Name)
		if len(r.Paths)+len(r.Hosts)+len(r.Methods) == 0 {
			c.fail("route %s: it has neither paths, hosts nor methods", r.Name)
		}
		for _, path := range r.Paths {
			if !strings.HasPrefix(path, "/") && !strings.HasPrefix(path, "~/") {
				c.fail("route %s: paths: %q does not begin with / or ~/", r.Name, path)
			}
		}
		c.plugins("route "+r.Name+": ", r.Plugins)
	}
}

// bundled are plugins that Kong brings along, whose configuration is not checked here.
func bundled() []string {
	return []string{"acl", "basic-auth", "correlation-id", "file-log", "http-log", "jwt", "key-auth", "prometheus", "rate-limiting", "request-size-limiting"}
}

func (c *checker) plugins(at string, all []DeclaredPlugin) {
	for i, p := range all {
		known := slices.IndexFunc(c.schemas, func(s Schema) bool { return s.Name == p.Name })
		if known < 0 {
			if !slices.Contains(bundled(), p.Name) {
				c.fail("%splugin %s: not installed", at, p.Name)
			}
			continue
		}
		schema := c.schemas[known]
		for _, entry := range schema.Config().fields() {
			for name, a := range entry {
				if text, ok := p.Config[name].(string); ok && a["referenceable"] == true {
					p.Config[name] = c.resolve(text)
				}
			}
		}
		full, err := schema.Complete(p.Config)
		if err != nil {
			c.fail("%splugin %s: %w", at, p.Name, err)
			continue
		}
		all[i].Config = full
	}
}

// resolve looks a reference up in the environment, as Kong's vault env does.
func (c *checker) resolve(text string) string {
	name, found := strings.CutPrefix(text, "{vault://env/")
	if !found {
		return text
	}
	return c.getenv(strings.ToUpper(strings.ReplaceAll(strings.TrimSuffix(name, "}"), "-", "_")))
}

// Gateway is the Kong that a declarative configuration makes, with its first service and that service's first route: key-auth, if it
// has that plugin, and the plugin under test with some fields of its configuration changed.
func (d *Declarative) Gateway(tb testing.TB, plugin *Plugin, change map[string]any) *Gateway {
	tb.Helper()
	service := d.Services[0]
	route := service.Routes[0]
	g := NewGateway(tb, nil, service.URL)
	g.Paths, g.StripPath = route.Paths, route.StripPath == nil || *route.StripPath
	g.Authenticate = func(*Exchange) bool { return true }
	for _, p := range slices.Concat(d.Plugins, service.Plugins, route.Plugins) {
		switch p.Name {
		case "key-auth":
			g.Authenticate = nil
		case plugin.Name:
			for name, v := range change {
				p.Config[name] = v
			}
			i, err := plugin.Instance(p.Config)
			if err != nil {
				tb.Fatal(err)
			}
			g.Plugin = i
		}
	}
	g.Consumers = map[string]Consumer{}
	for n, u := range d.Consumers {
		for _, key := range u.Keys {
			g.Consumers[key.Key] = Consumer{ID: fmt.Sprintf("00000000-0000-4000-8000-%012d", n), Username: u.Username, CustomID: u.CustomID, Tags: u.Tags}
		}
	}
	return g
}
