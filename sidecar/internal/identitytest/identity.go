// Package identitytest makes TLS certificates for tests. It is the standard library alone, since sidecar/e2e, a module of its own, uses
// it too.
package identitytest

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"math/big"
	"net"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// Identity is a certificate of an authority made for one test.
type Identity struct {
	Cert              tls.Certificate
	Pool              *x509.CertPool // trusts it
	CAFile            string         // its authority, PEM
	CertFile, KeyFile string         // PEM; the key as PKCS #8
}

// New makes an authority and a certificate for the names; addresses are names too.
func New(t testing.TB, names ...string) *Identity {
	t.Helper()
	dir := t.TempDir()
	must := func(err error) {
		if err != nil {
			t.Helper()
			t.Fatal(err)
		}
	}
	caKey, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	now := time.Now()
	ca := &x509.Certificate{SerialNumber: big.NewInt(1), Subject: pkix.Name{CommonName: "souk test authority"}, NotBefore: now.Add(-time.Hour), NotAfter: now.Add(time.Hour),
		IsCA: true, BasicConstraintsValid: true, KeyUsage: x509.KeyUsageCertSign}
	caDER, err := x509.CreateCertificate(rand.Reader, ca, ca, &caKey.PublicKey, caKey)
	must(err)
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	must(err)
	leaf := &x509.Certificate{SerialNumber: big.NewInt(2), Subject: pkix.Name{CommonName: "souk test"}, NotBefore: ca.NotBefore, NotAfter: ca.NotAfter,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth, x509.ExtKeyUsageClientAuth}}
	for _, n := range names {
		if ip := net.ParseIP(n); ip != nil {
			leaf.IPAddresses = append(leaf.IPAddresses, ip)
		} else {
			leaf.DNSNames = append(leaf.DNSNames, n)
		}
	}
	der, err := x509.CreateCertificate(rand.Reader, leaf, ca, &key.PublicKey, caKey)
	must(err)
	keyDER, err := x509.MarshalPKCS8PrivateKey(key)
	must(err)
	id := &Identity{CAFile: filepath.Join(dir, "ca.pem"), CertFile: filepath.Join(dir, "cert.pem"), KeyFile: filepath.Join(dir, "key.pem"), Pool: x509.NewCertPool()}
	for name, block := range map[string]*pem.Block{id.CAFile: {Type: "CERTIFICATE", Bytes: caDER}, id.CertFile: {Type: "CERTIFICATE", Bytes: der}, id.KeyFile: {Type: "PRIVATE KEY", Bytes: keyDER}} {
		must(os.WriteFile(name, pem.EncodeToMemory(block), 0o600))
	}
	id.Cert, err = tls.LoadX509KeyPair(id.CertFile, id.KeyFile)
	must(err)
	root, err := x509.ParseCertificate(caDER)
	must(err)
	id.Pool.AddCert(root)
	return id
}
