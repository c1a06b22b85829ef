// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Package container stands for the kubelet's, of which the device manager uses some records to pass on what a plugin
// answered. They decide nothing.
package container

type EnvVar struct{ Name, Value string }

type Annotation struct{ Name, Value string }

type CDIDevice struct{ Name string }

type DeviceInfo struct{ PathOnHost, PathInContainer, Permissions string }

type Mount struct {
	Name, ContainerPath, HostPath string
	ReadOnly, SELinuxRelabel      bool
}
