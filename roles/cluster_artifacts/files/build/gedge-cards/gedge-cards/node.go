// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"fmt"
	"os"
	"path/filepath"
	"sort"
	"strings"
)

const (
	vfio          = "vfio-pci"
	vfioContainer = "/dev/vfio/vfio"
)

// node is what there is on this node, looked up anew each time: device nodes are numbered as drivers come, so that
// /dev/uio0 may be another card's after a reboot.
type node struct {
	root string
}

// nodesOf gives the paths of a card's device nodes: those of vfio-pci, and those that the globs match. An error says why the
// card is not well.
func (n node) nodesOf(one card) ([]string, error) {
	folder := "/sys/bus/pci/devices/" + one.Address
	if _, err := os.Stat(n.at(folder)); err != nil {
		return nil, fmt.Errorf("is gone: %s is not there", folder)
	}
	if bound := n.link(folder + "/driver"); bound != one.Driver {
		return nil, fmt.Errorf("has driver %q, it was offered with %q", bound, one.Driver)
	}
	paths, err := n.matching(folder, one.Nodes)
	if err != nil {
		return nil, err
	}
	if one.Driver == vfio {
		paths = append(paths, vfioContainer, "/dev/vfio/"+n.link(folder+"/iommu_group"))
	}
	for _, path := range paths {
		if info, err := os.Stat(n.at(path)); err != nil || info.IsDir() {
			return nil, fmt.Errorf("has no device node %s", path)
		}
	}
	return paths, nil
}

// matching gives a path for each glob's matches: the name that the kernel tells in their uevent.
func (n node) matching(folder string, globs []string) ([]string, error) {
	var paths []string
	for _, glob := range globs {
		found, err := filepath.Glob(filepath.Join(n.at(folder), glob, "uevent"))
		if err != nil {
			return nil, fmt.Errorf("cannot be looked at: %s: %v", glob, err)
		}
		before := len(paths)
		for _, path := range found {
			if name := deviceName(path); name != "" {
				paths = append(paths, "/dev/"+name)
			}
		}
		if len(paths) == before {
			return nil, fmt.Errorf("has no device node: nothing fits %s/%s", folder, glob)
		}
	}
	sort.Strings(paths)
	return paths, nil
}

func deviceName(uevent string) string {
	text, err := os.ReadFile(uevent)
	if err != nil {
		return ""
	}
	for _, line := range strings.Split(string(text), "\n") {
		if name, ok := strings.CutPrefix(line, "DEVNAME="); ok {
			return name
		}
	}
	return ""
}

// link gives the last word of a link's target, "" where there is none.
func (n node) link(path string) string {
	target, err := os.Readlink(n.at(path))
	if err != nil {
		return ""
	}
	return filepath.Base(target)
}

func (n node) at(path string) string {
	return filepath.Join(n.root, path)
}
