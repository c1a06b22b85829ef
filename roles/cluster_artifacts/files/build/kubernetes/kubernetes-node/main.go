// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// What a node needs in one binary, linked once. It is the program by whose name it is called, through a link for example;
// called by another name: kubernetes-node NAME [FLAG...].
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"path/filepath"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
	_ "k8s.io/client-go/plugin/pkg/client/auth"
	"k8s.io/component-base/cli"
	"k8s.io/component-base/logs"
	_ "k8s.io/component-base/logs/json/register"
	_ "k8s.io/component-base/metrics/prometheus/clientgo"
	_ "k8s.io/component-base/metrics/prometheus/version"
	"k8s.io/kubectl/pkg/cmd"
	"k8s.io/kubectl/pkg/cmd/util"
	proxy "k8s.io/kubernetes/cmd/kube-proxy/app"
	kubeadm "k8s.io/kubernetes/cmd/kubeadm/app"
	kubeadmerrors "k8s.io/kubernetes/cmd/kubeadm/app/util/errors"
	kubelet "k8s.io/kubernetes/cmd/kubelet/app"
)

func run(command *cobra.Command) { os.Exit(cli.Run(command)) }

// Packages of the kubelet and of kube-proxy leave flags of theirs (cAdvisor's, --version) where these two would offer them.
func withoutFlagsOfOthers() {
	flag.CommandLine = flag.NewFlagSet(os.Args[0], flag.ExitOnError)
	pflag.CommandLine = pflag.NewFlagSet(os.Args[0], pflag.ExitOnError)
}

var programs = map[string]func(){
	"kubelet":    func() { run(kubelet.NewKubeletCommand(context.Background())) },
	"kube-proxy": func() { run(proxy.NewProxyCommand()) },
	"kubeadm": func() {
		withoutFlagsOfOthers()
		kubeadmerrors.HandleError(kubeadm.Run())
	},
	"kubectl": func() {
		withoutFlagsOfOthers()
		logs.GlogSetter(cmd.GetLogVerbosity(os.Args)) // as upstream's main: the verbosity counts while commands are made
		if err := cli.RunNoErrOutput(cmd.NewDefaultKubectlCommand()); err != nil {
			util.CheckErr(err)
		}
	},
}

func main() {
	program, known := programs[filepath.Base(os.Args[0])]
	if !known && len(os.Args) > 1 {
		os.Args = os.Args[1:]
		program, known = programs[os.Args[0]]
	}
	if !known {
		fmt.Fprintln(os.Stderr, "kubernetes-node kubelet | kubeadm | kubectl | kube-proxy [FLAG...]")
		os.Exit(2)
	}
	program()
}
