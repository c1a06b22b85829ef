// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Program sriov gives a VF to a pod: the packages of sriov-cni 2.1.0 with commands of its own. Upstream's DEL of that version
// fails where its ADD was never reached, so that a pod of which one network failed can never be removed, and it leaves the VF
// without the VLAN that the node's owner gave it. Later versions mend both; they are not served as modules. Here
//
//	ADD  remembers the VLAN of before first, and puts back all of it where a step fails
//	DEL  takes back what is remembered, in any order of events, and has nothing to say where nothing is;
//	     an alternative name that udev has given meanwhile doesn't hold it
package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"

	"github.com/containernetworking/cni/pkg/skel"
	"github.com/containernetworking/cni/pkg/types"
	"github.com/containernetworking/cni/pkg/types/current"
	"github.com/containernetworking/cni/pkg/version"
	"github.com/containernetworking/plugins/pkg/ipam"
	"github.com/containernetworking/plugins/pkg/ns"
	"github.com/intel/sriov-cni/pkg/config"
	"github.com/intel/sriov-cni/pkg/sriov"
	sriovtypes "github.com/intel/sriov-cni/pkg/types"
	"github.com/intel/sriov-cni/pkg/utils"
	"github.com/vishvananda/netlink"
)

// remembered is what DEL needs: the configuration, and the VF's VLAN of before.
type remembered struct {
	sriovtypes.NetConf
	Before    *vlan  `json:"before"`
	RealNetNS string `json:"netns"`
}

type vlan struct {
	ID  int `json:"id"`
	Qos int `json:"qos"`
}

func init() {
	runtime.LockOSThread() // a network namespace is that of a thread
}

func main() {
	skel.PluginMain(add, del, version.All)
}

func add(args *skel.CmdArgs) error {
	conf, err := config.LoadConf(args.StdinData)
	if err != nil {
		return err
	}
	netns, err := ns.GetNS(args.Netns)
	if err != nil {
		return fmt.Errorf("failed to open netns %q: %v", args.Netns, err)
	}
	defer netns.Close()
	before, err := vlanOf(conf.Master, conf.VFID)
	if err != nil {
		return err
	}
	kept := &remembered{NetConf: *conf, Before: &before, RealNetNS: args.Netns}
	kept.ContIFNames = args.IfName
	// Before anything is changed: a DEL after a kill finds it.
	if err := utils.SaveNetConf(args.ContainerID, config.DefaultCNIDir, args.IfName, kept); err != nil {
		return err
	}
	result, err := give(conf, args, netns)
	if err != nil {
		if undone := takeBack(kept, args); undone != nil {
			return fmt.Errorf("%v; and what was done before could not be taken back: %v", err, undone)
		}
		return err
	}
	return types.PrintResult(result, conf.CNIVersion)
}

// give configures the VF and moves it; what fails half-way is for takeBack.
func give(conf *sriovtypes.NetConf, args *skel.CmdArgs, netns ns.NetNS) (types.Result, error) {
	manager := sriov.NewSriovManager()
	if err := manager.ApplyVFConfig(conf); err != nil {
		return nil, fmt.Errorf("VF %s: %v", conf.DeviceID, err)
	}
	face := &current.Interface{Name: args.IfName, Sandbox: netns.Path()}
	result := &current.Result{Interfaces: []*current.Interface{face}}
	if conf.DPDKMode {
		return result, nil
	}
	mac, err := manager.SetupVF(conf, args.IfName, args.ContainerID, netns)
	if err != nil {
		return nil, fmt.Errorf("VF %s: %v", conf.DeviceID, err)
	}
	face.Mac = mac
	if conf.IPAM.Type == "" {
		return result, nil
	}
	return addressed(conf, args, netns, result)
}

func addressed(conf *sriovtypes.NetConf, args *skel.CmdArgs, netns ns.NetNS, result *current.Result) (types.Result, error) {
	told, err := ipam.ExecAdd(conf.IPAM.Type, args.StdinData)
	if err != nil {
		return nil, fmt.Errorf("IPAM plugin %s: %v", conf.IPAM.Type, err)
	}
	made, err := current.NewResultFromResult(told)
	if err != nil {
		return nil, err
	}
	if len(made.IPs) == 0 {
		return nil, errors.New("the IPAM plugin told no address")
	}
	made.Interfaces = result.Interfaces
	for _, one := range made.IPs {
		one.Interface = current.Int(0)
	}
	return made, netns.Do(func(ns.NetNS) error { return ipam.ConfigureIface(args.IfName, made) })
}

func del(args *skel.CmdArgs) error {
	path := filepath.Join(config.DefaultCNIDir, args.ContainerID+"-"+args.IfName)
	data, err := os.ReadFile(path)
	if os.IsNotExist(err) {
		return nil // ADD was never here, or DEL was
	}
	if err != nil {
		return err
	}
	kept := &remembered{}
	if err := json.Unmarshal(data, kept); err != nil {
		return fmt.Errorf("%s is damaged: %v. Remove it, and run role node_sriov for the VLAN of its VF", path, err)
	}
	return takeBack(kept, args)
}

// takeBack brings the VF to where and what it was, and forgets it.
func takeBack(kept *remembered, args *skel.CmdArgs) error {
	if kept.IPAM.Type != "" && !kept.DPDKMode {
		if err := ipam.ExecDel(kept.IPAM.Type, args.StdinData); err != nil {
			return fmt.Errorf("IPAM plugin %s: %v", kept.IPAM.Type, err)
		}
	}
	if !kept.DPDKMode {
		if err := moveBack(kept, args); err != nil {
			return err
		}
	}
	if err := setVlan(kept); err != nil {
		return err
	}
	return utils.CleanCachedNetConf(filepath.Join(config.DefaultCNIDir, args.ContainerID+"-"+args.IfName))
}

func setVlan(kept *remembered) error {
	if kept.Before == nil {
		return nil
	}
	pf, err := netlink.LinkByName(kept.Master)
	if err != nil {
		return fmt.Errorf("PF %s: %v", kept.Master, err)
	}
	if err := netlink.LinkSetVfVlanQos(pf, kept.VFID, kept.Before.ID, kept.Before.Qos); err != nil {
		return fmt.Errorf("VLAN of VF %d of %s: %v", kept.VFID, kept.Master, err)
	}
	return nil
}

// moveBack moves the VF out of the pod; a namespace that is gone has given it back to the host.
func moveBack(kept *remembered, args *skel.CmdArgs) error {
	path := args.Netns
	if path == "" {
		path = kept.RealNetNS
	}
	netns, err := ns.GetNS(path)
	if err != nil {
		return nil
	}
	defer netns.Close()
	there := false // it never came there, or it went already
	err = netns.Do(func(ns.NetNS) error {
		vf, err := netlink.LinkByName(args.IfName)
		there = err == nil
		if err != nil {
			return nil
		}
		return freeName(vf, kept.HostIFNames)
	})
	if err != nil || !there {
		return err
	}
	return sriov.NewSriovManager().ReleaseVF(&kept.NetConf, args.IfName, args.ContainerID, netns)
}

// freeName takes the VF's name of the host from its alternative names: udev, which sees it without that name while it is moved
// to the pod, may give it that name as an alternative one, and then it can't be renamed back (EEXIST): its pod would never end.
func freeName(vf netlink.Link, name string) error {
	if !slices.Contains(vf.Attrs().AltNames, name) {
		return nil
	}
	if err := netlink.LinkDelAltName(vf, name); err != nil {
		return fmt.Errorf("alternative name %s of %s: %v", name, vf.Attrs().Name, err)
	}
	return nil
}

func vlanOf(name string, number int) (vlan, error) {
	pf, err := netlink.LinkByName(name)
	if err != nil {
		return vlan{}, fmt.Errorf("PF %s: %v", name, err)
	}
	for _, one := range pf.Attrs().Vfs {
		if one.ID == number {
			return vlan{one.Vlan, one.Qos}, nil
		}
	}
	return vlan{}, fmt.Errorf("PF %s has no VF %d", name, number)
}
