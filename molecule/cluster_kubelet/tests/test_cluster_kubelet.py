"""A node without a kubelet: nothing of the role is on it."""


def test_no_file_of_ours(host):
    found = host.run("find /etc /var/lib/gedge -path '*kubelet*' -name '*gedge*'").stdout
    assert found == ""
