// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Asks the kubelet's own code whether it would start with a configuration on a machine. Reads one JSON case per line and
// prints one JSON answer per line: a file and drop-ins go through the kubelet's loading, merging, defaults and validation,
// its managers are made in its order (cmd/kubelet/app/server.go run, pkg/kubelet/cm/container_manager_linux.go), and
// started over a folder of state files. A case can have a second configuration, which is started over what the first left.
package main

import (
	"bufio"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"
	_ "unsafe" // for go:linkname

	cadvisor "github.com/google/cadvisor/lib/model"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	utilfeature "k8s.io/apiserver/pkg/util/feature"
	"k8s.io/klog/v2"
	kubeletapp "k8s.io/kubernetes/cmd/kubelet/app"
	kubeletconfig "k8s.io/kubernetes/pkg/kubelet/apis/config"
	"k8s.io/kubernetes/pkg/kubelet/apis/config/validation"
	_ "k8s.io/kubernetes/pkg/kubelet/cm"
	"k8s.io/kubernetes/pkg/kubelet/cm/containermap"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/memorymanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/eviction"
	evictionapi "k8s.io/kubernetes/pkg/kubelet/eviction/api"
	"k8s.io/utils/cpuset"
)

type answer = map[string]any

type setting struct {
	File    string            `json:"file"`    // the text of what --config names
	DropIns map[string]string `json:"dropins"` // name -> text, in the folder of --config-dir
}

type question struct {
	setting
	Second *setting   `json:"second"`
	CPUs   [][5]int   `json:"cpus"` // CPU, core, socket, NUMA node, uncore cache
	NUMA   []numaNode `json:"numa"`
	Memory uint64     `json:"memory"`
}

type numaNode struct {
	ID        int               `json:"id"`
	Distances []uint64          `json:"distances"`
	Memory    uint64            `json:"memory"`
	HugePages map[uint64]uint64 `json:"hugepages"` // KiB -> pages
}

//go:linkname loadConfigFile k8s.io/kubernetes/cmd/kubelet/app.loadConfigFile
func loadConfigFile(ctx context.Context, name string) (*kubeletconfig.KubeletConfiguration, error)

//go:linkname mergeKubeletConfigurations k8s.io/kubernetes/cmd/kubelet/app.mergeKubeletConfigurations
func mergeKubeletConfigurations(config *kubeletconfig.KubeletConfiguration, folder string) ([]string, error)

//go:linkname getReservedCPUs k8s.io/kubernetes/cmd/kubelet/app.getReservedCPUs
func getReservedCPUs(logger klog.Logger, machine *cadvisor.MachineInfo, cpus string) (cpuset.CPUSet, error)

//go:linkname parseResourceList k8s.io/kubernetes/cmd/kubelet/app.parseResourceList
func parseResourceList(amounts map[string]string) (v1.ResourceList, error)

//go:linkname hardEvictionReservation k8s.io/kubernetes/pkg/kubelet/cm.hardEvictionReservation
func hardEvictionReservation(thresholds []evictionapi.Threshold, capacity v1.ResourceList) v1.ResourceList

// Keeps the package of the functions above in the program.
var _ = kubeletapp.NewKubeletCommand

var logger klog.Logger // its zero value is silent

var gates = map[string]bool{
	"CPUManagerPolicyAlphaOptions": false, "CPUManagerPolicyBetaOptions": true,
	"TopologyManagerPolicyAlphaOptions": false, "TopologyManagerPolicyBetaOptions": true,
}

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

// A panic is a refusal too.
func guarded(line []byte) (found answer) {
	defer func() {
		if fault := recover(); fault != nil {
			found = answer{"refused": fmt.Sprintf("panic: %v", fault)}
		}
	}()
	var asked question
	if err := json.Unmarshal(line, &asked); err != nil {
		panic(err)
	}
	root, err := os.MkdirTemp("", "oracle")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(root)
	machine := machineOf(asked)
	if found = start(asked.setting, machine, root); found["refused"] == nil && asked.Second != nil {
		found["second"] = start(*asked.Second, machine, root)
	}
	return found
}

// What a kubelet does until its managers run.
func start(asked setting, machine *cadvisor.MachineInfo, root string) answer {
	config, err := load(asked)
	if err != nil {
		return answer{"refused": "load: " + err.Error()}
	}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(gates); err != nil {
		panic(err)
	}
	if err := utilfeature.DefaultMutableFeatureGate.SetFromMap(config.FeatureGates); err != nil {
		return answer{"refused": "gates: " + err.Error()}
	}
	if err := validation.ValidateKubeletConfiguration(config, utilfeature.DefaultFeatureGate); err != nil {
		return answer{"refused": "validation: " + err.Error()}
	}
	listed, capacity, kept, err := reservation(config, machine)
	if err != nil {
		return answer{"refused": "reservation: " + err.Error()}
	}
	found, err := managers(config, machine, listed, kept, root)
	if err != nil {
		return answer{"refused": "managers: " + err.Error()}
	}
	for name, size := range kept {
		left := capacity[name].DeepCopy()
		if left.Sub(size); left.Sign() < 0 {
			return answer{"refused": fmt.Sprintf("allocatable: %s of %v is reserved", &size, name)}
		}
		found["allocatable "+string(name)] = left.String()
	}
	return found
}

func load(asked setting) (*kubeletconfig.KubeletConfiguration, error) {
	folder, err := os.MkdirTemp("", "oracle-config")
	if err != nil {
		panic(err)
	}
	defer os.RemoveAll(folder)
	write(filepath.Join(folder, "config.yaml"), asked.File)
	config, err := loadConfigFile(context.Background(), filepath.Join(folder, "config.yaml"))
	if err != nil || len(asked.DropIns) == 0 {
		return config, err
	}
	for name, text := range asked.DropIns {
		write(filepath.Join(folder, "conf.d", name), text)
	}
	_, err = mergeKubeletConfigurations(config, filepath.Join(folder, "conf.d"))
	return config, err
}

func write(path, text string) {
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		panic(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		panic(err)
	}
}

// As run and GetNodeAllocatableReservation do it; both are in the middle of what needs a cluster and cgroups.
func reservation(config *kubeletconfig.KubeletConfiguration, machine *cadvisor.MachineInfo) (cpuset.CPUSet, v1.ResourceList, v1.ResourceList, error) {
	listed, err := getReservedCPUs(logger, machine, config.ReservedSystemCPUs)
	if err != nil {
		return listed, nil, nil, err
	}
	if listed.Size() > 0 {
		delete(config.KubeReserved, "cpu")
		if config.SystemReserved == nil {
			config.SystemReserved = map[string]string{}
		}
		config.SystemReserved["cpu"] = strconv.Itoa(listed.Size())
	}
	capacity := v1.ResourceList{
		v1.ResourceCPU:    *resource.NewMilliQuantity(int64(machine.NumCores*1000), resource.DecimalSI),
		v1.ResourceMemory: *resource.NewQuantity(int64(machine.MemoryCapacity), resource.BinarySI),
	}
	thresholds, err := eviction.ParseThresholdConfig([]string{}, config.EvictionHard, nil, nil, nil)
	if err != nil {
		return listed, nil, nil, err
	}
	lists := []v1.ResourceList{hardEvictionReservation(thresholds, capacity)}
	for _, amounts := range []map[string]string{config.KubeReserved, config.SystemReserved} {
		list, err := parseResourceList(amounts)
		if err != nil {
			return listed, nil, nil, err
		}
		lists = append(lists, list)
	}
	kept := v1.ResourceList{}
	for name := range capacity {
		total := resource.NewQuantity(0, resource.DecimalSI)
		for _, list := range lists {
			total.Add(list[name])
		}
		if !total.IsZero() {
			kept[name] = *total
		}
	}
	return listed, capacity, kept, nil
}

type ready struct{}

func (ready) AddSource(string) {}
func (ready) AllReady() bool   { return true }

func noPods() []*v1.Pod { return nil }

func managers(config *kubeletconfig.KubeletConfiguration, machine *cadvisor.MachineInfo, listed cpuset.CPUSet, kept v1.ResourceList, root string) (answer, error) {
	store, err := topologymanager.NewManager(logger, machine.Topology, config.TopologyManagerPolicy, config.TopologyManagerScope, config.TopologyManagerPolicyOptions)
	if err != nil {
		return nil, err
	}
	cpu, err := cpumanager.NewManager(logger, config.CPUManagerPolicy, config.CPUManagerPolicyOptions, time.Hour, machine, listed, kept, root, store)
	if err != nil {
		return nil, err
	}
	memory, err := memorymanager.NewManager(logger, config.MemoryManagerPolicy, machine, kept, config.ReservedMemory, root, store)
	if err != nil {
		return nil, err
	}
	found, stale := answer{}, answer{}
	if err := cpu.Start(context.Background(), noPods, ready{}, nil, nil, containermap.NewContainerMap()); err != nil {
		stale["cpu_manager_state"] = err.Error()
	} else {
		found["allocatable_cpus"] = cpu.GetAllocatableCPUs().String()
	}
	if err := memory.Start(context.Background(), noPods, ready{}, nil, nil, containermap.NewContainerMap()); err != nil {
		stale["memory_manager_state"] = err.Error()
	}
	states := map[string]string{}
	for _, name := range []string{"cpu_manager_state", "memory_manager_state"} {
		text, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			panic(err)
		}
		states[name] = string(text)
	}
	found["stale"], found["states"], found["reserved_memory"] = stale, states, config.ReservedMemory
	return found, nil
}

func machineOf(asked question) *cadvisor.MachineInfo {
	machine := &cadvisor.MachineInfo{NumCores: len(asked.CPUs), MemoryCapacity: asked.Memory}
	sockets := map[int]bool{}
	for _, one := range asked.NUMA {
		cell := cadvisor.Node{Id: one.ID, Memory: one.Memory, Distances: one.Distances}
		for size, count := range one.HugePages {
			cell.HugePages = append(cell.HugePages, cadvisor.HugePagesInfo{PageSize: size, NumPages: count})
		}
		cores := map[int]*cadvisor.Core{}
		order := []int{}
		for _, row := range asked.CPUs {
			if row[3] != one.ID {
				continue
			}
			sockets[row[2]] = true
			if cores[row[1]] == nil {
				cores[row[1]] = &cadvisor.Core{Id: row[1], SocketID: row[2]}
				order = append(order, row[1])
			}
			cores[row[1]].Threads = append(cores[row[1]].Threads, row[0])
		}
		for _, id := range order {
			cell.Cores = append(cell.Cores, *cores[id])
		}
		machine.Topology = append(machine.Topology, cell)
	}
	machine.NumSockets = len(sockets)
	return machine
}
