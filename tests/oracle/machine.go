// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"os"
	"sort"
	"syscall"

	"github.com/google/cadvisor/lib/machine"
	cadvisor "github.com/google/cadvisor/lib/model"
	"github.com/google/cadvisor/lib/utils/sysfs"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager/topology"
)

type machineCase struct {
	Root string `json:"root"` // a folder with a saved /sys and /proc; the process stays in it
}

// What the kubelet knows of a machine: cAdvisor reads it, the CPU manager puts its CPUs together.
func readMachine(asked machineCase) answer {
	if err := syscall.Chroot(asked.Root); err != nil {
		return answer{"error": err.Error()}
	}
	if err := os.Chdir("/"); err != nil {
		return answer{"error": err.Error()}
	}
	nodes, threads, err := machine.GetTopology(sysfs.NewRealSysFs())
	if err != nil {
		return answer{"error": err.Error()}
	}
	listing, _ := os.ReadFile("/proc/cpuinfo")
	info := &cadvisor.MachineInfo{Topology: nodes, NumCores: threads, NumSockets: machine.GetSockets(listing)}
	known, err := topology.Discover(logger, info)
	if err != nil {
		return answer{"error": err.Error()}
	}
	counts := []int{known.CPUsPerCore(), known.CPUsPerSocket(), known.CPUsPerUncore()}
	return answer{"cpus": rowsOf(known), "counts": counts, "numa": cellsOf(nodes)}
}

func rowsOf(known *topology.CPUTopology) [][5]int {
	rows := [][5]int{}
	for cpu, at := range known.CPUDetails {
		rows = append(rows, [5]int{cpu, at.CoreID, at.SocketID, at.NUMANodeID, at.UncoreCacheID})
	}
	sort.Slice(rows, func(i, j int) bool { return rows[i][0] < rows[j][0] })
	return rows
}

func cellsOf(nodes []cadvisor.Node) []numaNode {
	found := []numaNode{}
	for _, cell := range nodes {
		pages := map[uint64]uint64{}
		for _, one := range cell.HugePages {
			pages[one.PageSize] = one.NumPages
		}
		found = append(found, numaNode{ID: cell.Id, Distances: cell.Distances, Memory: cell.Memory, HugePages: pages})
	}
	return found
}
