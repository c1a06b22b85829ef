# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What follows from the normal form of a service, for those who place it and make its manifests."""

from __future__ import annotations

from ..quantities import millicores, number_of_bytes

DEVICES = ("gpu", "fpga", "asic", "sriov", "rdma", "macvlan")


def devices(container):
    """{gpu, fpga, asic, sriov, rdma, macvlan: how many} of a container."""
    acceleration = container["acceleration"]
    return {**acceleration["compute"], **acceleration["communication"]}


def pinned(container):
    """True where the container gets CPUs of its own: its topology policy aligns something, so all must be exclusive."""
    return container["acceleration"]["topology"] != "none"


def has_pinned(service):
    """True where a container of the service is pinned; the whole pod must be Guaranteed then."""
    return any(pinned(container) for container in service["containers"])


def exclusive_cpus(container):
    """How many CPUs it gets for itself."""
    return millicores(container["resources"]["cpu"]) // 1000 if pinned(container) else 0


def asked(container):
    """{"millicores": int, "memory": bytes, "hugepages": {size: bytes}} of a container."""
    resources = container["resources"]
    pages = {size: number_of_bytes(text) for size, text in resources["hugepages"].items()}
    made = {"millicores": millicores(resources["cpu"]), "memory": number_of_bytes(resources["memory"])}
    return {**made, "hugepages": pages}


def path_of(containers):
    """basic, dual or accelerated: which networks the containers ask for."""
    totals = [devices(container) for container in containers]
    if any(total["sriov"] or total["rdma"] for total in totals):
        return "accelerated"
    return "dual" if any(total["macvlan"] for total in totals) else "basic"
