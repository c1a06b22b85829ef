"""A node without a cluster: nothing of the role is on it."""

FOLDERS = "/etc /usr/local/lib"


def test_no_file_of_ours(host):
    assert host.run("find %s -name '*nfs-provisioner*' -o -name gedge.exports" % FOLDERS).stdout == ""
