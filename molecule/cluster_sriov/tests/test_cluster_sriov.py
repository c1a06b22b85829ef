"""A node without a cluster: nothing of the role is on it."""

FOLDERS = "/etc/cni /etc/pcidp /opt/cni /usr/local/lib/gedge /etc/systemd/system"


def test_no_file_of_ours(host):
    assert host.run("find %s -name '*sriov-device-plugin*'" % FOLDERS).stdout == ""
