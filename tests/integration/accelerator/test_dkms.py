"""Whether DKMS really builds NVIDIA's modules against each suite's current kernel; `make dkms`.

Opt-in (GEDGE_DKMS=1), as a build takes 3 to 20 minutes on two cores and 2 GB in ~/.cache/gedge-engine/apt. Where it
fails, nvidia.DEBIAN says from which kernel on; when that is mended, this test says so."""

import os
import re
import shutil
import subprocess

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.accelerator import nvidia
from helpers.debian import CACHE, own_sources

pytestmark = pytest.mark.skipif(not os.environ.get("GEDGE_DKMS"), reason="builds kernel modules: set GEDGE_DKMS=1")
OFFERS = [
    pytest.param(suite, offer, id=f"{suite}-{offer.branch}-{offer.modules}")
    for suite, offers in nvidia.DEBIAN.items()
    for offer in offers
]


@pytest.mark.parametrize(("suite", "offer"), OFFERS)
def test_it_builds_or_is_known_not_to(suite, offer):
    root = CACHE / f"dkms-{suite}-{offer.branch}-{offer.modules}"
    shutil.rmtree(root, ignore_errors=True)
    packages = f"dkms,linux-headers-amd64,{offer.packages[0]}"
    argv = ["mmdebstrap", "--variant=apt", f"--include={packages}", "--aptopt=APT::Install-Recommends false"]
    # The chroot is kept where the build fails, so that its log can be read.
    hook = "--customize-hook=chroot $1 dkms status > $1/status; ls $1/lib/modules > $1/kernels"
    done = subprocess.run(
        [*argv, hook, suite, str(root), "-"], input=own_sources(suite), text=True, capture_output=True, check=False
    )
    built = (root / "status").exists() and ": installed" in (root / "status").read_text()
    if built:
        kernel = (root / "kernels").read_text().split()[-1]
        shutil.rmtree(root)
        assert offer.builds(kernel), f"builds on {kernel} again: take the mark off nvidia.DEBIAN"
    else:
        kernel = re.search(r"Bad return status for module build on kernel: (\S+)", done.stdout + done.stderr)
        assert kernel, done.stderr[-3000:]
        assert not offer.builds(kernel.group(1)), f"does not build on {kernel.group(1)}: see {root}"
