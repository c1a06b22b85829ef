"""A node without VFs to begin with, and a way to see that nothing of it has changed."""

import pytest

PFS = ["0000:21:00.0", "0000:81:00.0"]
FOLDERS = "/etc/systemd/network /etc/driverctl.d /etc/systemd/system /var/lib/gedge/baseline"
FILES = f"find {FOLDERS} ! -type d -printf '%p %m %l %s %T@\\n' 2>/dev/null | sort"
# Whether a device is up or has traffic is no setting.
VOLATILE = ("flags", "operstate", "stats", "stats64", "ifindex", "linkmode", "qdisc", "link_index")


@pytest.fixture
def bare(lab):
    """node1 as it was before the first change."""
    done = lab.module("node1", "gedge.engine.sriov", {"state": "absent", "allow_vf_loss": PFS})
    assert done.rc == 0, done.output
    return lab


@pytest.fixture
def look(lab):
    """A function: what the kernel and the folders of a node say, to be compared with a later look."""

    def see(node="node1"):
        links = lab.json(node, "ip -j -d link show")
        kept = [{key: value for key, value in link.items() if key not in VOLATILE} for link in links]
        drivers = "find /sys/bus/pci/devices/*/ -maxdepth 1 -name driver -printf '%h %l\\n' | sort"
        return (
            sorted(kept, key=lambda link: link["ifname"]),
            lab.run(node, FILES, check=False).stdout,
            lab.run(node, drivers).stdout,
        )

    return see


@pytest.fixture
def vfinfo(lab):
    """A function: {index: what iproute2 says of the VF} of a PF by PCI address."""

    def read(pci, node="node1"):
        links = lab.json(node, "ip -j -d link show")
        link = next(link for link in links if link.get("parentdev") == pci)
        return {info["vf"]: info for info in link["vfinfo_list"]}

    return read
