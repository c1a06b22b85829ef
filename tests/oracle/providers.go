// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

package main

import (
	"context"

	"google.golang.org/grpc"
	v1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	pluginapi "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
	"k8s.io/kubernetes/pkg/kubelet/cm/topologymanager"
	"k8s.io/kubernetes/pkg/kubelet/lifecycle"
)

// What the managers hand on to their policies, without their checkpoints and loops.

type hints = map[string][]topologymanager.TopologyHint

func (n *node) told(container, provider string, found hints) hints {
	n.hints[container] = append(n.hints[container], answer{"provider": provider, "hints": plainHints(found)})
	return found
}

type cpuProvider struct{ *node }

func (p cpuProvider) GetTopologyHints(_ klog.Logger, pod *v1.Pod, c *v1.Container, op lifecycle.Operation) hints {
	return p.told(c.Name, "cpu", p.cpu.GetTopologyHints(logger, p.cpus, pod, c, op))
}

func (p cpuProvider) GetPodTopologyHints(_ klog.Logger, pod *v1.Pod, op lifecycle.Operation) hints {
	return p.told("", "cpu", p.cpu.GetPodTopologyHints(logger, p.cpus, pod, op))
}

func (p cpuProvider) Allocate(_ context.Context, pod *v1.Pod, c *v1.Container, op lifecycle.Operation) error {
	return p.cpu.Allocate(logger, p.cpus, pod, c, op)
}

func (p cpuProvider) AllocatePod(_ klog.Logger, pod *v1.Pod, op lifecycle.Operation) error {
	return p.cpu.AllocatePod(logger, p.cpus, pod, op)
}

type memoryProvider struct{ *node }

func (p memoryProvider) GetTopologyHints(_ klog.Logger, pod *v1.Pod, c *v1.Container, op lifecycle.Operation) hints {
	return p.told(c.Name, "memory", p.memory.GetTopologyHints(logger, p.blocks, pod, c, op))
}

func (p memoryProvider) GetPodTopologyHints(_ klog.Logger, pod *v1.Pod, op lifecycle.Operation) hints {
	return p.told("", "memory", p.memory.GetPodTopologyHints(logger, p.blocks, pod, op))
}

func (p memoryProvider) Allocate(ctx context.Context, pod *v1.Pod, c *v1.Container, op lifecycle.Operation) error {
	return p.memory.Allocate(ctx, p.blocks, pod, c, op)
}

func (p memoryProvider) AllocatePod(_ klog.Logger, pod *v1.Pod, op lifecycle.Operation) error {
	return p.memory.AllocatePod(logger, p.blocks, pod, op)
}

type deviceProvider struct{ *node }

func (p deviceProvider) GetTopologyHints(_ klog.Logger, pod *v1.Pod, c *v1.Container, op lifecycle.Operation) hints {
	return p.told(c.Name, "devices", p.devices.GetTopologyHints(logger, pod, c, op))
}

func (p deviceProvider) GetPodTopologyHints(_ klog.Logger, pod *v1.Pod, op lifecycle.Operation) hints {
	return p.told("", "devices", p.devices.GetPodTopologyHints(logger, pod, op))
}

func (p deviceProvider) Allocate(ctx context.Context, pod *v1.Pod, c *v1.Container, op lifecycle.Operation) error {
	return p.devices.Allocate(ctx, pod, c, op)
}

func (p deviceProvider) AllocatePod(_ klog.Logger, pod *v1.Pod, op lifecycle.Operation) error {
	return p.devices.AllocatePod(logger, pod, op)
}

// A device plugin that grants all and prefers nothing. What it does not implement panics.
type plugin struct {
	pluginapi.DevicePluginClient
	name string
}

func (p plugin) API() pluginapi.DevicePluginClient { return p }
func (p plugin) Resource() string                  { return p.name }
func (p plugin) SocketPath() string                { return "/nowhere/" + p.name }

func (p plugin) GetDevicePluginOptions(context.Context, *pluginapi.Empty, ...grpc.CallOption) (*pluginapi.DevicePluginOptions, error) {
	return &pluginapi.DevicePluginOptions{}, nil
}

func (p plugin) Allocate(_ context.Context, asked *pluginapi.AllocateRequest, _ ...grpc.CallOption) (*pluginapi.AllocateResponse, error) {
	return &pluginapi.AllocateResponse{ContainerResponses: []*pluginapi.ContainerAllocateResponse{{}}}, nil
}
