"""A person's door to a running lab. python tools/lab.py ssh NODE [COMMAND ...] | summary | down"""

from __future__ import annotations

import json
import os
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
TESTBED = ROOT / (os.environ.get("TESTBED") or "inventories/lab/testbed.yml")
USUAL = TESTBED.parent.name == "lab"
NAME = os.environ.get("GEDGE_LAB") or "main"

sys.path.insert(0, str(ROOT / "collections"))
from ansible_collections.gedge.engine.plugins.module_utils.lab.names import lab_dir  # noqa: E402

FOLDER = pathlib.Path(lab_dir(str(TESTBED), NAME))

SUMMARY = """
{title} runs: {count} nodes and their rack switch (lab "{name}" in {folder}).
{nodes}

Proven just now by the playbook verify:
{proof}

Next:{other}
  xdg-open inventories/{lab}/facts/report.html   look at all of it
  make lab-ssh NODE={first}        look around: ip addr, numactl -H, nft list ruleset, rdma link
  source .venv/bin/activate
  ansible-playbook playbooks/discover.yml   what each node has, and how far its devices are from each other
  $EDITOR inventories/{lab}/testbed.yml       change the plan: a VLAN of a VF, say
  ansible-playbook playbooks/plan.yml       what that would do, step by step; nothing is changed
  ansible-playbook playbooks/site.yml       do it
  ansible-playbook playbooks/verify.yml     prove it
  ansible-playbook playbooks/report.yml     write the page anew
  make lab-down                             stop the lab, leave nothing running
"""


def ssh(node, *command):
    """Become ssh to a node."""
    if node not in notes():
        sys.exit(f'no node "{node}" in this lab; there are {", ".join(sorted(notes()))}')
    os.execvp("ssh", ["ssh", "-F", str(FOLDER / "ssh_config"), node, *command])


def down():
    """Stop the lab by its folder alone: that works also where its testbed file is refused now."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache", "gedge-engine")
    options = json.dumps({"state": "absent", "folder": str(FOLDER), "cache": str(cache)})
    command = ["ansible", "localhost", "-i", "localhost,", "-c", "local", "-m", "gedge.engine.lab", "-a", options]
    python = f"ansible_python_interpreter={sys.executable}"
    os.execv(pathlib.Path(sys.executable).parent / "ansible", [*command, "-e", python])


def notes():
    """{node: what is noted of it} of the lab that runs."""
    if not (FOLDER / "lab.json").exists():
        sys.exit(f'lab "{NAME}" does not run: start it with make lab')
    return json.loads((FOLDER / "lab.json").read_text(encoding="utf-8"))["nodes"]


def host_variables():
    """{node: its variables} as the inventory plugin gives them."""
    command = [str(pathlib.Path(sys.executable).parent / "ansible-inventory"), "-i", str(TESTBED), "--list"]
    listing = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT).stdout
    return json.loads(listing)["_meta"]["hostvars"]


def proof():
    """The sentences that the last verification left."""
    return json.loads((TESTBED.parent / "facts" / "verify.json").read_text(encoding="utf-8"))["proof"]


def row(node, variables, noted):
    """One line on a node."""
    vfs = sum(port["vfs"]["count"] for port in variables["testbed_ports"] if port.get("vfs"))
    devices = ", ".join(item["kind"] for item in variables["testbed_accelerators"])
    suite = variables["testbed_lab"].get("suite", "")
    ports = len(variables["testbed_ports"])
    return (
        f"  {node:<10} Debian {suite}, {ports} ports, {vfs} VFs, {devices}; "
        f"{noted['accel'] or noted['machine']}, up after {noted.get('boot_seconds', 0):.0f} s"
    )


def other():
    """What has to be set for the commands of the summary where this is not the usual lab."""
    lines = [] if NAME == "main" else [f"export GEDGE_LAB={NAME}         this lab, not the one called main"]
    if not USUAL:
        folder = f"inventories/{TESTBED.parent.name}"
        lines += [
            f"export TESTBED={folder}/testbed.yml ANSIBLE_INVENTORY={folder}/testbed.yml",
            f"alias kubectl='{folder}/facts/artifacts/kubectl --kubeconfig {folder}/facts/cluster/admin.conf'",
        ]
    return "".join(f"\n  {line}" for line in lines)


def summary():
    """What runs, and what to try next."""
    hosts, noted = host_variables(), notes()
    one = next(iter(hosts.values()))
    print(
        SUMMARY.format(
            title=one["testbed_site"].get("title") or one["testbed_site"]["name"],
            count=len(hosts),
            name=NAME,
            folder=FOLDER,
            nodes="\n".join(row(node, hosts[node], noted[node]) for node in sorted(hosts)),
            first=min(hosts),
            other=other(),
            lab=TESTBED.parent.name,
            proof="\n".join(f"  {line}" for line in proof()),
        )
    )


def main():
    """The verb, and what follows it."""
    verbs = {"ssh": ssh, "summary": summary, "down": down}
    if len(sys.argv) < 2 or sys.argv[1] not in verbs:
        sys.exit(__doc__)
    verbs[sys.argv[1]](*sys.argv[2:])


if __name__ == "__main__":
    main()
