#!/bin/sh
# A cluster of one node as the manual of kubeadm has it, on a Debian without any of it; nothing of this collection.
# Beside it: kubernetes (kubeadm, kubelet and kubectl in one binary), cni/ (CNI plugins), kubernetes.tar (an image with
# what static pods run) and the files of this folder.
set -eux
cd "$(dirname "$0")"
export DEBIAN_FRONTEND=noninteractive

# The kernel.
printf 'overlay\nbr_netfilter\n' >/etc/modules-load.d/k8s.conf
modprobe -a overlay br_netfilter
printf 'net.bridge.bridge-nf-call-iptables = 1\nnet.ipv4.ip_forward = 1\n' >/etc/sysctl.d/k8s.conf
sysctl -q -p /etc/sysctl.d/k8s.conf

# The runtime.
apt-get -q -o DPkg::Lock::Timeout=300 update
apt-get -q -y -o DPkg::Lock::Timeout=300 --no-install-recommends install containerd iptables conntrack
mkdir -p /etc/containerd
cp config.toml /etc/containerd/config.toml
systemctl restart containerd

# The programs.
install -m 755 kubernetes /usr/bin/kubeadm
ln -sf kubeadm /usr/bin/kubelet
ln -sf kubeadm /usr/bin/kubectl
mkdir -p /opt/cni/bin /usr/lib/systemd/system/kubelet.service.d
install -m 755 cni/* /opt/cni/bin/
cp kubelet.service /usr/lib/systemd/system/
cp 10-kubeadm.conf /usr/lib/systemd/system/kubelet.service.d/
systemctl daemon-reload
systemctl enable kubelet

# The images: one by all names that kubeadm asks for.
ctr -n k8s.io images import kubernetes.tar
for image in $(kubeadm config images list --config kubeadm.conf); do
    ctr -n k8s.io images tag --force gedge.local/k8s/all:1 "$image"
done

# The cluster.
kubeadm init --config kubeadm.conf
mkdir -p /etc/cni/net.d
cp 10-bridge.conflist /etc/cni/net.d/
export KUBECONFIG=/etc/kubernetes/admin.conf
kubectl taint nodes --all node-role.kubernetes.io/control-plane-
kubectl wait --for=condition=Ready --timeout=15m nodes --all
