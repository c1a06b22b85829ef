"""A node in no cluster: nothing of the role is on it."""


def test_no_file_of_ours(host):
    found = host.run("ls -d /etc/containerd/gedge* /etc/cni/net.d/*gedge* /etc/systemd/system/kube*").stdout
    assert found == ""
