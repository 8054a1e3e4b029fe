//go:build tools

// Package tools pins the maintained fork's last releases that speak as the classic confd does, and all that it is
// built from.
package tools

import _ "github.com/abtreece/confd/cmd/confd"
