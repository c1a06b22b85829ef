"""A node without a cluster: nothing of the role is on it."""


def test_no_file_of_ours(host):
    found = host.run("find /etc/cni /etc/pcidp /opt/cni /usr/local/lib/gedge /etc/systemd/system -name '*rdma*'").stdout
    assert found == ""
