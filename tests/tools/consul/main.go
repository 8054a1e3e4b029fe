// Command consul is HashiCorp's Consul with two of its commands, `agent` and `version`: a server, and no more.
package main

import (
	"fmt"
	"io"
	"log"
	"os"

	"github.com/hashicorp/consul/command/agent"
	"github.com/hashicorp/consul/command/cli"
	"github.com/hashicorp/consul/command/version"
	mcli "github.com/mitchellh/cli"
)

func main() {
	log.SetOutput(io.Discard)
	ui := &cli.BasicUI{BasicUi: mcli.BasicUi{Writer: os.Stdout, ErrorWriter: os.Stderr}}
	args := append(os.Args[1:], "")
	switch args[0] {
	case "agent":
		os.Exit(agent.New(ui).Run(os.Args[2:]))
	case "version":
		os.Exit(version.New(ui).Run(nil))
	}
	fmt.Fprintln(os.Stderr, "consul: there are the commands 'agent' and 'version'")
	os.Exit(64)
}
