// Package discover stands in for the library by which servers find their peers in a cloud. The servers of the tests
// have no peers, and without it the tool kits of fourteen clouds need not be built.
package discover

import (
	"errors"
	"log"
	"net/url"
)

// Provider finds peers.
type Provider interface {
	Addrs(args map[string]string, l *log.Logger) ([]string, error)
	Help() string
}

// Providers is empty: there is no way to find any.
var Providers = map[string]Provider{}

// Discover finds nothing.
type Discover struct{}

// Option is ignored.
type Option func(*Discover) error

// New makes one that finds nothing.
func New(...Option) (*Discover, error) { return &Discover{}, nil }

// WithUserAgent is ignored.
func WithUserAgent(string) Option { return nil }

// WithProviders is ignored.
func WithProviders(map[string]Provider) Option { return nil }

// Names are none.
func (*Discover) Names() []string { return nil }

var errNone = errors.New("this build does not look for peers")

// Addrs always fails.
func (*Discover) Addrs(string, *log.Logger) ([]string, error) { return nil, errNone }

// Config is what Parse would return.
type Config map[string]string

// Parse always fails.
func Parse(string) (Config, error) { return nil, errNone }

func (Config) String() string { return url.Values{}.Encode() }
