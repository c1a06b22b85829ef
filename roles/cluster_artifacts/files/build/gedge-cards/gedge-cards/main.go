// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Program gedge-cards offers cards to the kubelet: a device plugin that finds nothing out by itself. A JSON file, written by
// module gedge.engine.device_plugin, says which resource has which PCI devices; the plugin says which of them are alive, and
// gives a pod their device nodes or names its runtime what CDI calls them. It registers through the kubelet's folder of
// plugins, so that a kubelet that starts anew finds it again without its doing.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"log"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"time"

	"google.golang.org/grpc"
	v1beta1 "k8s.io/kubelet/pkg/apis/deviceplugin/v1beta1"
	registration "k8s.io/kubelet/pkg/apis/pluginregistration/v1"
)

var version = "1.0.0" // the table of versions has it, too

func main() {
	path := flag.String("config", "/etc/pcidp/gedge-cards.json", "what to offer")
	registry := flag.String("registry", "/var/lib/kubelet/plugins_registry", "the kubelet's folder for the sockets of plugins")
	root := flag.String("root", "/", "where sys and dev are")
	poll := flag.Duration("poll", 5*time.Second, "how often the cards are looked at")
	show := flag.Bool("version", false, "say the version")
	flag.Parse()
	if *show {
		fmt.Println("gedge-cards", version)
		return
	}
	log.SetFlags(0) // the journal has the time
	if err := run(*path, *registry, node{*root}, *poll); err != nil {
		log.Fatal(err)
	}
}

// run serves all resources until a signal, or until one of them fails.
func run(path, registry string, on node, poll time.Duration) error {
	asked, err := read(path)
	if err != nil {
		return err
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	ended := make(chan error, len(asked.Resources))
	for _, one := range asked.Resources {
		served := &plugin{resource: one, node: on, poll: poll, done: ctx.Done()}
		served.socket = filepath.Join(registry, strings.ReplaceAll(one.full(), "/", "_")+".sock")
		server, err := served.serve(ended)
		if err != nil {
			return fmt.Errorf("%s: %v", one.full(), err)
		}
		// Stop closes the socket, and so takes it out of the folder: the kubelet sees the plugin go.
		defer server.Stop()
	}
	select {
	case <-ctx.Done():
		return nil
	case err := <-ended:
		return err
	}
}

// plugin serves one resource.
type plugin struct {
	v1beta1.UnimplementedDevicePluginServer
	registration.UnimplementedRegistrationServer
	resource resource
	node     node
	poll     time.Duration
	socket   string
	done     <-chan struct{}
}

func (p *plugin) serve(ended chan<- error) (*grpc.Server, error) {
	// Of a run that was killed.
	if err := os.Remove(p.socket); err != nil && !errors.Is(err, os.ErrNotExist) {
		return nil, err
	}
	listener, err := net.Listen("unix", p.socket)
	if err != nil {
		return nil, err
	}
	server := grpc.NewServer()
	v1beta1.RegisterDevicePluginServer(server, p)
	registration.RegisterRegistrationServer(server, p)
	go func() { ended <- server.Serve(listener) }()
	return server, nil
}

// GetInfo tells the kubelet what is here.
func (p *plugin) GetInfo(context.Context, *registration.InfoRequest) (*registration.PluginInfo, error) {
	return &registration.PluginInfo{
		Type:              registration.DevicePlugin,
		Name:              p.resource.full(),
		Endpoint:          p.socket,
		SupportedVersions: []string{v1beta1.Version},
	}, nil
}

// NotifyRegistrationStatus hears what the kubelet made of it.
func (p *plugin) NotifyRegistrationStatus(_ context.Context, told *registration.RegistrationStatus) (*registration.RegistrationStatusResponse, error) {
	if told.PluginRegistered {
		log.Printf("%s: the kubelet knows %d cards", p.resource.full(), len(p.resource.Cards))
	} else {
		log.Printf("%s: the kubelet refuses it: %s", p.resource.full(), told.Error)
	}
	return &registration.RegistrationStatusResponse{}, nil
}

// GetDevicePluginOptions says that there are none.
func (p *plugin) GetDevicePluginOptions(context.Context, *v1beta1.Empty) (*v1beta1.DevicePluginOptions, error) {
	return &v1beta1.DevicePluginOptions{}, nil
}

// ListAndWatch tells all cards, and again whenever the health of one has changed.
func (p *plugin) ListAndWatch(_ *v1beta1.Empty, stream v1beta1.DevicePlugin_ListAndWatchServer) error {
	ticks := time.NewTicker(p.poll)
	defer ticks.Stop()
	var before map[string]string
	for {
		now := p.faults()
		if changed(before, now) {
			if err := stream.Send(p.list(now)); err != nil {
				return err
			}
			for _, one := range p.resource.Cards {
				if before[one.Address] != now[one.Address] {
					log.Printf("%s: %s %s", p.resource.full(), one.Address, cmp.Or(now[one.Address], "is well"))
				}
			}
			before = now
		}
		select {
		case <-p.done:
			return nil
		case <-stream.Context().Done():
			return nil
		case <-ticks.C:
		}
	}
}

// faults says of each card by its address what is wrong, "" where nothing is.
func (p *plugin) faults() map[string]string {
	found := map[string]string{}
	for _, one := range p.resource.Cards {
		found[one.Address] = ""
		if _, err := p.node.nodesOf(one); err != nil {
			found[one.Address] = err.Error()
		}
	}
	return found
}

func changed(before, now map[string]string) bool {
	for address, fault := range now {
		known, there := before[address]
		if !there || (known == "") != (fault == "") {
			return true
		}
	}
	return before == nil
}

func (p *plugin) list(faults map[string]string) *v1beta1.ListAndWatchResponse {
	told := &v1beta1.ListAndWatchResponse{}
	for _, one := range p.resource.Cards {
		device := &v1beta1.Device{ID: one.Address, Health: v1beta1.Healthy}
		if faults[one.Address] != "" {
			device.Health = v1beta1.Unhealthy
		}
		if one.Numa != nil && *one.Numa >= 0 {
			device.Topology = &v1beta1.TopologyInfo{Nodes: []*v1beta1.NUMANode{{ID: *one.Numa}}}
		}
		told.Devices = append(told.Devices, device)
	}
	return told
}

// Allocate gives cards to the containers of a pod.
func (p *plugin) Allocate(_ context.Context, asked *v1beta1.AllocateRequest) (*v1beta1.AllocateResponse, error) {
	given := &v1beta1.AllocateResponse{}
	for _, container := range asked.ContainerRequests {
		one, err := p.container(container.DevicesIds)
		if err != nil {
			return nil, fmt.Errorf("%s: %v", p.resource.full(), err)
		}
		given.ContainerResponses = append(given.ContainerResponses, one)
	}
	return given, nil
}

func (p *plugin) container(ids []string) (*v1beta1.ContainerAllocateResponse, error) {
	given := &v1beta1.ContainerAllocateResponse{Envs: map[string]string{p.resource.variable(): strings.Join(ids, ",")}}
	seen := map[string]bool{} // /dev/vfio/vfio is that of all cards
	for _, id := range ids {
		one, err := p.resource.card(id)
		if err != nil {
			return nil, err
		}
		paths, err := p.node.nodesOf(one)
		if err != nil {
			return nil, fmt.Errorf("%s %v", id, err)
		}
		for _, path := range paths {
			if !seen[path] {
				given.Devices = append(given.Devices, &v1beta1.DeviceSpec{ContainerPath: path, HostPath: path, Permissions: "rw"})
			}
			seen[path] = true
		}
		for _, name := range one.CDI {
			given.CdiDevices = append(given.CdiDevices, &v1beta1.CDIDevice{Name: name})
		}
	}
	return given, nil
}
