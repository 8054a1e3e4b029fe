package main

import (
	"errors"
	"fmt"
	"os"

	marathon "github.com/gambol99/go-marathon"
)

// readMarathon reads an application into the types of a client of Marathon's, and hands its parameters of Docker's to
// Docker's own command line, as the executor does.
func readMarathon(path string) (Container, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Container{}, err
	}
	var application marathon.Application
	if err := strictly(text, &application); err != nil {
		return Container{}, err
	}
	if application.Container == nil || application.Container.Docker == nil || application.Cmd != nil {
		return Container{}, errors.New("wanted: one application in a container of Docker's, without cmd")
	}
	container, err := runWords(marathonWords(application))
	if err != nil {
		return Container{}, err
	}
	if application.TaskKillGracePeriodSeconds != nil {
		container.StopSeconds = *application.TaskKillGracePeriodSeconds
	}
	return container, marathonHealth(application, &container)
}

// marathonWords is the command that the executor runs.
func marathonWords(application marathon.Application) []string {
	engine := application.Container.Docker
	words := []string{"run", "--detach"}
	if engine.Privileged != nil && *engine.Privileged {
		words = append(words, "--privileged")
	}
	for name, value := range deref(application.Env) {
		words = append(words, "--env="+name+"="+value)
	}
	if application.Container.Volumes != nil {
		for _, volume := range *application.Container.Volumes {
			mount := fmt.Sprintf("--mount=type=bind,source=%s,target=%s", volume.HostPath, volume.ContainerPath)
			if volume.Mode == "RO" {
				mount += ",readonly"
			}
			words = append(words, mount)
		}
	}
	for _, parameter := range deref(engine.Parameters) {
		words = append(words, "--"+parameter.Key+"="+parameter.Value)
	}
	words = append(words, engine.Image)
	return append(words, deref(application.Args)...)
}

func marathonHealth(application marathon.Application, container *Container) error {
	checks := deref(application.HealthChecks)
	mappings := deref(application.Container.Docker.PortMappings)
	if len(checks) != 1 || checks[0].Path == nil || checks[0].PortIndex == nil || *checks[0].PortIndex >= len(mappings) {
		return errors.New("wanted: one health check, of a path and a port that is mapped")
	}
	container.Health = &Health{Path: *checks[0].Path, Port: mappings[*checks[0].PortIndex].ContainerPort}
	return nil
}

func deref[T any](pointer *T) (value T) {
	if pointer != nil {
		value = *pointer
	}
	return value
}
