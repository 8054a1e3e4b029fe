package main

import (
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"regexp"
)

// engine stands where Docker's engine would: it takes note of what it is asked to create, and creates nothing.
type engine struct {
	http.Server
	container []byte
	service   []byte
}

var versionPrefix = regexp.MustCompile(`^/v[0-9.]+`)

func startEngine(socket string) (*engine, error) {
	listener, err := net.Listen("unix", socket)
	if err != nil {
		return nil, err
	}
	started := &engine{}
	started.Handler = http.HandlerFunc(started.answer)
	go started.Serve(listener)
	return started, nil
}

func (e *engine) answer(response http.ResponseWriter, request *http.Request) {
	response.Header().Set("Api-Version", "1.51")
	response.Header().Set("Ostype", "linux")
	response.Header().Set("Content-Type", "application/json")
	body, _ := io.ReadAll(request.Body)
	switch question := request.Method + " " + versionPrefix.ReplaceAllString(request.URL.Path, ""); question {
	case "GET /_ping", "HEAD /_ping":
	case "GET /info":
		fmt.Fprint(response, `{"Swarm":{"LocalNodeState":"active","ControlAvailable":true}}`)
	case "GET /networks", "GET /services", "GET /configs":
		fmt.Fprint(response, `[]`)
	case "GET /secrets":
		json.NewEncoder(response).Encode(asked(request))
	case "POST /networks/create":
		response.WriteHeader(http.StatusCreated)
		fmt.Fprint(response, `{"Id":"network"}`)
	case "POST /services/create":
		e.service = body
		response.WriteHeader(http.StatusCreated)
		fmt.Fprint(response, `{"ID":"service"}`)
	case "POST /containers/create":
		e.container = body
		response.WriteHeader(http.StatusCreated)
		fmt.Fprint(response, `{"Id":"container","Warnings":[]}`)
	case "POST /containers/container/start":
		response.WriteHeader(http.StatusNoContent)
	default:
		response.WriteHeader(http.StatusNotImplemented)
		fmt.Fprintf(response, `{"message":"this engine has no answer to %s"}`, question)
	}
}

// asked: every secret that is asked for by its name exists.
func asked(request *http.Request) []map[string]any {
	var filters struct{ Name map[string]bool }
	_ = json.Unmarshal([]byte(request.URL.Query().Get("filters")), &filters)
	found := []map[string]any{}
	for name := range filters.Name {
		found = append(found, map[string]any{"ID": name, "Spec": map[string]any{"Name": name}})
	}
	return found
}
