package main

import (
	"context"
	"strings"
	"time"

	"github.com/compose-spec/compose-go/v2/loader"
	"github.com/compose-spec/compose-go/v2/types"
)

// readCompose reads a file as `docker compose` does, with its schema and its interpolation.
func readCompose(path string) (Container, error) {
	project, err := loader.LoadWithContext(context.Background(), types.ConfigDetails{
		WorkingDir:  ".",
		ConfigFiles: []types.ConfigFile{{Filename: path}},
		Environment: types.Mapping{},
	}, func(options *loader.Options) { options.SetProjectName("prometheus", true) })
	if err != nil {
		return Container{}, err
	}
	service, err := project.GetService("prometheus")
	if err != nil {
		return Container{}, err
	}
	container := Container{
		Image:           service.Image,
		Entrypoint:      service.Entrypoint,
		Arguments:       service.Command,
		Environment:     map[string]string{},
		User:            service.User,
		ReadOnly:        service.ReadOnly,
		StopSignal:      service.StopSignal,
		CapDrop:         service.CapDrop,
		CapAdd:          service.CapAdd,
		NoNewPrivileges: noNewPrivileges(service.SecurityOpt),
		Privileged:      service.Privileged,
		Init:            service.Init != nil && *service.Init,
		Mounts:          composeMounts(service, project),
	}
	for name, value := range service.Environment {
		if value != nil {
			container.Environment[name] = *value
		}
	}
	if service.StopGracePeriod != nil {
		container.StopSeconds = time.Duration(*service.StopGracePeriod).Seconds()
	}
	if service.HealthCheck != nil {
		container.Health, err = healthCommand(service.HealthCheck.Test)
	}
	return container, err
}

func composeMounts(service types.ServiceConfig, project *types.Project) []Mount {
	var mounts []Mount
	for _, tmpfs := range service.Tmpfs {
		target, options, _ := strings.Cut(tmpfs, ":")
		mounts = append(mounts, tmpfsMount(target, options))
	}
	for _, volume := range service.Volumes {
		mounts = append(mounts, Mount{Kind: volume.Type, Source: volume.Source, Target: volume.Target, ReadOnly: volume.ReadOnly})
	}
	// Compose binds the file; owner and mode are those that it has.
	for _, secret := range service.Secrets {
		target := secret.Target
		if !strings.HasPrefix(target, "/") {
			target = "/run/secrets/" + firstOf(target, secret.Source)
		}
		mounts = append(mounts, Mount{Kind: "secret", Source: project.Secrets[secret.Source].File, Target: target, ReadOnly: true})
	}
	return mounts
}

func firstOf(first, second string) string {
	if first != "" {
		return first
	}
	return second
}
