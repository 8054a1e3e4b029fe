// nfpm makes packages for Debian's and Red Hat's systems. This is its library with the little that the release needs:
// nfpm CONFIG PACKAGER TARGET.
package main

import (
	"fmt"
	"os"

	"github.com/goreleaser/nfpm/v2"
	_ "github.com/goreleaser/nfpm/v2/deb"
	_ "github.com/goreleaser/nfpm/v2/rpm"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println("nfpm 2.45.0")
		return
	}
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: nfpm CONFIG PACKAGER TARGET")
		os.Exit(64)
	}
	if err := pack(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, "nfpm:", err)
		os.Exit(1)
	}
}

func pack(path, format, target string) error {
	config, err := nfpm.ParseFile(path)
	if err != nil {
		return err
	}
	info, err := config.Get(format)
	if err != nil {
		return err
	}
	info = nfpm.WithDefaults(info)
	packager, err := nfpm.Get(format)
	if err != nil {
		return err
	}
	file, err := os.Create(target)
	if err != nil {
		return err
	}
	info.Target = target
	if err := packager.Package(info, file); err != nil {
		file.Close()
		os.Remove(target)
		return err
	}
	return file.Close()
}
