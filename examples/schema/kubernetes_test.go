package schema

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"testing"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	policyv1 "k8s.io/api/policy/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	utilyaml "k8s.io/apimachinery/pkg/util/yaml"
	"sigs.k8s.io/yaml"
)

// manifests are the objects of a file, by kind.
type manifests struct {
	configMaps  map[string]*corev1.ConfigMap
	services    []*corev1.Service
	deployments []*appsv1.Deployment
	budgets     []*policyv1.PodDisruptionBudget
}

// decode reads a file strictly: a key that Kubernetes does not know is an error.
func decode(t *testing.T, file string) *manifests {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	m := &manifests{configMaps: map[string]*corev1.ConfigMap{}}
	documents := utilyaml.NewYAMLReader(newReader(text))
	for n := 1; ; n++ {
		document, err := documents.Read()
		if errors.Is(err, io.EOF) {
			return m
		}
		if err == nil {
			err = m.add(document)
		}
		if err != nil {
			t.Fatalf("%s, document %d: %v", file, n, err)
		}
	}
}

func (m *manifests) add(document []byte) error {
	var kind metav1.TypeMeta
	if err := yaml.Unmarshal(document, &kind); err != nil {
		return err
	}
	switch kind.APIVersion + " " + kind.Kind {
	case "v1 ConfigMap":
		c := &corev1.ConfigMap{}
		err := yaml.UnmarshalStrict(document, c)
		m.configMaps[c.Name] = c
		return err
	case "v1 Service":
		m.services = append(m.services, &corev1.Service{})
		return yaml.UnmarshalStrict(document, m.services[len(m.services)-1])
	case "apps/v1 Deployment":
		m.deployments = append(m.deployments, &appsv1.Deployment{})
		return yaml.UnmarshalStrict(document, m.deployments[len(m.deployments)-1])
	case "policy/v1 PodDisruptionBudget":
		m.budgets = append(m.budgets, &policyv1.PodDisruptionBudget{})
		return yaml.UnmarshalStrict(document, m.budgets[len(m.budgets)-1])
	}
	return fmt.Errorf("kind %q of %q is not checked here", kind.Kind, kind.APIVersion)
}

func TestKubernetesManifestsAreWhole(t *testing.T) {
	m := decode(t, "../kubernetes/souk.yaml")
	if len(m.deployments) == 0 || len(m.services) == 0 {
		t.Fatal("there is no Deployment or no Service")
	}
	for _, d := range m.deployments {
		pod := d.Spec.Template
		if !selects(d.Spec.Selector.MatchLabels, pod.Labels) {
			t.Errorf("Deployment %s does not select its own pods", d.Name)
		}
		checkPod(t, m, &pod.Spec)
		for _, s := range m.services {
			checkService(t, s, &pod)
		}
		for _, b := range m.budgets {
			if !selects(b.Spec.Selector.MatchLabels, pod.Labels) {
				t.Errorf("PodDisruptionBudget %s selects no pods", b.Name)
			}
		}
	}
}

func selects(selector, labels map[string]string) bool {
	for k, v := range selector {
		if labels[k] != v {
			return false
		}
	}
	return len(selector) > 0
}

// checkPod holds that what a pod's containers name is there.
func checkPod(t *testing.T, m *manifests, pod *corev1.PodSpec) {
	t.Helper()
	for _, v := range pod.Volumes {
		if v.ConfigMap != nil && m.configMaps[v.ConfigMap.Name] == nil {
			t.Errorf("volume %s: there is no ConfigMap %s", v.Name, v.ConfigMap.Name)
		}
	}
	for _, c := range slices.Concat(pod.InitContainers, pod.Containers) {
		if c.Resources.Requests.Cpu().IsZero() || c.Resources.Limits.Memory().IsZero() {
			t.Errorf("container %s has no request for CPU or no limit of memory", c.Name)
		}
		for _, mount := range c.VolumeMounts {
			if !slices.ContainsFunc(pod.Volumes, func(v corev1.Volume) bool { return v.Name == mount.Name }) {
				t.Errorf("container %s mounts the unknown volume %s", c.Name, mount.Name)
			}
		}
		for _, probe := range []*corev1.Probe{c.StartupProbe, c.ReadinessProbe, c.LivenessProbe} {
			if probe != nil && !hasPort(c.Ports, probe.HTTPGet.Port) {
				t.Errorf("a probe of container %s asks the unknown port %s", c.Name, probe.HTTPGet.Port.String())
			}
		}
	}
}

func hasPort(ports []corev1.ContainerPort, want intstr.IntOrString) bool {
	return slices.ContainsFunc(ports, func(p corev1.ContainerPort) bool { return p.Name == want.StrVal || p.ContainerPort == want.IntVal })
}

func checkService(t *testing.T, s *corev1.Service, pod *corev1.PodTemplateSpec) {
	t.Helper()
	if !selects(s.Spec.Selector, pod.Labels) {
		t.Errorf("Service %s selects no pods", s.Name)
	}
	var ports []corev1.ContainerPort
	for _, c := range pod.Spec.Containers {
		ports = append(ports, c.Ports...)
	}
	for _, p := range s.Spec.Ports {
		if !hasPort(ports, p.TargetPort) {
			t.Errorf("Service %s leads to the unknown port %s", s.Name, p.TargetPort.String())
		}
	}
}

// The sidecar's configuration stands in a ConfigMap, and its secrets in files that only a cluster has.
func TestTheConfigurationInTheConfigMapIsGood(t *testing.T) {
	m := decode(t, "../kubernetes/souk.yaml")
	dir := t.TempDir()
	text := []byte(m.configMaps["souk"].Data["souk.yaml"])
	const secrets = "/etc/souk-secrets/"
	for _, name := range []string{"admin-token", "openai-api-key"} {
		if !bytes.Contains(text, []byte(secrets+name)) {
			t.Errorf("nothing uses the secret %s", name)
		}
		write(t, filepath.Join(dir, name), []byte("0123456789abcdef0123456789abcdef"))
	}
	write(t, filepath.Join(dir, "souk.yaml"), bytes.ReplaceAll(text, []byte(secrets), []byte(dir+"/")))
	check(t, filepath.Join(dir, "souk.yaml"))
}
