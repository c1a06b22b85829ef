// Copyright (c) 2026 The gedge.engine authors
// Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
// SPDX-License-Identifier: Apache-2.0

// Program nfs-provisioner makes a PersistentVolume for each claim of its storage classes: a folder of its own on a share of
// an NFS server, which the kubelet's own NFS volume plugin mounts. The classes' parameters are those of csi-driver-nfs:
// server, share, subDir, mountPermissions.
//
// It mounts a share only while it makes or removes a folder, in its own mount namespace (the unit has PrivateMounts), so that
// nothing stays mounted on the node when it ends.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path"
	"path/filepath"
	"strconv"
	"strings"
	"syscall"
	"time"

	v1 "k8s.io/api/core/v1"
	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"k8s.io/client-go/kubernetes"
	"k8s.io/client-go/tools/clientcmd"
	"k8s.io/klog/v2"
	"sigs.k8s.io/sig-storage-lib-external-provisioner/v13/controller"
)

var version = "1.0.0" // the table of versions has it, too

const (
	// Of a volume: the share in which its folder is. Nothing outside it is ever removed.
	shareAnnotation = "gedge.io/nfs-share"
	// What a subDir must have: without it two claims could get one folder, and the first that goes would take the other's data.
	ownName = "${pv.metadata.name}"
)

type provisioner struct {
	folder string        // where shares are mounted, below a folder of each call's own
	limit  time.Duration // for a mount
}

// Provision makes the folder, and says what the volume is like.
func (p *provisioner) Provision(ctx context.Context, options controller.ProvisionOptions) (*v1.PersistentVolume, controller.ProvisioningState, error) {
	parameters := options.StorageClass.Parameters
	server, share := parameters["server"], path.Clean("/"+parameters["share"])
	if server == "" || parameters["share"] == "" {
		return nil, controller.ProvisioningFinished, fmt.Errorf("StorageClass %s: parameters server and share are needed", options.StorageClass.Name)
	}
	folder, err := folderOf(parameters["subDir"], options)
	if err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("StorageClass %s: %w", options.StorageClass.Name, err)
	}
	mode, err := modeOf(parameters["mountPermissions"])
	if err != nil {
		return nil, controller.ProvisioningFinished, fmt.Errorf("StorageClass %s: %w", options.StorageClass.Name, err)
	}
	err = p.mounted(ctx, server, share, options.StorageClass.MountOptions, func(root string) error {
		return makeFolder(root, folder, mode)
	})
	if err != nil {
		return nil, controller.ProvisioningFinished, err
	}
	policy := v1.PersistentVolumeReclaimDelete
	if options.StorageClass.ReclaimPolicy != nil {
		policy = *options.StorageClass.ReclaimPolicy
	}
	return &v1.PersistentVolume{
		ObjectMeta: metav1.ObjectMeta{
			Name:        options.PVName,
			Annotations: map[string]string{shareAnnotation: share},
		},
		Spec: v1.PersistentVolumeSpec{
			PersistentVolumeReclaimPolicy: policy,
			AccessModes:                   options.PVC.Spec.AccessModes,
			MountOptions:                  options.StorageClass.MountOptions,
			Capacity:                      v1.ResourceList{v1.ResourceStorage: options.PVC.Spec.Resources.Requests[v1.ResourceStorage]},
			PersistentVolumeSource: v1.PersistentVolumeSource{
				NFS: &v1.NFSVolumeSource{Server: server, Path: path.Join(share, folder)},
			},
		},
	}, controller.ProvisioningFinished, nil
}

// Delete removes the folder of a volume, with all that is in it.
func (p *provisioner) Delete(ctx context.Context, volume *v1.PersistentVolume) error {
	source, share := volume.Spec.NFS, volume.Annotations[shareAnnotation]
	if source == nil || share == "" {
		return &controller.IgnoredError{Reason: "the volume is none of this program"}
	}
	folder, found := strings.CutPrefix(path.Clean(source.Path), strings.TrimSuffix(share, "/")+"/")
	if !found || folder == "" {
		return fmt.Errorf("%s is not below share %s: nothing was removed", source.Path, share)
	}
	return p.mounted(ctx, source.Server, share, volume.Spec.MountOptions, func(root string) error {
		gone := filepath.Join(root, folder)
		if err := os.RemoveAll(gone); err != nil {
			return err
		}
		// The folders above, as far as they are empty: those of a namespace or a claim.
		for above := filepath.Dir(gone); above != root; above = filepath.Dir(above) {
			if os.Remove(above) != nil {
				break
			}
		}
		return nil
	})
}

// mounted does something with a share, whose root is then a folder of this process.
func (p *provisioner) mounted(ctx context.Context, server, share string, options []string, act func(root string) error) error {
	ctx, stop := context.WithTimeout(ctx, p.limit)
	defer stop()
	root, err := os.MkdirTemp(p.folder, "share-")
	if err != nil {
		return err
	}
	words := []string{"-t", "nfs"}
	if len(options) > 0 {
		words = append(words, "-o", strings.Join(options, ","))
	}
	if strings.Contains(server, ":") && !strings.HasPrefix(server, "[") {
		server = "[" + server + "]" // an address of IPv6
	}
	source := server + ":" + share
	mount := exec.CommandContext(ctx, "mount", append(words, source, root)...)
	// With mount goes its child mount.nfs, which would go on for minutes, and mount a share that nobody waits for.
	mount.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	mount.Cancel = func() error { return syscall.Kill(-mount.Process.Pid, syscall.SIGKILL) }
	if said, err := mount.CombinedOutput(); err != nil {
		os.Remove(root)
		return fmt.Errorf("mount %s: %w: %s", source, err, strings.TrimSpace(string(said)))
	}
	done := act(root)
	if said, err := exec.Command("umount", root).CombinedOutput(); err != nil {
		klog.FromContext(ctx).Error(err, "umount", "source", source, "said", strings.TrimSpace(string(said)))
		return done // os.Remove would not remove what is mounted, but nothing is to be tried there
	}
	os.Remove(root)
	return done
}

// folderOf is the folder of a volume, relative to its share.
func folderOf(template string, options controller.ProvisionOptions) (string, error) {
	if template == "" {
		template = "${pvc.metadata.namespace}/${pvc.metadata.name}/" + ownName
	}
	if !strings.Contains(template, ownName) {
		return "", fmt.Errorf("subDir %q must have %s", template, ownName)
	}
	folder := strings.NewReplacer(
		"${pvc.metadata.namespace}", options.PVC.Namespace,
		"${pvc.metadata.name}", options.PVC.Name,
		ownName, options.PVName,
	).Replace(template)
	if !filepath.IsLocal(folder) || strings.Contains(folder, "$") {
		return "", fmt.Errorf("subDir %q is no path below a share", template)
	}
	return path.Clean(folder), nil
}

func modeOf(text string) (os.FileMode, error) {
	if text == "" {
		text = "0777"
	}
	bits, err := strconv.ParseUint(text, 8, 12)
	if err != nil {
		return 0, fmt.Errorf("mountPermissions %q is no octal mode", text)
	}
	mode := os.FileMode(bits & 0o777)
	for bit, meaning := range map[uint64]os.FileMode{0o4000: os.ModeSetuid, 0o2000: os.ModeSetgid, 0o1000: os.ModeSticky} {
		if bits&bit != 0 {
			mode |= meaning
		}
	}
	return mode, nil
}

// makeFolder makes a folder below a root; a try before this one may have made it already.
func makeFolder(root, folder string, mode os.FileMode) error {
	whole := filepath.Join(root, folder)
	if err := os.MkdirAll(whole, 0o755); err != nil {
		return err
	}
	return os.Chmod(whole, mode) // whatever the umask is
}

func main() {
	klog.InitFlags(nil)
	name := flag.String("name", "gedge.io/nfs", "the provisioner that storage classes name")
	kubeconfig := flag.String("kubeconfig", "", "how to reach the API server")
	folder := flag.String("folder", os.TempDir(), "where shares are mounted for a moment")
	limit := flag.Duration("limit", time.Minute, "how long a mount may take")
	told := flag.Bool("version", false, "say the version")
	flag.Parse()
	if *told {
		fmt.Println("nfs-provisioner", version)
		return
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	config, err := clientcmd.BuildConfigFromFlags("", *kubeconfig)
	if err != nil {
		fail(err)
	}
	client, err := kubernetes.NewForConfig(config)
	if err != nil {
		fail(err)
	}
	// One process of it is there, so it asks for no lease.
	controller.NewProvisionController(ctx, client, *name, &provisioner{folder: *folder, limit: *limit}, controller.LeaderElection(false)).Run(ctx)
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, err)
	os.Exit(1)
}
