// Package artifact keeps the bytes of artifacts (wfe.Artifact): in a directory, as
// an OCI image layout (OpenLayout), or in a repository of an OCI registry
// (NewRegistry). Give one of them to a host:
//
//	artifacts, err := artifact.OpenLayout("artifacts", artifact.Config{})
//	h := wfe.NewHost(st, wfe.Config{Artifacts: artifacts})
//
// Both hold, for each artifact, its bytes as one layer, and a manifest whose tag is
// the digest of the bytes with a dash for the colon, so that any tool for OCI
// content reads them.
//
// Guarantees:
//   - Bytes stream: what is in memory at a time does not depend on their number.
//   - What Open returns was compared with the digest as a whole before.
//   - A process that is killed while it writes, or a power cut, leaves a valid
//     layout, and no part of a blob under its name.
//   - Equal bytes are kept once. Equal directories make equal bytes.
//   - An archive is unpacked as a whole or not at all, writes nowhere but in its
//     directory, and holds no link that leads out of it.
//
// Not here: encryption, deltas, deduplication of parts.
package artifact
