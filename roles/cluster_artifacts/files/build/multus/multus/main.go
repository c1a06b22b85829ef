// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Program multus is thin Multus that waits for the API server. Upstream gives each try to read the pod 0.25 s, for which a new
// process must come up and have its TCP and TLS handshakes, and gives up after 2.5 s: a node far from its API server, or busy
// while pods start, loses its pods' first sandboxes, each for about 10 s until the kubelet tries again.
package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"time"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/version"
	"gopkg.in/k8snetworkplumbingwg/multus-cni.v4/pkg/k8sclient"
	"gopkg.in/k8snetworkplumbingwg/multus-cni.v4/pkg/multus"
	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	corev1 "k8s.io/client-go/kubernetes/typed/core/v1"
)

// answerTime is how long the API server may need to tell of a pod; one that refuses the connection is told at once.
const answerTime = 10 * time.Second

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

// patient is a client whose readings of a pod have answerTime, whatever their context says.
type patient struct{ kubernetes.Interface }

type patientCore struct{ corev1.CoreV1Interface }

type patientPods struct{ corev1.PodInterface }

func (p patient) CoreV1() corev1.CoreV1Interface {
	return patientCore{p.Interface.CoreV1()}
}

func (c patientCore) Pods(namespace string) corev1.PodInterface {
	return patientPods{c.CoreV1Interface.Pods(namespace)}
}

func (p patientPods) Get(ctx context.Context, name string, options metav1.GetOptions) (*v1.Pod, error) {
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), answerTime)
	defer cancel()
	return p.PodInterface.Get(within, name, options)
}

// client is what Multus asks; nil where it shall make its own and tell what is wrong with the configuration.
func client(args *skel.CmdArgs) *k8sclient.ClientInfo {
	conf := struct {
		Kubeconfig string `json:"kubeconfig"`
	}{}
	if json.Unmarshal(args.StdinData, &conf) != nil {
		return nil
	}
	made, err := k8sclient.GetK8sClient(conf.Kubeconfig, nil)
	if err != nil || made == nil {
		return nil
	}
	made.Client = patient{made.Client}
	return made
}

func add(args *skel.CmdArgs) error {
	result, err := multus.CmdAdd(args, nil, client(args))
	if err != nil {
		return err
	}
	return result.Print()
}

func del(args *skel.CmdArgs) error {
	return multus.CmdDel(args, nil, client(args))
}

func check(args *skel.CmdArgs) error {
	return multus.CmdCheck(args, nil, client(args))
}

func gc(args *skel.CmdArgs) error {
	return multus.CmdGC(args, nil, nil)
}

func status(args *skel.CmdArgs) error {
	return multus.CmdStatus(args, nil, nil)
}
