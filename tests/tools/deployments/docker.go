package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"

	"github.com/docker/cli/cli/command"
	"github.com/docker/cli/cli/command/commands"
	"github.com/docker/cli/cli/flags"
	"github.com/moby/moby/api/types/container"
	"github.com/moby/moby/api/types/mount"
	"github.com/moby/moby/api/types/swarm"
	"github.com/spf13/cobra"
)

// docker is Docker's command line; DOCKER_HOST says where the engine is.
func docker(words []string) int {
	cli, err := command.NewDockerCli()
	if err == nil {
		err = cli.Initialize(flags.NewClientOptions())
	}
	root := &cobra.Command{Use: "docker", SilenceUsage: true, SilenceErrors: true}
	if err == nil {
		commands.AddCommands(root, cli)
		root.SetArgs(words)
		err = root.ExecuteContext(context.Background())
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, "docker:", err)
		return 125
	}
	return 0
}

// readRun runs a script that calls `docker run`, with an engine that only takes note.
func readRun(path string) (Container, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Container{}, err
	}
	return created("bash", "-euo", "pipefail", path)
}

// runWords is readRun for the words of one call.
func runWords(words []string) (Container, error) {
	return created("docker", words...)
}

func created(program string, words ...string) (Container, error) {
	engine, err := withEngine(program, words...)
	if err != nil {
		return Container{}, err
	}
	var request container.CreateRequest
	if err := json.Unmarshal(engine.container, &request); err != nil {
		return Container{}, errors.Join(errors.New("no container was created"), err)
	}
	config, host := request.Config, request.HostConfig
	if len(host.Binds) > 0 {
		return Container{}, errors.New("--volume is not read: use --mount")
	}
	result := Container{
		Image:           config.Image,
		Entrypoint:      config.Entrypoint,
		Arguments:       config.Cmd,
		Environment:     environmentOf(config.Env),
		User:            config.User,
		ReadOnly:        host.ReadonlyRootfs,
		StopSignal:      config.StopSignal,
		CapDrop:         host.CapDrop,
		CapAdd:          host.CapAdd,
		NoNewPrivileges: noNewPrivileges(host.SecurityOpt),
		Privileged:      host.Privileged,
		Init:            isTrue(host.Init),
		Platform:        map[string]any{"restart": host.RestartPolicy.Name},
	}
	for target, options := range host.Tmpfs {
		result.Mounts = append(result.Mounts, tmpfsMount(target, options))
	}
	for _, one := range host.Mounts {
		result.Mounts = append(result.Mounts, engineMount(one))
	}
	if config.StopTimeout != nil {
		result.StopSeconds = float64(*config.StopTimeout)
	}
	if config.Healthcheck != nil {
		result.Health, err = healthCommand(config.Healthcheck.Test)
	}
	return result, err
}

// readSwarm deploys a stack, with an engine that only takes note.
func readSwarm(path string) (Container, error) {
	path, err := filepath.Abs(path)
	if err != nil {
		return Container{}, err
	}
	engine, err := withEngine("docker", "stack", "deploy", "--detach", "--resolve-image=never", "--compose-file", path, "prometheus")
	if err != nil {
		return Container{}, err
	}
	var spec swarm.ServiceSpec
	if err := json.Unmarshal(engine.service, &spec); err != nil {
		return Container{}, errors.Join(errors.New("no service was created"), err)
	}
	task := spec.TaskTemplate.ContainerSpec
	result := Container{
		Image:       task.Image,
		Entrypoint:  task.Command,
		Arguments:   task.Args,
		Environment: environmentOf(task.Env),
		User:        task.User,
		ReadOnly:    task.ReadOnly,
		StopSignal:  task.StopSignal,
		CapDrop:     task.CapabilityDrop,
		CapAdd:      task.CapabilityAdd,
		Init:        isTrue(task.Init),
		Platform:    map[string]any{},
	}
	if spec.UpdateConfig != nil {
		result.Platform["updateOrder"] = spec.UpdateConfig.Order
		result.Platform["updateFailure"] = spec.UpdateConfig.FailureAction
	}
	for _, one := range task.Mounts {
		result.Mounts = append(result.Mounts, engineMount(one))
	}
	for _, secret := range task.Secrets {
		result.Mounts = append(result.Mounts, Mount{
			Kind: "secret", Source: secret.SecretName, Target: "/run/secrets/" + secret.File.Name, ReadOnly: true,
			Mode: octal(uint32(secret.File.Mode)), Uid: secret.File.UID, Gid: secret.File.GID,
		})
	}
	if task.StopGracePeriod != nil {
		result.StopSeconds = task.StopGracePeriod.Seconds()
	}
	if task.Healthcheck != nil {
		result.Health, err = healthCommand(task.Healthcheck.Test)
	}
	return result, err
}

func engineMount(one mount.Mount) Mount {
	result := Mount{Kind: string(one.Type), Source: one.Source, Target: one.Target, ReadOnly: one.ReadOnly}
	if one.TmpfsOptions != nil {
		result.Mode = octal(uint32(one.TmpfsOptions.Mode))
	}
	return result
}

// withEngine runs a program for which `docker` is this one, with an engine of its own and nothing else in its
// environment. What Docker ignores with a warning counts as an error.
func withEngine(program string, words ...string) (*engine, error) {
	folder, err := os.MkdirTemp("", "deployments-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(folder)
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	if err := os.Symlink(self, filepath.Join(folder, "docker")); err != nil {
		return nil, err
	}
	engine, err := startEngine(filepath.Join(folder, "engine"))
	if err != nil {
		return nil, err
	}
	defer engine.Close()
	if program == "docker" {
		program = filepath.Join(folder, "docker")
	}
	var said bytes.Buffer
	child := exec.Command(program, words...)
	child.Dir = folder
	child.Env = []string{"PATH=" + folder + ":" + os.Getenv("PATH"), "HOME=" + folder, "DOCKER_HOST=unix://" + folder + "/engine"}
	child.Stderr = &said
	if err := child.Run(); err != nil {
		return nil, errors.Join(errors.New(said.String()), err)
	}
	if strings.Contains(said.String(), "Ignoring") {
		return nil, errors.New(said.String())
	}
	return engine, nil
}
