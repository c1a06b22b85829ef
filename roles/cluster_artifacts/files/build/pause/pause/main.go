// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Program pause holds a pod's namespaces: it waits for a signal to end, and reaps what its pod leaves it, as the
// program of that name does in Kubernetes.
package main

import (
	"fmt"
	"os"
	"os/signal"
	"syscall"
)

var version = "1.0.0" // the table of versions has it, too

func main() {
	if len(os.Args) > 1 {
		fmt.Println("pause", version)
		return
	}
	signals := make(chan os.Signal, 16)
	signal.Notify(signals, syscall.SIGINT, syscall.SIGTERM, syscall.SIGCHLD)
	for one := range signals {
		if one != syscall.SIGCHLD {
			return
		}
		for {
			// One signal can stand for several processes.
			pid, err := syscall.Wait4(-1, nil, syscall.WNOHANG, nil)
			if pid <= 0 || err != nil {
				break
			}
		}
	}
}
