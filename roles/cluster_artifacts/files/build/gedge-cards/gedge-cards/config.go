// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"
)

// config is what there is to offer.
type config struct {
	Resources []resource `json:"resourceList"`
}

// resource is what a pod asks for by name.
type resource struct {
	Prefix string `json:"resourcePrefix"`
	Name   string `json:"resourceName"`
	Cards  []card `json:"cards"`
}

// card is one PCI device.
type card struct {
	Address string   `json:"address"`
	Driver  string   `json:"driver"` // without it, or with another one, the card is not well
	Numa    *int64   `json:"numa"`   // nil: unknown
	Nodes   []string `json:"nodes"`  // globs below its folder in sysfs, such as uio/uio*: its device nodes
	CDI     []string `json:"cdi"`    // full names, such as nvidia.com/gpu=GPU-...
}

func read(path string) (*config, error) {
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	asked := &config{}
	if err := json.Unmarshal(text, asked); err != nil {
		return nil, fmt.Errorf("%s: %v", path, err)
	}
	if len(asked.Resources) == 0 {
		return nil, fmt.Errorf("%s: has no resources", path)
	}
	for _, one := range asked.Resources {
		if one.Prefix == "" || one.Name == "" {
			return nil, fmt.Errorf("%s: a resource has no resourcePrefix or no resourceName", path)
		}
	}
	return asked, nil
}

func (r resource) full() string {
	return r.Prefix + "/" + r.Name
}

// variable tells a pod its cards by their addresses; the SR-IOV device plugin calls it the same.
func (r resource) variable() string {
	return "PCIDEVICE_" + strings.NewReplacer(".", "_", "-", "_", "/", "_").Replace(strings.ToUpper(r.full()))
}

func (r resource) card(address string) (card, error) {
	for _, one := range r.Cards {
		if one.Address == address {
			return one, nil
		}
	}
	return card{}, fmt.Errorf("has no card %s", address)
}
