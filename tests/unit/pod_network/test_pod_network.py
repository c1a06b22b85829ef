"""Module pod_network: files and routes out of a list of nodes, what is left alone, what is refused."""

import json
import shutil

import pytest
from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible_collections.gedge.engine.plugins.module_utils.converge import converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.pod_network import cluster, options, overlay
from ansible_collections.gedge.engine.plugins.module_utils.pod_network.subsystem import PodNetwork
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult
from helpers.breakable import Breakable, Killed

VALIDATOR = ArgumentSpecValidator(options.argument_spec())
NODES = [
    {"name": "node1", "address": "192.168.10.101", "pod_cidr": "10.244.0.0/24"},
    {"name": "node2", "address": "192.168.10.102", "pod_cidr": "10.244.1.0/24"},
]
THIRD = {"name": "node3", "address": "192.168.10.103", "pod_cidr": "10.244.2.0/24"}


class PodNode(Breakable):
    """A node whose unit does what its script says, as far as the module reads it back."""

    def __init__(self, folder):
        super().__init__(folder)
        self.overlay, self.table, self.ethtool = {}, False, True
        for path in ("/etc/cni/net.d/README", "/usr/local/lib/a", "/var/lib/a", "/etc/systemd/system/a"):
            self.put(path, "")
        self.put("/etc/systemd/system/multi-user.target.wants/a", "")

    def reads_only(self, argv):
        return "show" in argv or argv[:2] == ["nft", "list"] or argv[-1] == "address" or argv[0] == "ethtool"

    def answer(self, argv):
        said = {
            ("ip", "-j", "-d", "address"): lambda: [_link("ens1f1", "192.168.10.101", 1500)] + self._device(),
            ("ip", "-j", "-4", "route", "show", "dev", overlay.DEVICE): lambda: self.overlay["routes"],
            ("bridge", "-j", "fdb", "show", "dev", overlay.DEVICE): lambda: self.overlay["neighbours"],
        }.get(tuple(argv))
        if said:
            return CommandResult(0, json.dumps(said()), "")
        if argv[0] == "ethtool":
            if not self.ethtool:
                raise EngineError("the command is not installed", "ethtool", "Install the package that has it")
            return CommandResult(
                0, "tx-checksum-ip-generic: %s\n" % ("on" if self.overlay.get("offload") else "off"), ""
            )
        if argv[:2] == ["systemctl", "restart"]:
            self.start()
        if argv[:3] == ["ip", "link", "delete"]:
            self.overlay = {}
            self.forget("/sys/class/net/" + argv[3])
        if argv[0] == "nft":
            had, self.table = self.table, self.table and argv[1] == "list"
            return CommandResult(0 if had else 1, "", "")
        return CommandResult(0, "", "")

    def forget(self, path):
        """A device goes."""
        shutil.rmtree(self.path(path))

    def start(self):
        """The script, read line by line."""
        words = [line.split() for line in self.text(overlay.SCRIPT).splitlines()]
        link = next(line for line in words if line[:3] == ["ip", "link", "add"])
        up = next(line for line in words if line[:3] == ["ip", "link", "set"])
        own = next(line for line in words if line[:3] == ["ip", "address", "replace"])
        self.overlay = {
            "mac": link[5],
            "vni": int(link[link.index("id") + 1]),
            "local": link[link.index("local") + 1],
            "port": int(link[link.index("dstport") + 1]),
            "mtu": int(up[5]),
            "own": own[3].split("/")[0],
            "offload": any(line[0] == "ethtool" and line[4] == "on" for line in words if line),
            "routes": [{"dst": one[3], "gateway": one[5]} for one in words if one[:3] == ["ip", "route", "replace"]],
            "neighbours": [{"mac": one[3], "dst": one[7]} for one in words if one[:3] == ["bridge", "fdb", "replace"]],
        }
        self.table = True
        self.put("/sys/class/net/%s/mtu" % overlay.DEVICE, "")

    def _device(self):
        if not self.overlay:
            return []
        link = _link(overlay.DEVICE, self.overlay["own"], self.overlay["mtu"])
        data = {"id": self.overlay["vni"], "local": self.overlay["local"], "port": self.overlay["port"]}
        return [dict(link, address=self.overlay["mac"], linkinfo={"info_data": data})]


def _link(name, address, mtu):
    return {"ifname": name, "mtu": mtu, "flags": ["UP"], "addr_info": [{"family": "inet", "local": address}]}


@pytest.fixture
def node(tmp_path):
    """node1."""
    return PodNode(tmp_path)


@pytest.fixture
def run(node):
    """A function: one run of the module on node1."""

    def once(check=False, **params):
        params = {"name": "node1", "nodes": NODES, **params}
        validated = VALIDATOR.validate(params)
        assert not validated.error_messages
        return converge(PodNetwork(validated.validated_parameters, node), check)

    return once


def test_a_peer_is_reached_by_its_address(node, run):
    done = run(closed=["192.168.20.96/28"])
    assert [step["action"] for step in done["steps"]][-2:] == ["start-unit", "write-file"]
    assert done["steps"][-1]["target"] == overlay.CONF
    assert node.overlay["routes"] == [{"dst": "10.244.1.0/24", "gateway": "10.244.1.0"}]
    assert node.overlay["neighbours"] == [{"mac": "02:67:0a:f4:01:00", "dst": "192.168.10.102"}]
    conf = json.loads(node.text(overlay.CONF))
    assert conf["plugins"][0]["mtu"] == 1450 and conf["plugins"][0]["ipam"]["ranges"] == [[{"subnet": "10.244.0.0/24"}]]
    rules = node.text(overlay.RULES)
    assert "ip saddr 10.244.0.0/24 ip daddr != { 10.244.0.0/16, 224.0.0.0/4 } masquerade" in rules
    assert "ip saddr 10.244.0.0/16 ip daddr { 192.168.20.96/28 } counter drop" in rules


def test_check_mode_tells_the_steps_and_a_second_run_has_none(node, run):
    before = node.snapshot()
    foretold = run(check=True)
    assert node.snapshot() == before
    assert run()["steps"] == foretold["steps"] and run()["steps"] == []


def test_a_new_node_cuts_nothing(run):
    run()
    done = run(nodes=[*NODES, THIRD])
    assert done["disruption"] == "none" and run(nodes=[*NODES, THIRD])["steps"] == []


def test_another_vni_makes_the_device_anew(run):
    run()
    assert run(vni=7)["disruption"] == "link"


def test_checksums_are_the_nic_s_or_the_kernel_s_and_nothing_is_cut_for_it(node, run):
    run()
    assert node.overlay["offload"]
    done = run(checksum_offload=False)
    assert done["disruption"] == "none" and not node.overlay["offload"] and run(checksum_offload=False)["steps"] == []
    node.overlay["offload"] = True  # by hand
    assert [step["action"] for step in run(checksum_offload=False)["steps"]] == ["start-unit"]
    run()
    assert node.overlay["offload"] and run()["steps"] == []


def test_without_ethtool_only_who_asks_for_another_way_is_refused(node, run):
    node.ethtool = False
    run()
    before = node.snapshot()
    assert run()["steps"] == []
    with pytest.raises(EngineError, match="ethtool: the command is not installed"):
        run(checksum_offload=False)
    assert node.snapshot() == before


def test_what_somebody_removed_comes_back(node, run):
    run()
    node.overlay["routes"] = []
    assert [step["action"] for step in run()["steps"]] == ["start-unit"]
    node.table = False
    assert [step["action"] for step in run()["steps"]] == ["start-unit"]


def test_absent_is_what_was_before(node, run):
    before = node.snapshot()
    run()
    assert run(state="absent")["changed"]
    after = {path: text for path, text in node.snapshot().items() if not path.startswith("/sys")}
    assert after == before and not node.overlay and not node.table
    assert run(state="absent")["steps"] == []


def test_pods_keep_it(node, run):
    run()
    node.put("/sys/class/net/cni0/brif/veth1/x", "")
    before = node.snapshot()
    with pytest.raises(EngineError, match="1 pods are still in the pod network"):
        run(state="absent")
    assert node.snapshot() == before


def test_check_mode_foretells_what_comes_after_the_pods(node, run):
    run()
    foretold = run(check=True, state="absent")["steps"]
    node.put("/sys/class/net/cni0/brif/veth1/x", "")
    done = run(check=True, state="absent")
    assert done["steps"] == foretold != [] and "1 pods are still" in done["warnings"][0]


def test_the_pod_network_of_others_is_left_alone(node, run):
    node.put("/etc/cni/net.d/10-calico.conflist", "{}")
    done = run()
    assert done["steps"] == [] and done["left_alone"] and "10-calico.conflist" in done["warnings"][0]


def test_multus_before_ours_is_no_stranger(node, run):
    node.put("/etc/cni/net.d/00-multus.conf", "{}")
    assert run()["left_alone"] is False


@pytest.mark.parametrize("number", range(8))
def test_a_killed_run_is_made_good_by_the_next(node, run, number):
    node.break_at(number, Killed)
    with pytest.raises(Killed):
        run()
    node.breaking = None
    run()
    assert run()["steps"] == [] and node.leftovers() == []


# options, words
REFUSED = {
    "not among the nodes": ({"name": "node9"}, "is not among the nodes"),
    "the same twice": ({"nodes": [*NODES, {**THIRD, "pod_cidr": "10.244.1.0/24"}]}, "is also node2's"),
    "outside": ({"nodes": [*NODES, {**THIRD, "pod_cidr": "10.9.0.0/24"}]}, "is not in pod_subnet"),
    "host bits": ({"nodes": [*NODES, {**THIRD, "pod_cidr": "10.244.2.1/24"}]}, "is no IPv4 network"),
    "address": ({"nodes": [*NODES, {**THIRD, "address": "node3"}]}, "is no IPv4 address"),
    "vni": ({"vni": 0}, "is not from 1 to"),
    "closed": ({"closed": ["sriov-a"]}, r"closed\[0\]: is no IPv4 network"),
}


@pytest.mark.parametrize(("params", "words"), REFUSED.values(), ids=REFUSED)
def test_bad_options_touch_nothing(node, run, params, words):
    before = node.snapshot()
    with pytest.raises(ProblemsError, match=words):
        run(**params)
    assert node.snapshot() == before


def test_an_address_that_no_interface_has_is_refused(run):
    nodes = [{**NODES[0], "address": "192.168.10.109"}, NODES[1]]
    with pytest.raises(EngineError, match="Run role node_network first"):
        run(nodes=nodes)


def made(name, cidrs, addresses):
    """A Node object."""
    told = [{"type": "InternalIP", "address": one} for one in addresses]
    spec = {"podCIDRs": cidrs, "podCIDR": cidrs[0]} if cidrs else {}
    return {"metadata": {"name": name}, "spec": spec, "status": {"addresses": told}}


def test_nodes_out_of_the_cluster():
    objects = [
        made("node2", ["fd00::/64", "10.244.1.0/24"], ["fd01::1", "192.168.10.102"]),
        made("node1", ["10.244.0.0/24"], ["192.168.10.101"]),
        made("new", [], ["192.168.10.103"]),
        made("odd", ["10.244.9.0/24"], []),
    ]
    assert cluster.nodes(objects) == NODES
    with pytest.raises(EngineError, match="no list of Node objects"):
        cluster.nodes("node1")
