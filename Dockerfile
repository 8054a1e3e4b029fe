# confd and confd-sidecar on the C library and nothing else: no shell, no package manager.
#
#   docker build --tag confd-sidecar .
#   docker build --tag confd-sidecar --build-arg CONFD=classic .
#   docker buildx build --tag confd-sidecar --platform linux/amd64,linux/arm64 .
#
# Health: the executable asks itself. In the image of a service, or on the command line (--health-cmd needs a shell):
#
#   HEALTHCHECK --interval=30s --timeout=6s --start-period=5m CMD ["/bin/confd-sidecar", "--healthcheck"]
#
# Nothing is emulated: both builders run on the build machine's own platform and write for the target's.

# Which confd: 'fork', the maintained one, or 'classic', the last release of the original.
ARG CONFD=fork
# What it is built with, and stands on. A release pins each by its digest: BASE=gcr.io/distroless/cc-debian12@sha256:...
ARG GO_IMAGE=golang:1.26-bookworm
ARG DENO_IMAGE=denoland/deno:2.9.6
ARG BASE=gcr.io/distroless/cc-debian12

FROM --platform=$BUILDPLATFORM ${GO_IMAGE} AS go
ARG TARGETARCH
ENV CGO_ENABLED=0 GOOS=linux GOARCH=$TARGETARCH GOFLAGS=-trimpath

FROM go AS confd-fork
ARG CONFD_VERSION=v0.41.1
# For another platform than its own, 'go install' writes to a folder below bin.
RUN go install -ldflags="-s -w -X main.Version=${CONFD_VERSION#v}" "github.com/abtreece/confd/cmd/confd@${CONFD_VERSION}" \
    && find /go/bin -name confd -type f -exec mv {} /confd ';' \
    && test -x /confd

# The classic confd has no go.mod: the versions of what it needs are pinned beside the tests, which use it too.
FROM go AS confd-classic
WORKDIR /src
COPY tests/tools/confd-classic/ ./
RUN go build -ldflags="-s -w" -o /confd github.com/kelseyhightower/confd

FROM confd-${CONFD} AS confd

FROM --platform=$BUILDPLATFORM ${DENO_IMAGE} AS sidecar
ARG TARGETARCH
WORKDIR /src
COPY deno.json deno.lock main.ts ./
COPY lib/ lib/
COPY tests/tools/compile.ts tests/tools/
RUN deno task compile "$TARGETARCH" && mv dist/confd-sidecar-* /confd-sidecar

# With the C library and libgcc_s, which the runtime inside the executable needs: 'static' would be too little.
FROM ${BASE}
LABEL org.opencontainers.image.title="confd-sidecar" \
    org.opencontainers.image.description="Runs a service, and reloads it when confd has changed its configuration files" \
    org.opencontainers.image.version="1.0.0" \
    org.opencontainers.image.licenses="Apache-2.0" \
    org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12"
COPY --from=confd /confd /bin/confd
COPY --from=sidecar /confd-sidecar /bin/confd-sidecar
# No USER, and no folders: both are the service's image's (docs/images.md, docs/decisions/0027-which-user.md).
ENTRYPOINT ["/bin/confd-sidecar"]
