"""Role cluster_kubelet with a stand-in for its module, and for kubernetes.core where there is no API server."""

from __future__ import annotations

import json
import os
import pathlib
import shutil
import subprocess
import sys

from ansible_collections.gedge.engine.plugins.modules.kubelet import argument_spec

ROOT = pathlib.Path(__file__).resolve().parents[2]
# Each writes down what it was asked, and ends as the script says: {"node1 drain": [...], ...}, one word per call.
FAKE = """\
import json, os
from ansible.module_utils.basic import AnsibleModule
PATH = os.environ["GEDGE_FAKE"]


def play(what):
    with open(PATH) as handle:
        data = json.load(handle)
    words = data["script"].get(what, [])
    said = words.pop(0) if words else "ok"
    data["log"].append(what)
    with open(PATH, "w") as handle:
        json.dump(data, handle)
    return said


"""
DRAIN = """\
names = ("node", "owner", "timeout", "force", "delete_emptydir_data", "kubeconfig", "kubectl")
module = AnsibleModule(dict(dict.fromkeys(names, {}), state=dict(default="drained")), supports_check_mode=True)
node = module.params["node"]
if module.check_mode:
    with open(PATH) as handle:
        left = node in json.load(handle)["left"]
    module.exit_json(changed=left, ours=left, drained=False)
said = play("%s %s" % (node, module.params["state"]))
if said == "pdb":
    module.fail_json(msg="is not drained: Cannot evict pod as it would violate the pod's disruption budget.")
if said == "emptydir":
    module.fail_json(msg="cannot delete Pods with local storage (use --delete-emptydir-data to override): default/a")
if said == "away":
    module.fail_json(msg="the API server does not answer")
module.exit_json(changed=said == "ok", ours=said == "ok", drained=True)
"""
INFO = """\
module = AnsibleModule(dict(api_version={}, kind={}, name={}, kubeconfig={}))
sizes = {"cpu": "4", "memory": "4Gi"}
status = {"capacity": sizes, "allocatable": dict(sizes, cpu="3"), "conditions": [{"type": "Ready", "status": "True"}]}
module.exit_json(changed=False, resources=[{"status": status}])
"""
KUBELET = """\
with open(PATH) as handle:
    spec = json.load(handle)["spec"]
module = AnsibleModule({name: dict(type=kind) for name, kind in spec.items()}, supports_check_mode=True)
node = os.environ["GEDGE_NODE"]
said = play("%s %s" % (node, "look" if module.check_mode else "change"))
steps = [] if said == "nothing" else [{"action": "start-unit"}]
if said == "lost":
    module.exit_json(unreachable=True, msg="Connection timed out")
if said in ("back", "broken"):
    module.fail_json(msg="step start-unit failed: it says: no such luck", put_back=said == "back")
if said == "wrong":
    module.fail_json(msg="1 problem", problems=[{"path": "x"}])
module.exit_json(changed=bool(steps), steps=steps, disruption="none" if said in ("nothing", "light") else "drain")
"""
KUBECTL = """\
#!/bin/sh
case "$*" in
    *configz) echo '%s' ;;
    *) exec %s "$@" ;;
esac
"""
CONFIGZ = {
    "cpuManagerPolicy": "static",
    "topologyManagerPolicy": "none",
    "topologyManagerScope": "container",
    "memoryManagerPolicy": "None",
    "reservedSystemCPUs": "0",
}
PLAY = """\
- hosts: all
  gather_facts: false
  environment: {GEDGE_NODE: "{{ inventory_hostname }}"}
  tasks:
    - ansible.builtin.include_role:
        name: gedge.engine.cluster_kubelet
      vars:
        cluster_kubelet_cpu_manager_policy: static
        cluster_kubelet_reserved_cpus: "0"
        cluster_kubelet_drain_timeout: 1
        cluster_kubelet_kubeconfig: ""
        cluster_kubelet_kubectl: "{{ playbook_dir }}/kubectl"
"""
WHOLE = ["drained", "change", "schedulable"]


class Stage:
    """A folder with the role, two nodes and the stand-ins. core: the folder of a real kubernetes.core, with kubectl: a
    real one, else there are stand-ins for them, too."""

    def __init__(self, folder, core=None, kubectl="false"):
        self.folder, self.kubectl = folder, kubectl
        collections = folder / "collections" / "ansible_collections"
        ours, theirs = collections / "gedge" / "engine", collections / "kubernetes" / "core"
        for made in (ours / "plugins" / "modules", theirs.parent, folder / "home"):
            made.mkdir(parents=True)
        for name in ("roles", "meta", "galaxy.yml"):
            (ours / name).symlink_to(ROOT / name)
        for name in ("filter", "module_utils", "plugin_utils", "doc_fragments"):
            (ours / "plugins" / name).symlink_to(ROOT / "plugins" / name)
        (ours / "plugins" / "modules" / "kubelet.py").write_text(FAKE + KUBELET)
        if core:
            theirs.symlink_to(core)
            shutil.copy(ROOT / "plugins" / "modules" / "cluster_drain.py", ours / "plugins" / "modules")
        else:
            (ours / "plugins" / "modules" / "cluster_drain.py").write_text(FAKE + DRAIN)
            (theirs / "plugins" / "modules").mkdir(parents=True)
            (theirs / "plugins" / "modules" / "k8s_info.py").write_text(FAKE + INFO)
        (folder / "play.yml").write_text(PLAY)
        local = f"ansible_connection=local ansible_python_interpreter={sys.executable}"
        (folder / "hosts").write_text("".join(f"{node} {local}\n" for node in ("node1", "node2")))
        config = "[defaults]\nforks = 1\nlocalhost_warning = false\ndeprecation_warnings = false\n"
        (folder / "ansible.cfg").write_text(config)

    def play(self, script, configz=None, variables=None, left=()):
        """(rc, what was done, in order, what was printed). script: {"node1 drained": [word per call]}, see FAKE; left:
        nodes that an earlier run has left cordoned."""
        kubectl = self.folder / "kubectl"
        kubectl.write_text(KUBECTL % (json.dumps({"kubeletconfig": dict(CONFIGZ, **configz or {})}), self.kubectl))
        kubectl.chmod(0o755)
        fake = self.folder / "fake.json"
        spec = {name: option["type"] for name, option in argument_spec().items()}
        fake.write_text(json.dumps({"script": script, "log": [], "spec": spec, "left": list(left)}))
        env = dict(
            os.environ,
            ANSIBLE_CONFIG=str(self.folder / "ansible.cfg"),
            ANSIBLE_COLLECTIONS_PATH=str(self.folder / "collections"),
            GEDGE_FAKE=str(fake),
            ANSIBLE_HOME=str(self.folder / "home"),
        )
        command = [pathlib.Path(sys.executable).parent / "ansible-playbook", "-i", "hosts", "play.yml"]
        command += ["-e", json.dumps(variables or {})]
        done = subprocess.run(command, cwd=self.folder, capture_output=True, text=True, check=False, env=env)
        return done.returncode, json.loads(fake.read_text())["log"], done.stdout + done.stderr
