# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""What a result says beside its steps: the devices, what is missing, and what will not hold as asked. Pure."""

from __future__ import annotations

from . import gpu, modules


def notes(state, wanted, absent):
    """{"devices", "packages", "missing_packages", "driver", "drift", "deferred", "warnings"}."""
    rows = [dict(device.as_dict(), **_more(state, device)) for device in state.devices]
    missing = [name for name in wanted.packages if name.split("=")[0] not in state.installed]
    return {
        "devices": rows,
        "packages": list(wanted.packages),
        "missing_packages": [] if absent else missing,
        "driver": _driver(wanted.offer),
        "drift": gpu.drift(state.gpu, wanted.mig),
        "deferred": [] if absent else _deferred(state, wanted),
        "warnings": [] if absent else _warnings(state, wanted, missing),
    }


def _more(state, device):
    """What only the kind's own reading tells."""
    card, seen = state.cards.get(device.address), state.gpu.gpus.get(device.address)
    if card:
        return {"identity": card.identity(), "users": card.users}
    if seen:
        return {"uuid": seen.uuid, "driver_version": seen.driver, "mig": seen.mig, "instances": list(seen.instances)}
    return {}


def _driver(offer):
    return {"branch": offer.branch, "modules": offer.modules} if offer else None


def _deferred(state, wanted):
    """Texts: what can be planned only once the driver runs."""
    waits = []
    if wanted.offer and not state.gpu.ready:
        waits.append("persistence and CDI: nvidia-smi does not answer yet")
        waits += ["MIG of GPU %s: nvidia-smi does not answer yet" % address for address in sorted(wanted.mig)]
    return waits


def _warnings(state, wanted, missing):
    lacking = modules.missing(state.modules, wanted.modules)
    if not lacking or missing:
        return []
    text = "kernel %s has no module %s: the device works only with a package that brings it"
    return [text % (state.release, ", ".join(lacking))] + (
        ["Debian 12 and 13 build their kernels without FPGA support (CONFIG_FPGA); bind the card to vfio-pci instead"]
        if "dfl-pci" in lacking
        else []
    )
