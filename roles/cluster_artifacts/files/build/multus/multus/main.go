// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Program multus is thin Multus, with a connection to the API server that stands before Multus needs it. Upstream gives each
// try to read the pod 0.25 s, the TCP and TLS handshakes of this new process included, and gives up after ten: a node far from
// its API server, or busy while pods start, loses its pods' first sandboxes, each for about 10 s until the kubelet tries again.
// Here the first request has its own, longer time, and what Multus asks then goes over the same connection.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/cni/pkg/version"
	"gopkg.in/k8snetworkplumbingwg/multus-cni.v4/pkg/k8sclient"
	"gopkg.in/k8snetworkplumbingwg/multus-cni.v4/pkg/multus"
)

// connectTime is how long the API server may need for the first answer; one that refuses the connection is told at once.
const connectTime = 10 * time.Second

func main() {
	// Without the options of packages that come along.
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	asked := flag.Bool("version", false, "Show application version")
	flag.Parse()
	if *asked {
		fmt.Printf("multus: %s\n", multus.PrintVersionString())
		return
	}
	skel.PluginMainFuncs(skel.CNIFuncs{Add: add, Del: del, Check: check, GC: gc, Status: status}, version.All,
		"meta-plugin that delegates to other CNI plugins")
}

// connected is a client whose connection stands; nil where Multus shall make its own and tell what is wrong.
func connected(args *skel.CmdArgs) *k8sclient.ClientInfo {
	conf := struct {
		Kubeconfig string `json:"kubeconfig"`
	}{}
	if json.Unmarshal(args.StdinData, &conf) != nil || conf.Kubeconfig == "" {
		return nil
	}
	pod := struct {
		types.CommonArgs
		K8S_POD_NAMESPACE, K8S_POD_NAME types.UnmarshallableString //nolint:revive // the names of CNI_ARGS
	}{CommonArgs: types.CommonArgs{IgnoreUnknown: true}}
	if types.LoadArgs(args.Args, &pod) != nil || pod.K8S_POD_NAME == "" {
		return nil
	}
	client, err := k8sclient.GetK8sClient(conf.Kubeconfig, nil)
	if err != nil {
		return nil
	}
	within, cancel := context.WithTimeout(context.Background(), connectTime)
	defer cancel()
	// Multus asks the same again, and tells what is wrong with the answer.
	_, _ = client.GetPodContext(within, string(pod.K8S_POD_NAMESPACE), string(pod.K8S_POD_NAME))
	return client
}

func add(args *skel.CmdArgs) error {
	result, err := multus.CmdAdd(args, nil, connected(args))
	if err != nil {
		return err
	}
	return result.Print()
}

func del(args *skel.CmdArgs) error {
	return multus.CmdDel(args, nil, connected(args))
}

func check(args *skel.CmdArgs) error {
	return multus.CmdCheck(args, nil, connected(args))
}

func gc(args *skel.CmdArgs) error {
	return multus.CmdGC(args, nil, nil)
}

func status(args *skel.CmdArgs) error {
	return multus.CmdStatus(args, nil, nil)
}
