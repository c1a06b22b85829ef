# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What Kubernetes and acceleration need of containerd's configuration, and the files of ours that bring it.

containerd reads one file; what that imports is read after it, and a plugin's section is then replaced as a whole. So
our file imports the operator's and, behind it, one with the sections of the CRI plugin: the operator's own values with
ours among them. A systemd drop-in starts containerd with our file; config.toml itself stays as it is, and counts for
all but those sections at once.
"""

from __future__ import annotations

import re

from ..errors import Problem
from . import toml

UNIT = "containerd.service"
USUAL = "/etc/containerd/config.toml"
ROOT = "/etc/containerd/gedge.toml"
PART = "/etc/containerd/gedge.d/cri.toml"
UNIT_FOLDER = "/etc/systemd/system/containerd.service.d"
DROP_IN = UNIT_FOLDER + "/zz-gedge.conf"
CERTS = "/etc/containerd/certs.d"
FOLDERS = ("/etc/containerd/gedge.d", UNIT_FOLDER)
HEAD = "# Made by gedge.engine.runtime; it goes with state: absent.\n"
CRI = "io.containerd.grpc.v1.cri"
RUNTIME, IMAGES = "io.containerd.cri.v1.runtime", "io.containerd.cri.v1.images"
RUNC = ("containerd", "runtimes", "runc", "options")
# By the version of the configuration, 2 for containerd 1.x, 3 for containerd 2: where each setting stands.
PLACES = {
    "2": {
        "systemd_cgroup": (("plugins", CRI) + RUNC, "SystemdCgroup"),
        "cdi": (("plugins", CRI), "enable_cdi"),
        "cni_bin_dir": (("plugins", CRI, "cni"), "bin_dir"),
        "cni_conf_dir": (("plugins", CRI, "cni"), "conf_dir"),
        "pause_image": (("plugins", CRI), "sandbox_image"),
        "certs": (("plugins", CRI, "registry"), "config_path"),
    },
    "3": {
        "systemd_cgroup": (("plugins", RUNTIME) + RUNC, "SystemdCgroup"),
        "cdi": (("plugins", RUNTIME), "enable_cdi"),
        "cni_bin_dir": (("plugins", RUNTIME, "cni"), "bin_dir"),
        "cni_conf_dir": (("plugins", RUNTIME, "cni"), "conf_dir"),
        "pause_image": (("plugins", IMAGES, "pinned_images"), "sandbox"),
        "certs": (("plugins", IMAGES, "registry"), "config_path"),
    },
}
# What may be missing in the dump of a containerd that does not know it; the others always stand there.
OPTIONAL = ("cdi", "pause_image")


def asked(options):
    """{setting: text} of what is asked for; a registry's mirrors need a folder only where there are some."""
    wanted = {
        "systemd_cgroup": "true",
        "cdi": "true",
        "cni_bin_dir": toml.string(options["cni_bin_dir"]),
        "cni_conf_dir": toml.string(options["cni_conf_dir"]),
    }
    if options["pause_image"]:
        wanted["pause_image"] = toml.string(options["pause_image"])
    if options["mirrors"]:
        wanted["certs"] = toml.string(CERTS)
    return wanted


def version(base):
    """The version of a dumped configuration, "2" or "3"."""
    return toml.plain(base.get((), {}).get("version", "2"))


def value(base, setting):
    """The text of a setting in a configuration, None where this containerd does not know it."""
    section, key = PLACES[version(base)][setting]
    return base.get(section, {}).get(key)


def changes(base, wanted):
    """{setting: (before, after)} of what is not as asked for. A folder for mirrors that others named is kept."""
    found = {}
    for setting, text in wanted.items():
        before = value(base, setting)
        if setting == "certs" and toml.plain(before):
            continue
        if before is None and setting in OPTIONAL:
            continue
        if not toml.same(before, text):
            found[setting] = (before, text)
    return found


def problems(base, wanted):
    """What keeps this configuration from being brought to what is asked for."""
    if version(base) not in PLACES:
        what = "version %s of containerd's configuration is not known" % version(base)
        return [Problem(USUAL, what, "Take containerd 1.6 to 2.x")]
    section, dummy_key = PLACES[version(base)]["certs"]
    mirrors = section + ("mirrors",)
    old = [name for name in base if name[: len(mirrors)] == mirrors and len(name) > len(mirrors)]
    if "certs" in wanted and old:
        what = "registry.mirrors there and mirrors here cannot both be: containerd refuses it"
        return [Problem("mirrors", what, "Move %s into mirrors, then take it out of config.toml" % old[0][-1])]
    return []


def files(base, wanted, path, command):
    """{path: text}, {} where nothing is needed. path: the operator's file; command: the unit's own ExecStart."""
    made = changes(base, wanted)
    if not made:
        return {}
    places = PLACES[version(base)]
    owners = sorted({places[setting][0][1] for setting in made})
    sections = {name: dict(pairs) for name, pairs in base.items() if len(name) > 1 and name[1] in owners}
    for setting, (dummy_before, after) in made.items():
        section, key = places[setting]
        sections.setdefault(section, {})[key] = after
    top = "version = %s\n" % version(base)
    imports = "imports = [%s]\n" % ", ".join(toml.string(one) for one in (path, PART))
    start = "[Service]\nExecStart=\nExecStart=%s --config %s\n" % (command, ROOT)
    return {
        ROOT: "%s# %s is yours; the sections below plugins of the second file come after it.\n%s%s"
        % (HEAD, path, top, imports),
        PART: HEAD + top + "\n" + toml.text_of(sections),
        DROP_IN: HEAD + start,
    }


def hosts(options, folder):
    """{path: text} of the mirrors."""
    texts = {}
    for registry, urls in sorted(options["mirrors"].items()):
        lines = ["server = %s\n" % toml.string("https://" + registry)]
        lines += ['[host.%s]\n  capabilities = ["pull", "resolve"]\n' % toml.string(url) for url in urls]
        texts["%s/%s/hosts.toml" % (folder, registry)] = HEAD + "\n".join(lines)
    return texts


def launch(system, fragment, drop_ins):
    """(the unit's own ExecStart, the configuration file that it names), without our drop-in."""
    command = ""
    for path in [fragment] + [one for one in drop_ins if one != DROP_IN]:
        for line in (system.read(path) or "").splitlines():
            name, sign, text = line.strip().partition("=")
            if sign and name == "ExecStart" and text:
                command = text.strip()
    hit = re.search(r"\s(?:--config|-c)[= ](\S+)", command)
    return command, hit.group(1) if hit else USUAL
