package traefik

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"net"
	"os"
)

// config is what connections to a sidecar of https:// are made with.
func (t *TLS) config(host string) (*tls.Config, error) {
	c := &tls.Config{MinVersion: tls.VersionTLS12, ServerName: host}
	if t.ServerName != "" {
		c.ServerName = t.ServerName
	}
	if t.CAFile != "" {
		text, err := os.ReadFile(t.CAFile)
		if err != nil {
			return nil, invalid("tls.caFile", err.Error())
		}
		c.RootCAs = x509.NewCertPool()
		if !c.RootCAs.AppendCertsFromPEM(text) {
			return nil, invalid("tls.caFile", t.CAFile+" holds no certificate in PEM")
		}
	}
	if (t.CertFile == "") != (t.KeyFile == "") {
		return nil, invalid("tls.certFile", "it goes with keyFile")
	}
	if t.CertFile != "" {
		own, err := tls.LoadX509KeyPair(t.CertFile, t.KeyFile)
		if err != nil {
			return nil, invalid("tls.certFile", err.Error())
		}
		c.Certificates = []tls.Certificate{own}
	}
	return c, nil
}

// dialTLS connects to a sidecar and makes sure that it is the one. A handshake that fails is an error of dialling: nothing was sent.
func (s *sidecar) dialTLS(ctx context.Context, network, addr string) (net.Conn, error) {
	ctx, cancel := context.WithTimeout(ctx, s.timeout)
	defer cancel()
	plain, err := s.connect(ctx, network, addr)
	if err != nil {
		return nil, err
	}
	conn := tls.Client(plain, s.tls)
	if err := conn.HandshakeContext(ctx); err != nil {
		_ = plain.Close()
		return nil, &net.OpError{Op: "dial", Net: network, Err: err}
	}
	s.reached()
	return conn, nil
}
