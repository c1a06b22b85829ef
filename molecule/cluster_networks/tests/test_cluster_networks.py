"""The role is about objects of a cluster: it leaves nothing on a node."""


def test_no_file_of_ours(host):
    assert host.run("find /etc /usr/local -name '*gedge*networks*'").stdout == ""
