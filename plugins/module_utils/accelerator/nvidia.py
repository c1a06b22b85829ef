# Copyright (c) 2026 The gedge.engine authors
# Apache License 2.0 (see LICENSE or https://www.apache.org/licenses/LICENSE-2.0)
# SPDX-License-Identifier: Apache-2.0

"""Which NVIDIA driver a node gets: branch, open or proprietary kernel modules, packages. Pure.

The limits are NVIDIA's: open modules drive Turing and newer, Blackwell needs them and branch 570; branch 580 is the
last for Maxwell, Pascal and Volta, 470 the last for Kepler. What Debian offers was resolved with apt-get against its
real archive on 2026-11-24 (tests/integration/accelerator/test_archive.py does it again).
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from ..errors import EngineError

OPEN, PROPRIETARY, AUTO = "open", "proprietary", "auto"
# family: (first branch, last branch or 0, what its kernel modules may be)
LIMITS = {
    "kepler": (304, 470, (PROPRIETARY,)),
    "maxwell": (343, 580, (PROPRIETARY,)),
    "pascal": (367, 580, (PROPRIETARY,)),
    "volta": (384, 580, (PROPRIETARY,)),
    "turing": (410, 0, (OPEN, PROPRIETARY)),
    "ampere": (450, 0, (OPEN, PROPRIETARY)),
    "ada": (525, 0, (OPEN, PROPRIETARY)),
    "hopper": (525, 0, (OPEN, PROPRIETARY)),
    "blackwell": (570, 0, (OPEN,)),
}
# From this branch on NVIDIA makes the open kernel modules the default, and from the last one on the only ones.
OPEN_ONLY = 590


@dataclass
class Offer:
    """One driver that an archive has. breaks: the kernel, as (6, 12, 117), from which on it was seen not to build."""

    branch: int
    modules: str
    packages: tuple
    breaks: tuple = ()

    def builds(self, release):
        """False for a running kernel that is known to be too new for it."""
        numbers = tuple(int(part) for part in re.findall(r"\d+", release)[:3])
        return not self.breaks or numbers < self.breaks


def _offer(branch, modules, kernel, tools, cuda, breaks=()):
    return Offer(branch, modules, (kernel, tools, cuda, "nvidia-persistenced"), breaks)


# Per Debian suite, the best first. Debian 12 has open modules too (535.261.03), but its security archive moved the
# rest of the driver to 535.309.01, and nvidia-open-kernel-dkms needs the firmware of its own version: apt refuses.
# Debian 13's open modules (550.163.01-2) do not build against its kernel 6.12.117 (pci_resize_resource has other
# arguments there), its proprietary ones of the same version do: seen with DKMS on 2026-11-24, see `make dkms`.
DEBIAN = {
    "bookworm": (
        _offer(535, PROPRIETARY, "nvidia-kernel-dkms", "nvidia-smi", "libcuda1"),
        _offer(470, PROPRIETARY, "nvidia-tesla-470-kernel-dkms", "nvidia-tesla-470-smi", "libnvidia-tesla-470-cuda1"),
    ),
    "trixie": (
        _offer(550, OPEN, "nvidia-open-kernel-dkms", "nvidia-smi", "libcuda1", (6, 12, 117)),
        _offer(550, PROPRIETARY, "nvidia-kernel-dkms", "nvidia-smi", "libcuda1"),
    ),
}


def choose(families, suite, asked="auto", repository=None, release=""):
    """The Offer for all GPUs of a node: a node runs one driver. Raises EngineError where none fits.

    families: of the GPUs; suite: Debian codename; asked: auto, open or proprietary; repository: {"branch", "packages"}
    of the operator's own, or None for Debian's archive; release: of the running kernel."""
    first, last, kinds = _limits(families)
    offers = [_own(repository, kinds, asked)] if repository else list(DEBIAN.get(suite, ()))
    fitting = [
        offer
        for offer in offers
        if offer.branch >= first
        and (not last or offer.branch <= last)
        and offer.modules in kinds
        and (asked == offer.modules or (asked == AUTO and offer.builds(release)))
        and (offer.branch < OPEN_ONLY or offer.modules == OPEN)
    ]
    if fitting:
        return fitting[0]
    need = "branch %d%s, %s kernel modules" % (first, " to %d" % last if last else " or newer", " or ".join(kinds))
    have = ", ".join("%d %s" % (offer.branch, offer.modules) for offer in offers) or "nothing"
    source = "the repository" if repository else "Debian %s" % (suite or "(unknown)")
    wish = "" if asked == AUTO else "; %s modules are asked for" % asked
    raise EngineError(
        "GPUs of %s need %s; %s has %s%s" % (", ".join(sorted(set(families))), need, source, have, wish),
        "gpu",
        "Give an NVIDIA repository's branch and packages that fit (gpu.repository), or leave gpu.modules at auto",
    )


def headers(release):
    """The packages with the headers that DKMS builds against: of the running kernel, and of those to come."""
    flavour = re.search(r"-((?:cloud-|rt-)?(?:amd64|arm64))$", release)
    names = ["linux-headers-%s" % release] if release else []
    return names + (["linux-headers-%s" % flavour.group(1)] if flavour else [])


def pinning(repository):
    """Lines of an apt preferences file that keeps the branch, [] where none is given."""
    if not repository or not repository.get("branch"):
        return []
    patterns = "nvidia-* libnvidia-* xserver-xorg-video-nvidia* libcuda1* cuda-drivers* firmware-nvidia-*"
    return [
        "Explanation: keep the driver branch that node_gpu was asked for",
        "Package: %s" % patterns,
        "Pin: version %d.*" % repository["branch"],
        "Pin-Priority: 900",
    ]


def _limits(families):
    known = [LIMITS[family] for family in families if family in LIMITS]
    if not known:
        return 0, 0, (OPEN, PROPRIETARY)
    first, last = max(one[0] for one in known), min((one[1] for one in known if one[1]), default=0)
    kinds = tuple(kind for kind in (OPEN, PROPRIETARY) if all(kind in one[2] for one in known))
    if not kinds or (last and first > last):
        raise EngineError(
            "no driver runs all GPUs of this node: %s" % ", ".join(sorted(set(families))),
            "gpu",
            "Put GPUs that need different drivers into different nodes, or bind one of them to vfio-pci",
        )
    return first, last, kinds


def _own(repository, kinds, asked):
    """What the operator's own repository offers: he says the packages, the GPUs say the modules."""
    modules = asked if asked != AUTO else kinds[0]
    return Offer(repository["branch"], modules, tuple(repository["packages"]))
