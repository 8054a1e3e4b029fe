//go:build tools

// Package tools pins the classic confd and all that it is built from: its release has no go.mod of its own.
package tools

import _ "github.com/kelseyhightower/confd"
