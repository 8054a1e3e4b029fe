// Command vault serves HashiCorp's Vault on a folder: its own core and its own HTTP interface, with the secrets engine kv
// and the authentication by AppRole, and without the plugins that the tests do not use.
//
// Called as `vault FOLDER ADDRESS`, with the root token in VAULT_DEV_ROOT_TOKEN_ID. A new folder is initialised, and its
// key is kept beside the data: the server unseals itself at each start.
package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"

	log "github.com/hashicorp/go-hclog"
	kv "github.com/hashicorp/vault-plugin-secrets-kv"
	"github.com/hashicorp/vault/builtin/credential/approle"
	"github.com/hashicorp/vault/helper/namespace"
	vaulthttp "github.com/hashicorp/vault/http"
	"github.com/hashicorp/vault/internalshared/configutil"
	"github.com/hashicorp/vault/sdk/helper/consts"
	"github.com/hashicorp/vault/sdk/logical"
	"github.com/hashicorp/vault/sdk/physical/file"
	"github.com/hashicorp/vault/vault"
	"github.com/hashicorp/vault/version"
)

func main() {
	if len(os.Args) == 2 && os.Args[1] == "--version" {
		fmt.Println(version.GetVersion().FullVersionNumber(false))
		return
	}
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: vault FOLDER ADDRESS")
		os.Exit(64)
	}
	if err := serve(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "vault:", err)
		os.Exit(1)
	}
}

func serve(folder, address string) error {
	core, err := open(folder)
	if err != nil {
		return err
	}
	listener, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	handler := vaulthttp.Handler.Handler(&vault.HandlerProperties{
		Core:           core,
		ListenerConfig: &configutil.Listener{Type: "tcp", Address: address},
	})
	return http.Serve(listener, handler)
}

// open returns a core that is ready to answer.
func open(folder string) (*vault.Core, error) {
	logger := log.New(&log.LoggerOptions{Output: io.Discard, Level: log.Off})
	storage, err := file.NewFileBackend(map[string]string{"path": filepath.Join(folder, "data")}, logger)
	if err != nil {
		return nil, err
	}
	core, err := vault.NewCore(&vault.CoreConfig{
		Physical:           storage,
		StorageType:        "file",
		DisableMlock:       true,
		Logger:             logger,
		BuiltinRegistry:    builtins{},
		LogicalBackends:    map[string]logical.Factory{"kv": kv.Factory},
		CredentialBackends: map[string]logical.Factory{"approle": approle.Factory},
	})
	if err != nil {
		return nil, err
	}
	ctx := namespace.ContextWithNamespace(context.Background(), namespace.RootNamespace)
	keyFile := filepath.Join(folder, "key")
	initialized, err := core.Initialized(ctx)
	if err != nil {
		return nil, err
	}
	if initialized {
		key, err := os.ReadFile(keyFile)
		if err != nil {
			return nil, err
		}
		_, err = core.Unseal(key)
		return core, err
	}
	one := &vault.SealConfig{SecretShares: 1, SecretThreshold: 1, Name: "shamir"}
	made, err := core.Initialize(ctx, &vault.InitParams{BarrierConfig: one})
	if err != nil {
		return nil, err
	}
	key := made.SecretShares[0]
	if err := os.WriteFile(keyFile, key, 0o600); err != nil {
		return nil, err
	}
	if _, err := core.Unseal(append([]byte{}, key...)); err != nil {
		return nil, err
	}
	return core, takeRootToken(ctx, core, made.RootToken)
}

// takeRootToken makes a root token of the name that is wanted.
func takeRootToken(ctx context.Context, core *vault.Core, root string) error {
	wanted := os.Getenv("VAULT_DEV_ROOT_TOKEN_ID")
	answer, err := core.HandleRequest(ctx, &logical.Request{
		ID:          "root-token",
		Operation:   logical.UpdateOperation,
		ClientToken: root,
		Path:        "auth/token/create",
		Data: map[string]interface{}{
			"id": wanted, "policies": []string{"root"}, "no_parent": true, "no_default_policy": true,
		},
	})
	if err != nil {
		return err
	}
	return answer.Error()
}

// builtins are the plugins that the core may find in itself.
type builtins struct{}

var factories = map[consts.PluginType]map[string]logical.Factory{
	consts.PluginTypeSecrets:    {"kv": kv.Factory},
	consts.PluginTypeCredential: {"approle": approle.Factory},
}

func (builtins) Contains(name string, kind consts.PluginType) bool {
	_, ok := factories[kind][name]
	return ok
}

func (builtins) Get(name string, kind consts.PluginType) (func() (interface{}, error), bool) {
	factory, ok := factories[kind][name]
	return func() (interface{}, error) { return factory, nil }, ok
}

func (builtins) Keys(kind consts.PluginType) []string {
	var names []string
	for name := range factories[kind] {
		names = append(names, name)
	}
	return names
}

func (b builtins) DeprecationStatus(name string, kind consts.PluginType) (consts.DeprecationStatus, bool) {
	return consts.Supported, b.Contains(name, kind)
}

func (builtins) IsBuiltinEntPlugin(string, consts.PluginType) bool { return false }
