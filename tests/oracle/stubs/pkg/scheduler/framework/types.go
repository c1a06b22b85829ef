// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Package framework stands for the scheduler's, of which the device manager corrects a record after it has decided.
package framework

import v1 "k8s.io/api/core/v1"

type NodeInfo struct{ Allocatable *Resource }

type Resource struct{ ScalarResources map[v1.ResourceName]int64 }

func (r *Resource) Clone() *Resource { return r }
