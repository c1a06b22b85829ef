"""A node under NetworkManager: the same life of its links, and the same broken changes over its management interface.

One node (GEDGE_NM_NODE, node2: Debian 13) is handed from systemd-networkd to NetworkManager, and back in the end.
"""

import os

import pytest
from helpers.broken_changes import BOOT, KINDS, cases, data, failed
from helpers.node_links import life, restart

pytestmark = pytest.mark.soak

NODE = os.environ.get("GEDGE_NM_NODE", "node2")
PROFILE = "/etc/NetworkManager/system-connections/mgmt0.nmconnection"
# The profiles that NetworkManager makes by itself would ask for DHCP on all ports; no node's network is left to that.
# A metric that is not told goes by the order in which links come up, and differs from boot to boot.
PREPARE = rf"""
set -e
mkdir -p /etc/NetworkManager/conf.d /etc/NetworkManager/system-connections
printf '[main]\nno-auto-default=*\n' > /etc/NetworkManager/conf.d/00-lab.conf
cat > {PROFILE} <<'EOT'
[connection]
id=mgmt0
uuid=6d676d74-3000-5000-8000-000000000001
type=ethernet
interface-name=mgmt0

[ipv4]
method=manual
address1=10.0.2.15/24,10.0.2.2
route-metric=100
dns=10.0.2.3;

[ipv6]
method=disabled
EOT
chmod 600 {PROFILE}
cp /etc/resolv.conf /etc/resolv.conf.before
"""
UNITS = (
    "systemd-networkd.service $(systemctl list-unit-files -q --no-legend 'systemd-networkd*.socket' | cut -d ' ' -f 1)"
)
HAND_OVER = f"systemctl disable -q --now {UNITS}; systemctl mask -q systemd-networkd.service; nmcli connection up mgmt0"
HAND_BACK = f"""
systemctl unmask -q systemd-networkd.service
systemctl enable -q {UNITS}
rm -rf /etc/NetworkManager /var/lib/NetworkManager
mv /etc/resolv.conf.before /etc/resolv.conf
"""
BOUND = f"sed -i '/^autoconnect-priority/d' {PROFILE}; nmcli connection load {PROFILE}"
STANDS_BACK = f"sed -i '/^type=/a autoconnect-priority=-10' {PROFILE}; nmcli connection load {PROFILE}"


@pytest.fixture(scope="module")
def node(nodes):
    """The node, under NetworkManager."""
    (found,) = (one for one in nodes if one.name == NODE)
    found.change(state="absent")
    found.run(PREPARE)
    installed = found.lab.module(NODE, "gedge.engine.packages", {"names": ["network-manager"]})
    assert installed.rc == 0, installed.output
    found.run(HAND_OVER, timeout=300)
    restart(found)
    assert found.run("nmcli -g GENERAL.STATE device show mgmt0").startswith("100")
    yield found
    removed = found.lab.module(NODE, "gedge.engine.packages", {"names": ["network-manager"], "state": "absent"})
    assert removed.rc == 0, removed.output
    found.run(HAND_BACK, timeout=300)
    restart(found)
    found.run("systemctl is-active systemd-networkd")


@pytest.fixture
def clean(node):
    """Nothing of ours on it, and once more afterwards."""
    node.change(state="absent")
    yield
    node.change(state="absent")


def test_apply_again_mend_restart_absent(node, clean):
    file = "/etc/NetworkManager/system-connections/50-gedge-%s.nmconnection"
    # It sets an address anew that is gone, and brings a profile's VLAN up whose device is gone.
    healed = ["ip addr flush dev ens1f0.30", "ip link del ens2f0.40"]
    life(lambda function: [function(node)], file, healed)


def test_a_link_that_is_to_be_down_stays_down(node, clean):
    before = node.look()
    links = [{"interface": "ens1f0", "network": "sriov-a", "up": False}]
    node.change(links=links)
    assert "DOWN" in node.run("ip -br link show ens1f0")
    restart(node)
    assert node.module("--check", links=links)["steps"] == []
    node.change(links=[dict(links[0], up=True, addresses=["192.168.20.101/28"])])
    assert "192.168.20.101/28" in node.run("ip -br addr show ens1f0")
    node.change(state="absent")
    assert node.look() == before


def test_profiles_of_others_are_refused(node, clean):
    """mgmt0 has one, and somebody binds one to a port; what stands back does not hinder."""
    before = node.look()
    mgmt = {"interface": "mgmt0", "network": "management", "purpose": "management", "addresses": ["10.0.2.99/24"]}
    port = {"interface": "ens1f0", "network": "sriov-a", "addresses": ["192.168.20.101/28"]}
    assert f"mgmt0 is governed by {PROFILE}" in node.module(links=[mgmt], allow_management=["mgmt0"])["msg"]
    node.run(STANDS_BACK)
    assert "mgmt0 carries the management connection" in node.module(links=[mgmt])["msg"]
    node.run(BOUND)
    node.run("nmcli connection add type ethernet ifname ens1f0 con-name mine ipv4.method disabled")
    refused = node.module(links=[port])["msg"]
    assert "ens1f0 is governed by /etc/NetworkManager/system-connections/mine.nmconnection" in refused
    node.run("nmcli connection delete mine")
    assert node.look() == before


@pytest.fixture(scope="module")
def exposed(node):
    """Data networks set up, and mgmt0's profile standing back, so that the module governs it when it is asked to."""
    node.run(STANDS_BACK)
    node.change(links=data(node))
    node.run("sync")  # or the reset brings back what the confirmation has taken away, until the next run
    node.reset()
    node.wait(BOOT)
    yield
    node.change(state="absent")
    node.run(BOUND)


@pytest.mark.parametrize("kind", KINDS)
def test_the_node_comes_back(node, exposed, kind):
    assert failed(node, [next(case for case in cases() if case[1] == kind)]) == []
