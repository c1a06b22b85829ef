// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// The oracle: asks the kubelet's own packages. Reads one JSON case per line and prints one JSON answer per line.
//
//	merge    hints of providers -> the Topology Manager's decision
//	cpu      free CPUs, a request, an affinity -> the static CPU manager's hints and CPUs
//	node     pods, one after the other, through the Topology Manager with the real CPU, memory and device managers
//	machine  a saved /sys and /proc -> the CPUs and NUMA nodes that the kubelet sees (needs root, for chroot)
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"time"

	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/klog/v2"
)

// No decision takes as long: who needs more is in one of the kubelet's endless loops.
const limit = 5 * time.Second

var logger klog.Logger // its zero value is silent

type answer = map[string]any

func main() {
	silence()
	input := bufio.NewReaderSize(os.Stdin, 1<<20)
	output := bufio.NewWriter(os.Stdout)
	defer output.Flush()
	for {
		line, err := input.ReadBytes('\n')
		if len(line) > 1 {
			text, _ := json.Marshal(guarded(line))
			fmt.Fprintf(output, "%s\n", text)
		}
		if err != nil {
			return
		}
	}
}

// Without flags klog writes to stderr, whatever its output is set to.
func silence() {
	flags := flag.NewFlagSet("klog", flag.PanicOnError)
	klog.InitFlags(flags)
	for name, value := range map[string]string{"logtostderr": "false", "stderrthreshold": "FATAL"} {
		if err := flags.Set(name, value); err != nil {
			panic(err)
		}
	}
	klog.SetOutput(io.Discard)
}

// An error, a panic and an endless loop are decisions too.
func guarded(line []byte) answer {
	done := make(chan answer, 1)
	go func() {
		defer func() {
			if fault := recover(); fault != nil {
				done <- answer{"error": fmt.Sprintf("panic: %v", fault)}
			}
		}()
		done <- decide(line)
	}()
	select {
	case found := <-done:
		return found
	case <-time.After(limit):
		return answer{"error": "endless"}
	}
}

func decide(line []byte) answer {
	var head struct {
		Kind  string `json:"kind"`
		Alpha bool   `json:"alpha"`
	}
	if err := json.Unmarshal(line, &head); err != nil {
		return answer{"error": err.Error()}
	}
	gates := map[string]bool{"CPUManagerPolicyAlphaOptions": head.Alpha}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(gates); err != nil {
		return answer{"error": err.Error()}
	}
	switch head.Kind {
	case "merge":
		return with(line, merge)
	case "cpu":
		return with(line, takeCPUs)
	case "node":
		return with(line, runNode)
	case "machine":
		return with(line, readMachine)
	}
	return answer{"error": "no such kind: " + head.Kind}
}

func with[T any](line []byte, do func(T) answer) answer {
	var asked T
	if err := json.Unmarshal(line, &asked); err != nil {
		return answer{"error": err.Error()}
	}
	return do(asked)
}
