// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	cadvisor "github.com/google/cadvisor/lib/model"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager/bitmask"
)

// One hint: [NUMA ids or null, preferred].
type hint struct {
	Affinity  *[]int `json:"affinity"`
	Preferred bool   `json:"preferred"`
}

type mergeCase struct {
	Policy    string              `json:"policy"`
	Options   map[string]string   `json:"options"`
	NUMA      []numaNode          `json:"numa"`
	Providers []map[string][]hint `json:"providers"`
}

type numaNode struct {
	ID        int               `json:"id"`
	Distances []uint64          `json:"distances"`
	Memory    uint64            `json:"memory"`
	HugePages map[uint64]uint64 `json:"hugepages"` // kB -> pages
}

func cells(nodes []numaNode) []cadvisor.Node {
	var found []cadvisor.Node
	for _, node := range nodes {
		cell := cadvisor.Node{Id: node.ID, Distances: node.Distances, Memory: node.Memory}
		for size, pages := range node.HugePages {
			cell.HugePages = append(cell.HugePages, cadvisor.HugePagesInfo{PageSize: size, NumPages: pages})
		}
		found = append(found, cell)
	}
	return found
}

func merge(asked mergeCase) answer {
	manager, err := topologymanager.NewManager(logger, cells(asked.NUMA), asked.Policy, "container", asked.Options)
	if err != nil {
		return answer{"error": err.Error()}
	}
	var providers []map[string][]topologymanager.TopologyHint
	for _, resources := range asked.Providers {
		providers = append(providers, kubeletHints(resources))
	}
	best, admitted := manager.GetPolicy().Merge(logger, providers)
	return answer{"admitted": admitted, "affinity": bitsOf(best.NUMANodeAffinity), "preferred": best.Preferred}
}

func kubeletHints(resources map[string][]hint) map[string][]topologymanager.TopologyHint {
	if resources == nil {
		return nil
	}
	found := map[string][]topologymanager.TopologyHint{}
	for name, hints := range resources {
		if hints == nil {
			found[name] = nil
			continue
		}
		found[name] = []topologymanager.TopologyHint{}
		for _, one := range hints {
			found[name] = append(found[name], topologymanager.TopologyHint{
				NUMANodeAffinity: maskOf(one.Affinity), Preferred: one.Preferred})
		}
	}
	return found
}

// A nil interface, not a nil pointer in one: the kubelet tells them apart.
func maskOf(ids *[]int) bitmask.BitMask {
	if ids == nil {
		return nil
	}
	mask, err := bitmask.NewBitMask(*ids...)
	if err != nil {
		panic(err)
	}
	return mask
}

func bitsOf(mask bitmask.BitMask) any {
	if mask == nil {
		return nil
	}
	return append([]int{}, mask.GetBits()...)
}

func plainHints(resources map[string][]topologymanager.TopologyHint) any {
	if resources == nil {
		return nil
	}
	found := answer{}
	for name, hints := range resources {
		if hints == nil {
			found[name] = nil
			continue
		}
		list := []any{}
		for _, one := range hints {
			list = append(list, []any{bitsOf(one.NUMANodeAffinity), one.Preferred})
		}
		found[name] = list
	}
	return found
}
