package main

import (
	"fmt"
	"strings"
)

// Container is what every platform is asked for, however it words it.
type Container struct {
	Image       string            `json:"image"`
	Entrypoint  []string          `json:"entrypoint"`
	Arguments   []string          `json:"arguments"`
	Environment map[string]string `json:"environment"`
	// User is what the platform is told: USER or USER:GROUP.
	User     string `json:"user"`
	ReadOnly bool   `json:"readOnly"`
	// StopSeconds lie between the request to stop and the kill.
	StopSeconds     float64  `json:"stopSeconds"`
	StopSignal      string   `json:"stopSignal"`
	CapDrop         []string `json:"capDrop"`
	CapAdd          []string `json:"capAdd"`
	NoNewPrivileges bool     `json:"noNewPrivileges"`
	Privileged      bool     `json:"privileged"`
	Init            bool     `json:"init"`
	Mounts          []Mount  `json:"mounts"`
	Health          *Health  `json:"health"`
	// Platform has what only this platform knows.
	Platform map[string]any `json:"platform"`
}

// Mount is something that is mounted into the container.
type Mount struct {
	// Kind is tmpfs, volume, bind or secret (a file).
	Kind     string `json:"kind"`
	Source   string `json:"source"`
	Target   string `json:"target"`
	ReadOnly bool   `json:"readOnly"`
	// Mode (octal), Uid and Gid are empty where nothing is said.
	Mode string `json:"mode"`
	Uid  string `json:"uid"`
	Gid  string `json:"gid"`
}

// Health is how the platform asks whether the service is well: a command, or a path and a port.
type Health struct {
	Command []string `json:"command"`
	Path    string   `json:"path"`
	Port    int      `json:"port"`
}

// tmpfsMount reads TARGET and options as mount(8) knows them: mode=0700,uid=1.
func tmpfsMount(target, options string) Mount {
	mount := Mount{Kind: "tmpfs", Target: target}
	for _, option := range strings.Split(options, ",") {
		name, value, _ := strings.Cut(option, "=")
		switch name {
		case "mode":
			mount.Mode = value
		case "uid":
			mount.Uid = value
		case "gid":
			mount.Gid = value
		case "ro":
			mount.ReadOnly = true
		}
	}
	return mount
}

func octal(mode uint32) string {
	if mode == 0 {
		return ""
	}
	return fmt.Sprintf("%o", mode)
}

func noNewPrivileges(options []string) bool {
	for _, option := range options {
		if option == "no-new-privileges" || option == "no-new-privileges:true" || option == "no-new-privileges=true" {
			return true
		}
	}
	return false
}

// healthCommand takes Docker's form of a command apart: CMD and the words.
func healthCommand(test []string) (*Health, error) {
	if len(test) == 0 {
		return nil, nil
	}
	if test[0] != "CMD" {
		return nil, fmt.Errorf("a health check by %q needs a shell", test[0])
	}
	return &Health{Command: test[1:]}, nil
}

// environmentOf reads NAME=VALUE.
func environmentOf(words []string) map[string]string {
	environment := map[string]string{}
	for _, word := range words {
		name, value, _ := strings.Cut(word, "=")
		environment[name] = value
	}
	return environment
}
