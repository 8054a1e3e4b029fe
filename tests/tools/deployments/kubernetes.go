package main

import (
	"errors"
	"fmt"
	"os"
	"regexp"
	"strconv"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"sigs.k8s.io/json"
	"sigs.k8s.io/yaml"
)

// readKubernetes reads the manifest's objects into Kubernetes' own types and refuses a field that they do not have.
func readKubernetes(path string) (Container, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Container{}, err
	}
	var deployment *appsv1.Deployment
	for _, document := range regexp.MustCompile(`(?m)^---$`).Split(string(text), -1) {
		object, err := kubernetesObject([]byte(document))
		if err != nil {
			return Container{}, err
		}
		if found, ok := object.(*appsv1.Deployment); ok {
			deployment = found
		}
	}
	if deployment == nil {
		return Container{}, errors.New("there is no Deployment")
	}
	return podContainer(deployment)
}

func kubernetesObject(document []byte) (any, error) {
	var head struct{ APIVersion, Kind string }
	if err := yaml.Unmarshal(document, &head); err != nil {
		return nil, err
	}
	var object any
	switch head.APIVersion + " " + head.Kind {
	case "apps/v1 Deployment":
		object = &appsv1.Deployment{}
	case "v1 Service":
		object = &corev1.Service{}
	case "v1 PersistentVolumeClaim":
		object = &corev1.PersistentVolumeClaim{}
	default:
		return nil, fmt.Errorf("there is a %q, %q", head.APIVersion, head.Kind)
	}
	plain, err := yaml.YAMLToJSONStrict(document)
	if err != nil {
		return nil, err
	}
	return object, strictly(plain, object)
}

// strictly decodes as Kubernetes' API does when it is asked to be strict: case counts, and every field must be known.
func strictly(text []byte, into any) error {
	problems, err := json.UnmarshalStrict(text, into)
	return errors.Join(append(problems, err)...)
}

func podContainer(deployment *appsv1.Deployment) (Container, error) {
	pod := deployment.Spec.Template.Spec
	if len(pod.Containers) != 1 || pod.SecurityContext == nil || pod.Containers[0].SecurityContext == nil {
		return Container{}, errors.New("wanted: one container, and both security contexts")
	}
	main := pod.Containers[0]
	mounts, err := podMounts(pod, main)
	if err != nil {
		return Container{}, err
	}
	environment, err := podEnvironment(main)
	if err != nil {
		return Container{}, err
	}
	security := main.SecurityContext
	container := Container{
		Image:           main.Image,
		Entrypoint:      main.Command,
		Arguments:       main.Args,
		Environment:     environment,
		User:            identity(pod.SecurityContext),
		ReadOnly:        isTrue(security.ReadOnlyRootFilesystem),
		NoNewPrivileges: security.AllowPrivilegeEscalation != nil && !*security.AllowPrivilegeEscalation,
		Privileged:      isTrue(security.Privileged),
		Mounts:          mounts,
		Health:          podHealth(main),
		Platform: map[string]any{
			"runAsNonRoot":          isTrue(pod.SecurityContext.RunAsNonRoot),
			"serviceLinks":          pod.EnableServiceLinks == nil || *pod.EnableServiceLinks,
			"serviceAccountToken":   pod.AutomountServiceAccountToken == nil || *pod.AutomountServiceAccountToken,
			"shareProcessNamespace": isTrue(pod.ShareProcessNamespace),
			"strategy":              deployment.Spec.Strategy.Type,
		},
	}
	if pod.TerminationGracePeriodSeconds != nil {
		container.StopSeconds = float64(*pod.TerminationGracePeriodSeconds)
	}
	if pod.SecurityContext.SeccompProfile != nil {
		container.Platform["seccomp"] = pod.SecurityContext.SeccompProfile.Type
	}
	if security.Capabilities != nil {
		container.CapDrop = capabilities(security.Capabilities.Drop)
		container.CapAdd = capabilities(security.Capabilities.Add)
	}
	return container, nil
}

func podEnvironment(main corev1.Container) (map[string]string, error) {
	environment := map[string]string{}
	if len(main.EnvFrom) > 0 {
		return nil, errors.New("envFrom is not read")
	}
	for _, variable := range main.Env {
		if variable.ValueFrom != nil {
			return nil, fmt.Errorf("%s: valueFrom is not read", variable.Name)
		}
		// The kubelet replaces $(NAME), and makes $( of $$(.
		if strings.Contains(variable.Value, "$(") {
			return nil, fmt.Errorf("%s: the kubelet would look into $(...)", variable.Name)
		}
		environment[variable.Name] = variable.Value
	}
	return environment, nil
}

// podMounts: who may do what in a volume is what the kubelet makes of fsGroup.
func podMounts(pod corev1.PodSpec, main corev1.Container) ([]Mount, error) {
	group := ""
	if pod.SecurityContext.FSGroup != nil {
		group = strconv.FormatInt(*pod.SecurityContext.FSGroup, 10)
	}
	volumes := map[string]corev1.Volume{}
	for _, volume := range pod.Volumes {
		volumes[volume.Name] = volume
	}
	var mounts []Mount
	for _, at := range main.VolumeMounts {
		volume, known := volumes[at.Name]
		switch {
		case !known:
			return nil, fmt.Errorf("there is no volume %q", at.Name)
		case volume.EmptyDir != nil:
			mounts = append(mounts, Mount{Kind: "tmpfs", Target: at.MountPath, ReadOnly: at.ReadOnly, Mode: "777", Gid: group})
		case volume.PersistentVolumeClaim != nil:
			mount := Mount{Kind: "volume", Source: at.Name, Target: at.MountPath, ReadOnly: at.ReadOnly, Mode: "755", Uid: "0", Gid: "0"}
			if group != "" {
				mount.Mode, mount.Gid = "2775", group
			}
			mounts = append(mounts, mount)
		case volume.Secret != nil && volume.Secret.DefaultMode != nil:
			for _, item := range volume.Secret.Items {
				mounts = append(mounts, Mount{
					Kind: "secret", Source: volume.Secret.SecretName, Target: at.MountPath + "/" + item.Path, ReadOnly: true,
					Mode: octal(uint32(*volume.Secret.DefaultMode)), Uid: "0", Gid: group,
				})
			}
		default:
			return nil, fmt.Errorf("the volume %q is of a kind that is not read", at.Name)
		}
	}
	return mounts, nil
}

func podHealth(main corev1.Container) *Health {
	if main.ReadinessProbe == nil || main.ReadinessProbe.HTTPGet == nil {
		return nil
	}
	get := main.ReadinessProbe.HTTPGet
	port := get.Port.IntValue()
	for _, known := range main.Ports {
		if known.Name == get.Port.StrVal {
			port = int(known.ContainerPort)
		}
	}
	return &Health{Path: get.Path, Port: port}
}

func identity(security *corev1.PodSecurityContext) string {
	if security.RunAsUser == nil || security.RunAsGroup == nil {
		return ""
	}
	return fmt.Sprintf("%d:%d", *security.RunAsUser, *security.RunAsGroup)
}

func capabilities(list []corev1.Capability) (names []string) {
	for _, capability := range list {
		names = append(names, string(capability))
	}
	return names
}

func isTrue(value *bool) bool {
	return value != nil && *value
}
