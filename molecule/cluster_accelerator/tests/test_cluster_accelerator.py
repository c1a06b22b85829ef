"""A node without a cluster: nothing of the role is on it."""

FOLDERS = "/etc/pcidp /usr/local/lib/gedge /etc/systemd/system"


def test_no_file_of_ours(host):
    assert host.run("find %s -name '*gedge-accelerator*'" % FOLDERS).stdout == ""
