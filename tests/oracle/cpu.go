// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"strconv"

	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager/state"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager/topology"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/lifecycle"
	"k8s.io/utils/cpuset"
)

type cpuCase struct {
	CPUs     [][5]int          `json:"cpus"` // CPU, core, socket, NUMA node, uncore cache
	Options  map[string]string `json:"options"`
	Reserved []int             `json:"reserved"`
	Reserve  int               `json:"reserve"` // so many CPUs where Reserved names none
	Shared   []int             `json:"shared"`  // the default CPU set: all that no container has for itself
	Request  int               `json:"request"`
	Affinity *[]int            `json:"affinity"`
}

// The store of one affinity.
type store struct{ hint topologymanager.TopologyHint }

func (s store) GetAffinity(klog.Logger, string, string) topologymanager.TopologyHint { return s.hint }
func (s store) GetPolicy() topologymanager.Policy {
	return topologymanager.NewBestEffortPolicy(&topologymanager.NUMAInfo{}, topologymanager.PolicyOptions{})
}
func (s store) Name() string { return "container" }

func takeCPUs(asked cpuCase) answer {
	known := cpuTopology(asked.CPUs)
	affinity := store{topologymanager.TopologyHint{NUMANodeAffinity: maskOf(asked.Affinity), Preferred: true}}
	reserve := max(asked.Reserve, len(asked.Reserved))
	policy, err := cpumanager.NewStaticPolicy(logger, known, reserve, cpuset.New(asked.Reserved...), affinity, asked.Options)
	if err != nil {
		return answer{"error": err.Error()}
	}
	kept := state.NewMemoryState(logger)
	allocatable := policy.GetAllocatableCPUs(kept)
	kept.SetDefaultCPUSet(cpuset.New(asked.Shared...))
	pod := podOf(podCase{Name: "pod", Containers: []containerCase{{Name: "main", CPU: strconv.Itoa(asked.Request), Memory: 1}}})
	container := &pod.Spec.Containers[0]
	found := answer{"allocatable": allocatable.List()}
	found["hints"] = plainHints(policy.GetTopologyHints(logger, kept, pod, container, lifecycle.AddOperation))
	if err := policy.Allocate(logger, kept, pod, container, lifecycle.AddOperation); err != nil {
		found["error"] = err.Error()
		return found
	}
	found["cpus"] = cpusOf(kept, pod, container)
	return found
}

func cpusOf(kept state.State, pod *v1.Pod, container *v1.Container) []int {
	taken, _ := kept.GetCPUSet(string(pod.UID), container.Name)
	return taken.List()
}

// As topology.Discover does it.
func cpuTopology(rows [][5]int) *topology.CPUTopology {
	details := topology.CPUDetails{}
	for _, row := range rows {
		details[row[0]] = topology.CPUInfo{CoreID: row[1], SocketID: row[2], NUMANodeID: row[3], UncoreCacheID: row[4]}
	}
	return &topology.CPUTopology{
		NumCPUs:        len(details),
		NumCores:       details.Cores().Size(),
		NumUncoreCache: details.UncoreCaches().Size(),
		NumSockets:     details.Sockets().Size(),
		NumNUMANodes:   details.NUMANodes().Size(),
		CPUDetails:     details,
	}
}
