// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Package cpumanager: what the policies need of the manager that is left out.
package cpumanager

type policyName string
