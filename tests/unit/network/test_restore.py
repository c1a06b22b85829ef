"""The restore script against a real kernel: whatever was done to links, addresses, routes, rules, sysctls is undone."""

import json
import pathlib
import subprocess
import sys

import pytest

DRIVER = pathlib.Path(__file__).with_name("restore_driver.py")


@pytest.fixture(scope="module")
def namespaces():
    """Skips where this machine or user may not make links: the lab's nodes see the same for real."""
    trial = subprocess.run(
        ["unshare", "-n", "ip", "link", "add", "name", "a0", "type", "veth"], capture_output=True, check=False
    )
    if trial.returncode != 0:
        pytest.skip("needs root and veth")


def test_everything_comes_back(namespaces, tmp_path):
    run = 'mount -t sysfs sysfs /sys && exec "$@"'  # sysfs shows the namespace that it was mounted in
    argv = [
        "unshare",
        "-n",
        "-m",
        "sh",
        "-c",
        run,
        "sh",
        sys.executable,
        str(DRIVER),
        "4",
        "40",
        str(tmp_path / "work"),
    ]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert [row for row in rows if row["wrong"] or not row["rules"]] == []
    assert (len(rows), len([row for row in rows if row["harm"]]) >= 30) == (40, True)
