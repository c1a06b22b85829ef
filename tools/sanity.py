"""ansible-test sanity on a copy of the collection, with all tests that run without docker.

ansible-test wants a real folder .../ansible_collections/NAMESPACE/NAME; in a folder of links it tests nothing.
"""

from __future__ import annotations

import os
import pathlib
import re
import shutil
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
COPY = ROOT / "build" / "ansible_collections" / "gedge" / "engine"
CACHE = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache") / "gedge-engine"
# ansible-test keeps its virtual environments and its get-pip script in HOME. This one is ours alone.
HOME = CACHE / "ansible-test-home"

# ansible-test downloads get-pip from a host of its own, which many networks do not let through.
# Python brings a pip along that can fetch the asked-for one.
GET_PIP = """\
import subprocess
import sys

subprocess.check_call([sys.executable, "-m", "ensurepip"])
wanted = [word for word in sys.argv[1:] if word not in ("--no-setuptools", "--no-wheel")]
sys.exit(subprocess.call([sys.executable, "-m", "pip", "install"] + wanted))
"""


def sources():
    """The paths of all files that git tracks or would track, without the folder of links."""
    command = ["git", "ls-files", "-co", "--exclude-standard", "-z", "--", ".", ":!collections"]
    listing = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    return [name for name in listing.split("\0") if name and (ROOT / name).is_file()]


def copy():
    """Make the copy anew, a repository of its own."""
    shutil.rmtree(COPY, ignore_errors=True)
    for name in sources():
        (COPY / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy2(ROOT / name, COPY / name)
    # ansible-test asks git for the files, and the repository around build/ ignores them.
    subprocess.run(["git", "init", "-q"], cwd=COPY, check=True)


def pip_version():
    """The version of pip that this ansible-test installs, such as "24.2"."""
    import ansible_test._internal.python_requirements as requirements  # noqa: PLC0415

    text = pathlib.Path(requirements.__file__).read_text(encoding="utf-8")
    return re.search(r"pip='([0-9.]+)'", text).group(1)


def pip_settings():
    """What pip is told here by files and variables (a mirror, a certificate), as the text of one pip.conf."""
    listing = subprocess.run(
        [sys.executable, "-m", "pip", "config", "list"], check=True, capture_output=True, text=True
    )
    settings = re.findall(r"^(?:global|:env:)\.([a-z-]+)='(.*)'$", listing.stdout, re.MULTILINE)
    return "\n".join(["[global]", *(f"{key} = {value}" for key, value in dict(settings).items()), ""])


def prepare_home():
    """HOME for ansible-test, which hands on no other variable: the stand-in for get-pip, and pip's settings."""
    script = HOME / ".ansible" / "test" / "cache" / f"get_pip_{pip_version().replace('.', '_')}.py"
    for path, text in ((script, GET_PIP), (HOME / ".config" / "pip" / "pip.conf", pip_settings())):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")


def main():
    """rc of ansible-test; further arguments go to it."""
    copy()
    prepare_home()
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    command = [str(pathlib.Path(sys.executable).parent / "ansible-test"), "sanity", "--python", python, "--color", "no"]
    environment = dict(os.environ, HOME=str(HOME))
    environment.pop("ANSIBLE_CONFIG", None)
    return subprocess.run([*command, *sys.argv[1:]], cwd=COPY, env=environment, check=False).returncode


if __name__ == "__main__":
    sys.exit(main())
