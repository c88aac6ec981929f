package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/soukproxy/souk/sidecar/internal/app"
	"github.com/soukproxy/souk/sidecar/internal/config"
)

func newServe() *cobra.Command {
	var file string
	c := &cobra.Command{
		Use:   "serve",
		Short: "run the sidecar",
		Long: "Run the sidecar. Without -c it takes ./souk.yaml, then $XDG_CONFIG_HOME/souk/souk.yaml, then the providers\n" +
			"whose keys are in the environment (OPENAI_API_KEY, OPENROUTER_API_KEY, ..., a local Ollama).",
		Args: cobra.NoArgs,
		RunE: func(c *cobra.Command, _ []string) error {
			return serve(c.Context(), source(file))
		},
	}
	c.Flags().StringVarP(&file, "config", "c", "", "configuration file")
	return c
}

// serve runs the sidecar on what load gives, until the context ends.
func serve(ctx context.Context, load func() (*config.Config, error)) error {
	cfg, err := load()
	if err != nil {
		return err
	}
	first := cfg
	log := newLog(cfg.Log.Level)
	reload, stop := reloads()
	defer stop()
	return app.Run(ctx, app.Options{
		Version: version(),
		Log:     log,
		Reload:  reload,
		Load: func() (*config.Config, error) {
			// The first configuration has just been read.
			if c := first; c != nil {
				first = nil
				return c, nil
			}
			return load()
		},
	})
}

// newLog is souk's own log; the access log is another.
func newLog(level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(os.Stderr, &slog.HandlerOptions{Level: l}))
}

// reloads turns hang-up signals into requests to reload.
func reloads() (<-chan struct{}, func()) {
	signals, out, done := make(chan os.Signal, 1), make(chan struct{}, 1), make(chan struct{})
	notifyReload(signals)
	go func() {
		for {
			select {
			case <-signals:
				select {
				case out <- struct{}{}:
				default: // one is waiting already
				}
			case <-done:
				return
			}
		}
	}()
	return out, func() { signal.Stop(signals); close(done) }
}

// source finds the configuration: the named file, one in the usual places, or the environment.
func source(file string) func() (*config.Config, error) {
	return func() (*config.Config, error) {
		env := config.SystemEnv()
		if file != "" {
			return config.Load(file, env)
		}
		for _, place := range places() {
			if _, err := os.Stat(place); err == nil {
				return config.Load(place, env)
			} else if !errors.Is(err, fs.ErrNotExist) {
				return nil, err
			}
		}
		cfg, notes, err := config.FromEnvironment(env)
		for _, n := range notes {
			fmt.Fprintln(os.Stderr, n)
		}
		if err != nil {
			return nil, fmt.Errorf("no configuration in %s, and %w", strings.Join(places(), " or "), err)
		}
		return cfg, nil
	}
}

func places() []string {
	list := []string{"souk.yaml"}
	if dir, err := os.UserConfigDir(); err == nil {
		list = append(list, filepath.Join(dir, "souk", "souk.yaml"))
	}
	return list
}
