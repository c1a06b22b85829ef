# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Right descriptions of services without end: a Hypothesis strategy over all forms that are accepted."""

from __future__ import annotations

import json

from hypothesis import strategies as st

NAMES = ("alpha", "beta", "gamma", "delta")
SIZES = st.sampled_from(["64Mi", "1Gi", "1.5Gi", "1000M", "2147483648", 1073741824])
CPUS = st.sampled_from(["100m", "250m", 0.5, 1, "1", 1.5, "1500m", 3, "4"])
FLAGS = st.booleans()


@st.composite
def counted(draw, names):
    """({word: how many}, one of the ways to write that)."""
    counts = draw(st.dictionaries(st.sampled_from(sorted(names)), st.integers(0, 3)))
    ones = [word for word, count in counts.items() if count == 1]
    ways = [
        counts,
        {names[word]: count for word, count in counts.items()},
        [{word: count} for word, count in counts.items()],
    ]
    if len(ones) == len([count for count in counts.values() if count]):
        ways += [ones, [word.upper() for word in ones], json.dumps(ones), json.dumps([", ".join(ones)]) if ones else []]
    return counts, draw(st.sampled_from(ways))


@st.composite
def accelerations(draw):
    """({sriov, rdma, macvlan: how many}, an acceleration)."""
    dummy, compute = draw(counted({"gpu": "GPU", "fpga": "FPGA", "asic": "AIX"}))
    counts, communication = draw(
        counted({"sriov": "SR-IOV", "rdma": "RDMA", "macvlan": "macvlan"}).filter(
            lambda made: not made[0].get("sriov") or made[0].get("rdma", 0) <= made[0]["sriov"]
        )
    )
    made = {"compute": compute, draw(st.sampled_from(["communication", "network"])): communication}
    policy = draw(
        st.sampled_from(
            [
                {},
                {"topology": "none"},
                {"topology": "best-effort"},
                {"topology": "single-numa-node"},
                {"topologyAware": True},
                {"topologyAware": False},
            ]
        )
    )
    return counts, {**policy, **made}


@st.composite
def containers(draw, index):
    """({sriov, macvlan: how many}, a container)."""
    made = {"image": draw(st.sampled_from(["x", "x:1", "registry.example:5000/a/b_c:1.2-3", "a@sha256:" + "f" * 64]))}
    counts, acceleration = draw(accelerations())
    resources = {
        word: value for word, value in (("cpu", draw(CPUS)), ("memory", draw(SIZES))) if draw(st.integers(0, 4))
    }
    if draw(FLAGS):
        resources["hugepages"] = draw(st.sampled_from([{"2Mi": "4Mi"}, {"1Gi": "1Gi", "2M": "2Mi"}, {}]))
    if draw(FLAGS):
        made["limits"] = {"cpu": 8, "memory": draw(st.sampled_from(["4Gi", None]))}
    kind = draw(st.sampled_from(["resources", "requests", "none"]))
    if kind == "resources":
        made["resources"] = resources
    elif kind == "requests":
        made["resources"] = {"requests": {word: resources[word] for word in ("cpu", "memory") if word in resources}}
    if draw(FLAGS):
        made[draw(st.sampled_from(["acceleration", "Acceleration"]))] = acceleration
    elif kind == "resources":
        made["resources"]["acceleration"] = acceleration
    else:
        counts = {}
    made["env"] = draw(st.sampled_from([{}, {"A": "b"}, {"A": 1, "B": True}, [{"name": "A", "value": "1"}]]))
    made["ports"] = draw(st.sampled_from([[], [8000 + index], [{"containerPort": 9000 + index}]]))
    made["args"] = draw(
        st.lists(
            st.one_of(st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=4), st.integers(0, 9))
        )
    )
    if draw(FLAGS):
        made["Volumes"] = [{"name": "own"}]
    return counts, made


@st.composite
def services(draw, name, others):
    """A service of that name, which may speak of others."""
    drawn = [draw(containers(index)) for index in range(draw(st.integers(1, 3)))]
    made = {"name": name, "containers": [container for dummy, container in drawn]}
    totals = {kind: sum(counts.get(kind, 0) for counts, dummy in drawn) for kind in ("sriov", "macvlan")}
    if draw(FLAGS):
        made["networks"] = {kind: ["net-%d" % index for index in range(total)] for kind, total in totals.items()}
    if draw(FLAGS):
        made["volumes"] = [{"name": "all", "mount": "/all"}]
    if draw(FLAGS):
        made["kind"] = draw(st.sampled_from(["Deployment", "Job", "StatefulSet", "DaemonSet"]))
    if made.get("kind") != "DaemonSet":
        made["replicas"] = draw(st.integers(0, 4))
    if draw(FLAGS) and made.get("kind") in (None, "Deployment"):
        made["autoscaling"] = {"horizontal": {"max": 4, "min": 0 + 1}}
        made.pop("replicas", None)
    if others and draw(FLAGS):
        made["traffic"] = [{"to": draw(st.sampled_from(others)), "weight": draw(st.integers(1, 9))}]
        made["flow"] = {"source": draw(st.sampled_from(["", "nvme", "network:a", "service:" + others[0]]))}
    made["anti_affinity"] = draw(st.sampled_from(["self", [name], []]))
    return made


@st.composite
def files(draw):
    """A list of documents with services, templates and perhaps a mesh; all of it right."""
    names = NAMES[: draw(st.integers(1, len(NAMES)))]
    drawn = [draw(services(name, [other for other in names if other != name])) for name in names]
    template = {
        key: value for key, value in drawn[0].items() if key not in ("name", "traffic", "flow", "anti_affinity")
    }
    documents = [{"services": drawn}] if draw(FLAGS) else drawn
    if draw(FLAGS):
        template["containers"] = [{**template["containers"][0], "ports": [7000]}]
        template.pop("networks", None)
        versions = ["v%d" % number for number in range(1, draw(st.integers(2, 4)))]
        members = [{"name": "pages", "labels": {"version": each}, "template": "t"} for each in versions]
        route = {"name": "r", draw(st.sampled_from(["destination", "destinations"])): [{"host": "pages"}]}
        documents += [{"template": {"name": "t", "service": template}}]
        documents += [{"serviceMesh": {"name": "m", "services": members, "serviceRoutes": [route]}}]
    return documents
