"""A node without programs: nothing of the role is on it."""


def test_no_file_of_ours(host):
    names = "-name 'etcd.service' -o -name 'kube-*'"
    found = host.run(f"find /etc/kubernetes /etc/systemd/system {names}")
    assert found.stdout == ""
