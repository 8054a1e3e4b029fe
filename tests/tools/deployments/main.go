// Command deployments reads a deployment with the very code that its platform reads it with, strictly, and prints the
// container that comes out of it as JSON.
//
//	deployments KIND FILE
//
// KIND is compose, kubernetes, marathon, nomad, run (a shell script that calls docker) or swarm. Called as docker it is
// Docker's command line.
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
)

var readers = map[string]func(path string) (Container, error){
	"compose":    readCompose,
	"kubernetes": readKubernetes,
	"marathon":   readMarathon,
	"nomad":      readNomad,
	"run":        readRun,
	"swarm":      readSwarm,
}

func main() {
	if filepath.Base(os.Args[0]) == "docker" {
		os.Exit(docker(os.Args[1:]))
	}
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("deployments")
		return
	}
	if len(os.Args) != 3 || readers[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "usage: deployments compose|kubernetes|marathon|nomad|run|swarm FILE")
		os.Exit(64)
	}
	container, err := readers[os.Args[1]](os.Args[2])
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	encoder := json.NewEncoder(os.Stdout)
	encoder.SetEscapeHTML(false)
	if err := encoder.Encode(container); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
