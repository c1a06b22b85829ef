"""A lab without a card: nothing of the role is on the nodes."""


def test_no_file_of_ours(host):
    found = host.run("find /etc /var/lib/gedge -name '*node*fpga*'").stdout
    assert found == ""
