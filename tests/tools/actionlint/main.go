// actionlint checks workflows of GitHub Actions. With --json FILE this prints one as JSON, for tests that look into it.
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/rhysd/actionlint"
	"go.yaml.in/yaml/v4"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("actionlint 1.7.12")
		return
	}
	if len(os.Args) == 3 && os.Args[1] == "--json" {
		if err := printJSON(os.Args[2]); err != nil {
			fmt.Fprintln(os.Stderr, "actionlint:", err)
			os.Exit(1)
		}
		return
	}
	command := actionlint.Command{Stdin: os.Stdin, Stdout: os.Stdout, Stderr: os.Stderr}
	os.Exit(command.Main(os.Args))
}

func printJSON(path string) error {
	text, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	var workflow map[string]any
	if err := yaml.Unmarshal(text, &workflow); err != nil {
		return err
	}
	return json.NewEncoder(os.Stdout).Encode(workflow)
}
