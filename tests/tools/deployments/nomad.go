package main

import (
	"encoding/json"
	"errors"
	"os"

	"github.com/hashicorp/nomad/api"
	"github.com/hashicorp/nomad/helper/args"
	"github.com/hashicorp/nomad/jobspec2"
)

// dockerTask is what Nomad's driver for Docker takes, as far as it is read here. The driver's own check is in Nomad's
// client, which is not part of this program.
type dockerTask struct {
	Image          string   `json:"image"`
	Entrypoint     []string `json:"entrypoint"`
	Args           []string `json:"args"`
	Ports          []string `json:"ports"`
	ReadonlyRootfs bool     `json:"readonly_rootfs"`
	CapDrop        []string `json:"cap_drop"`
	CapAdd         []string `json:"cap_add"`
	SecurityOpt    []string `json:"security_opt"`
	Privileged     bool     `json:"privileged"`
	Init           bool     `json:"init"`
	Mount          []struct {
		Type         string `json:"type"`
		Source       string `json:"source"`
		Target       string `json:"target"`
		Readonly     bool   `json:"readonly"`
		TmpfsOptions []struct {
			Size int64  `json:"size"`
			Mode uint32 `json:"mode"`
		} `json:"tmpfs_options"`
	} `json:"mount"`
}

// taskVariables are what Nomad's client knows of once the task has its place.
var taskVariables = map[string]string{"NOMAD_SECRETS_DIR": "/secrets", "NOMAD_TASK_DIR": "/local"}

// readNomad reads a job as `nomad job run` does.
func readNomad(path string) (Container, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return Container{}, err
	}
	job, err := jobspec2.ParseWithConfig(&jobspec2.ParseConfig{Path: path, Body: text, Strict: true})
	if err != nil {
		return Container{}, err
	}
	job.Canonicalize()
	if len(job.TaskGroups) != 1 || len(job.TaskGroups[0].Tasks) != 1 {
		return Container{}, errors.New("wanted: one group of one task")
	}
	group, task := job.TaskGroups[0], job.TaskGroups[0].Tasks[0]
	var config dockerTask
	plain, err := json.Marshal(task.Config)
	if err != nil {
		return Container{}, err
	}
	if err := strictly(plain, &config); err != nil {
		return Container{}, err
	}
	environment := map[string]string{}
	for name, value := range task.Env {
		environment[name] = args.ReplaceEnv(value, taskVariables)
	}
	return Container{
		Image:           config.Image,
		Entrypoint:      config.Entrypoint,
		Arguments:       config.Args,
		Environment:     environment,
		User:            task.User,
		ReadOnly:        config.ReadonlyRootfs,
		StopSeconds:     task.KillTimeout.Seconds(),
		StopSignal:      task.KillSignal,
		CapDrop:         config.CapDrop,
		CapAdd:          config.CapAdd,
		NoNewPrivileges: noNewPrivileges(config.SecurityOpt),
		Privileged:      config.Privileged,
		Init:            config.Init,
		Mounts:          nomadMounts(task, config),
		Health:          nomadHealth(group, task),
	}, nil
}

func nomadMounts(task *api.Task, config dockerTask) []Mount {
	var mounts []Mount
	for _, mount := range config.Mount {
		mode := ""
		for _, options := range mount.TmpfsOptions {
			mode = octal(options.Mode)
		}
		mounts = append(mounts, Mount{Kind: mount.Type, Source: mount.Source, Target: mount.Target, ReadOnly: mount.Readonly, Mode: mode})
	}
	for _, mount := range task.VolumeMounts {
		mounts = append(mounts, Mount{Kind: "volume", Source: *mount.Volume, Target: *mount.Destination, ReadOnly: isTrue(mount.ReadOnly)})
	}
	for _, template := range task.Templates {
		target := args.ReplaceEnv(*template.DestPath, taskVariables)
		mounts = append(mounts, Mount{
			Kind: "secret", Source: *template.EmbeddedTmpl, Target: target, ReadOnly: true,
			Mode: deref(template.Perms), Uid: number(template.Uid), Gid: number(template.Gid),
		})
	}
	return mounts
}

func nomadHealth(group *api.TaskGroup, task *api.Task) *Health {
	for _, service := range append(group.Services, task.Services...) {
		for _, check := range service.Checks {
			for _, network := range group.Networks {
				for _, port := range network.DynamicPorts {
					if port.Label == service.PortLabel {
						return &Health{Path: check.Path, Port: port.To}
					}
				}
			}
		}
	}
	return nil
}

func number(value *int) string {
	if value == nil || *value < 0 {
		return ""
	}
	text, _ := json.Marshal(*value)
	return string(text)
}
