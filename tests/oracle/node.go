// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"
	"os"
	"path/filepath"
	"reflect"
	"strconv"
	"unsafe"

	cadvisor "github.com/google/cadvisor/lib/model"
	v1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/api/resource"
	"k8s.io/apimachinery/pkg/types"
	"k8s.io/klog/v2"
	pluginapi "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
	"k8s.io/kubernetes/pkg/kubelet/cm/cpumanager"
	cpustate "k8s.io/kubernetes/pkg/kubelet/cm/cpumanager/state"
	"k8s.io/kubernetes/pkg/kubelet/cm/devicemanager"
	"k8s.io/kubernetes/pkg/kubelet/cm/memorymanager"
	memorystate "k8s.io/kubernetes/pkg/kubelet/cm/memorymanager/state"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/lifecycle"
	"k8s.io/utils/cpuset"
)

type nodeCase struct {
	Policy         string                       `json:"policy"`
	Scope          string                       `json:"scope"`
	Options        map[string]string            `json:"options"`
	CPUOptions     map[string]string            `json:"cpu_options"`
	CPUs           [][5]int                     `json:"cpus"`
	NUMA           []numaNode                   `json:"numa"`
	ReservedCPUs   []int                        `json:"reserved_cpus"`
	ReservedMemory map[int]map[string]uint64    `json:"reserved_memory"` // NUMA node -> resource -> bytes
	Devices        map[string]map[string]*[]int `json:"devices"`         // resource -> device -> NUMA nodes
	Steps          []stepCase                   `json:"steps"`
}

type stepCase struct {
	Add    *podCase `json:"add"`
	Remove string   `json:"remove"`
}

type podCase struct {
	Name       string          `json:"name"`
	Containers []containerCase `json:"containers"`
}

type containerCase struct {
	Name      string           `json:"name"`
	Role      string           `json:"role"` // "", "init" or "sidecar"
	CPU       string           `json:"cpu"`
	Memory    int64            `json:"memory"`
	HugePages map[string]int64 `json:"hugepages"` // "2Mi" -> bytes
	Devices   map[string]int64 `json:"devices"`
	Burst     bool             `json:"burst"` // twice the CPU as limit: the pod is not Guaranteed
}

type node struct {
	topology topologymanager.Manager
	cpu      cpumanager.Policy
	cpus     cpustate.State
	memory   memorymanager.Policy
	blocks   memorystate.State
	devices  *devicemanager.ManagerImpl
	active   map[string]*v1.Pod
	order    []string
	hints    map[string][]any // container (or "" for the pod) -> what each provider said
	folder   string
}

//go:linkname newDeviceManager k8s.io/kubernetes/pkg/kubelet/cm/devicemanager.newManagerImpl
func newDeviceManager(logger klog.Logger, socket string, cells []cadvisor.Node, store topologymanager.Store) (*devicemanager.ManagerImpl, error)

func runNode(asked nodeCase) answer {
	made, err := newNode(asked)
	if made.folder != "" {
		defer os.RemoveAll(made.folder)
	}
	if err != nil {
		return answer{"error": err.Error()}
	}
	steps := []any{}
	for _, step := range asked.Steps {
		if step.Add == nil {
			made.remove(step.Remove)
			steps = append(steps, nil)
			continue
		}
		steps = append(steps, made.add(podOf(*step.Add)))
	}
	return answer{"steps": steps}
}

func newNode(asked nodeCase) (*node, error) {
	made := &node{active: map[string]*v1.Pod{}}
	machine := cells(asked.NUMA)
	var err error
	made.topology, err = topologymanager.NewManager(logger, machine, asked.Policy, asked.Scope, asked.Options)
	if err != nil {
		return made, err
	}
	// In the kubelet's order: it decides which of several reasons a refused pod is told.
	if err := made.addDevices(asked, machine); err != nil {
		return made, err
	}
	if err := made.addCPUs(asked); err != nil {
		return made, err
	}
	return made, made.addMemory(asked, machine)
}

func (n *node) addCPUs(asked nodeCase) (err error) {
	known, reserved := cpuTopology(asked.CPUs), cpuset.New(asked.ReservedCPUs...)
	n.cpu, err = cpumanager.NewStaticPolicy(logger, known, reserved.Size(), reserved, n.topology, asked.CPUOptions)
	if err != nil {
		return err
	}
	n.cpus = cpustate.NewMemoryState(logger)
	n.topology.AddHintProvider(logger, cpuProvider{n})
	return n.cpu.Start(logger, n.cpus)
}

func (n *node) addMemory(asked nodeCase, machine []cadvisor.Node) (err error) {
	reserved := map[int]map[v1.ResourceName]uint64{}
	for id, sizes := range asked.ReservedMemory {
		reserved[id] = map[v1.ResourceName]uint64{}
		for name, size := range sizes {
			reserved[id][v1.ResourceName(name)] = size
		}
	}
	info := &cadvisor.MachineInfo{Topology: machine}
	n.memory, err = memorymanager.NewPolicyStatic(logger, info, reserved, n.topology)
	if err != nil {
		return err
	}
	n.blocks = memorystate.NewMemoryState(logger)
	n.topology.AddHintProvider(logger, memoryProvider{n})
	return n.memory.Start(logger, n.blocks)
}

func (n *node) addDevices(asked nodeCase, machine []cadvisor.Node) (err error) {
	if n.folder, err = os.MkdirTemp("", "oracle"); err != nil {
		return err
	}
	n.devices, err = newDeviceManager(logger, filepath.Join(n.folder, "kubelet.sock"), machine, n.topology)
	if err != nil {
		return err
	}
	field := reflect.ValueOf(n.devices).Elem().FieldByName("activePods")
	reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Set(reflect.ValueOf(devicemanager.ActivePodsFunc(n.pods)))
	for name, devices := range asked.Devices {
		if err := n.devices.PluginConnected(context.Background(), name, plugin{name: name}); err != nil {
			return err
		}
		n.devices.PluginListAndWatchReceiver(logger, name, &pluginapi.ListAndWatchResponse{Devices: pluginDevices(devices)})
	}
	n.topology.AddHintProvider(logger, deviceProvider{n})
	return nil
}

func pluginDevices(devices map[string]*[]int) []*pluginapi.Device {
	var found []*pluginapi.Device
	for id, numa := range devices {
		device := &pluginapi.Device{ID: id, Health: pluginapi.Healthy}
		if numa != nil {
			device.Topology = &pluginapi.TopologyInfo{}
			for _, cell := range *numa {
				device.Topology.Nodes = append(device.Topology.Nodes, &pluginapi.NUMANode{ID: int64(cell)})
			}
		}
		found = append(found, device)
	}
	return found
}

func (n *node) pods() []*v1.Pod {
	var found []*v1.Pod
	for _, pod := range n.active {
		found = append(found, pod)
	}
	return found
}

func (n *node) add(pod *v1.Pod) answer {
	n.active[pod.Name], n.hints = pod, map[string][]any{}
	verdict := n.topology.Admit(context.Background(), &lifecycle.PodAdmitAttributes{Pod: pod, Operation: lifecycle.AddOperation})
	found := answer{"admitted": verdict.Admit, "reason": verdict.Reason, "message": verdict.Message, "hints": n.hints}
	containers := answer{}
	for _, container := range all(pod) {
		containers[container.Name] = answer{
			"affinity": bitsOf(n.topology.GetAffinity(logger, string(pod.UID), container.Name).NUMANodeAffinity),
			"cpus":     cpusOf(n.cpus, pod, &container),
			"memory":   n.blocksOf(pod, &container),
			"devices":  n.devicesOf(pod, &container),
		}
	}
	found["containers"] = containers
	if !verdict.Admit {
		n.remove(pod.Name)
	}
	return found
}

// What the kubelet does for a pod that has ended or was turned away.
func (n *node) remove(name string) {
	pod := n.active[name]
	delete(n.active, name)
	if pod == nil {
		return
	}
	for _, container := range all(pod) {
		if err := n.cpu.RemoveContainer(logger, n.cpus, string(pod.UID), container.Name); err != nil {
			panic(err)
		}
		n.memory.RemoveContainer(logger, n.blocks, string(pod.UID), container.Name)
	}
}

func (n *node) blocksOf(pod *v1.Pod, container *v1.Container) []any {
	found := []any{}
	for _, block := range n.blocks.GetMemoryBlocks(string(pod.UID), container.Name) {
		found = append(found, answer{"numa": block.NUMAAffinity, "type": block.Type, "size": block.Size})
	}
	return found
}

func (n *node) devicesOf(pod *v1.Pod, container *v1.Container) answer {
	found := answer{}
	for name, devices := range n.devices.GetDevices(string(pod.UID), container.Name) {
		ids := []string{}
		for id := range devices {
			ids = append(ids, id)
		}
		found[name] = ids
	}
	return found
}

func all(pod *v1.Pod) []v1.Container {
	return append(append([]v1.Container{}, pod.Spec.InitContainers...), pod.Spec.Containers...)
}

func podOf(asked podCase) *v1.Pod {
	pod := &v1.Pod{}
	pod.Name, pod.Namespace, pod.UID = asked.Name, "default", types.UID(asked.Name)
	for _, one := range asked.Containers {
		container := v1.Container{Name: one.Name, Resources: resourcesOf(one)}
		switch one.Role {
		case "sidecar":
			always := v1.ContainerRestartPolicyAlways
			container.RestartPolicy = &always
			fallthrough
		case "init":
			pod.Spec.InitContainers = append(pod.Spec.InitContainers, container)
		default:
			pod.Spec.Containers = append(pod.Spec.Containers, container)
		}
	}
	return pod
}

func resourcesOf(asked containerCase) v1.ResourceRequirements {
	limits := v1.ResourceList{}
	limits[v1.ResourceCPU] = resource.MustParse(asked.CPU)
	limits[v1.ResourceMemory] = resource.MustParse(strconv.FormatInt(asked.Memory, 10))
	for size, bytes := range asked.HugePages {
		limits[v1.ResourceName("hugepages-"+size)] = resource.MustParse(strconv.FormatInt(bytes, 10))
	}
	for name, count := range asked.Devices {
		limits[v1.ResourceName(name)] = *resource.NewQuantity(count, resource.DecimalSI)
	}
	requests := limits.DeepCopy()
	if asked.Burst {
		more := limits[v1.ResourceCPU]
		more.Add(limits[v1.ResourceCPU])
		limits[v1.ResourceCPU] = more
	}
	return v1.ResourceRequirements{Limits: limits, Requests: requests}
}
