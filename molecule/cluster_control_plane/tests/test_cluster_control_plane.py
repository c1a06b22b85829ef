"""A node without programs: nothing of the role is on it."""


def test_no_file_of_ours(host):
    found = host.run("find /etc/kubernetes /etc/systemd/system -name 'gedge-*' -o -name 'etcd.service' -o -name 'kube-*'")
    assert found.stdout == ""
