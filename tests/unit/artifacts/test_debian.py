"""Programs of Debian packages: what is asked of apt, what is refused, what a program loads. No apt is run."""

import os

import pytest
from ansible_collections.gedge.engine.plugins.module_utils import paths
from ansible_collections.gedge.engine.plugins.module_utils.artifacts import debian
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError

DEB = b"the package"
SHOWN = """Package: tool
Priority: optional
Section: net

Package: libz1
Section: libs

Package: perl
Section: interpreters
"""


class Machine:
    """Answers the commands of a machine with apt; what dpkg-deb would unpack is written to the folder."""

    def __init__(self, digest):
        self.digest, self.asked = digest, []
        self.static, self.lacks, self.foreign = False, "", False

    def run(self, words, folder="/"):
        """(rc, stdout, stderr)."""
        self.asked.append(words[:2])
        if words[0] == "apt-cache":
            return 0, "tool\n  Depends: libz1\nlibz1\nperl\n" if words[1] == "depends" else SHOWN, ""
        if "--print-uris" in words:
            assert words[3:] == ["libz1", "tool"]
            return 0, "".join(f"'x:/{n}.deb' {n}_1_amd64.deb 9 SHA256:{self.digest}\n" for n in words[3:]), ""
        if words[:2] == ["apt-get", "download"]:
            for name in ("libz1_1_amd64.deb", "tool_1_amd64.deb"):
                with open(f"{folder}/{name}", "wb") as handle:
                    handle.write(DEB)
        elif words[0] == "dpkg-deb":
            self.unpack(words[3])
        else:
            return self.load(words)
        return 0, "", ""

    def load(self, words):
        """As the loader lists what a program loads."""
        if words[1] == "--verify":
            return 1 if self.static else 0, "", ""
        place = "/usr/lib" if self.foreign else words[3].split(":")[-1]
        lines = ["linux-vdso.so.1 (0x00007ffd)", f"libz.so.1 => {place}/libz.so.1 (0x00007f01)"]
        lines += [f"{self.lacks} => not found"] if self.lacks else ["/lib64/ld-linux-x86-64.so.2 (0x00007f02)"]
        return 0, "".join(f"\t{line}\n" for line in lines), ""

    def unpack(self, root):
        """A program, a library with a link to it, the loader."""
        write(root, "usr/bin/tool")
        write(root, "usr/lib/x86_64-linux-gnu/libz.so.1.2")
        write(root, "usr/lib64/ld-linux-x86-64.so.2")
        link = os.path.join(root, "usr/lib/x86_64-linux-gnu/libz.so.1")
        if not os.path.lexists(link):
            os.symlink("libz.so.1.2", link)


def write(root, name):
    """A file of that name."""
    path = os.path.join(root, name)
    os.makedirs(os.path.dirname(path), exist_ok=True)
    with open(path, "w", encoding="ascii") as handle:
        handle.write(name)


@pytest.fixture
def machine(monkeypatch, tmp_path):
    """The stand-in, whose packages are what apt's lists say."""
    (tmp_path / "deb").write_bytes(DEB)
    made = Machine(paths.sha256(tmp_path / "deb"))
    monkeypatch.setattr(debian, "run", made.run)
    return made


def collect(tmp_path, check_mode=False, **params):
    """What the module would do."""
    asked = {"packages": ["tool"], "programs": ["/usr/bin/tool"], "folders": [], "cache": str(tmp_path / "cache")}
    return debian.collect({**asked, **params}, check_mode)


def test_a_program_with_its_library_and_loader(machine, tmp_path):
    found = collect(tmp_path)
    assert set(found["files"]) == {
        "/usr/bin/tool",
        "/usr/lib/x86_64-linux-gnu/libz.so.1",
        "/lib64/ld-linux-x86-64.so.2",
    }
    assert found["files"]["/usr/lib/x86_64-linux-gnu/libz.so.1"].endswith("libz.so.1.2")
    assert [one["file"] for one in found["packages"]] == ["libz1_1_amd64.deb", "tool_1_amd64.deb"]
    assert set(found["sha256"]) == set(found["files"]) and found["changed"]


def test_a_second_time_nothing_is_fetched(machine, tmp_path):
    collect(tmp_path)
    machine.asked.clear()
    found = collect(tmp_path)
    assert not found["changed"] and found["files"]
    assert machine.asked.count(["apt-get", "download"]) == 1  # the list of SHA-256 only
    assert ["dpkg-deb", "-x"] not in machine.asked


def test_check_mode_fetches_nothing(machine, tmp_path):
    found = collect(tmp_path, check_mode=True)
    assert (found["changed"], found["files"]) == (True, {})
    assert not (tmp_path / "cache").exists()


def test_a_static_program_comes_alone(machine, tmp_path):
    machine.static = True
    assert set(collect(tmp_path)["files"]) == {"/usr/bin/tool"}


def test_a_folder_comes_whole_with_what_its_files_load(machine, tmp_path):
    found = collect(tmp_path, folders=["/usr/lib/*-linux-gnu"])
    assert "/usr/lib/x86_64-linux-gnu/libz.so.1.2" in found["files"]


@pytest.mark.parametrize(
    ("change", "params", "text"),
    [
        ({}, {"programs": ["/usr/bin/tol"]}, "/usr/bin/tol: is in none of the packages"),
        ({}, {"folders": ["/etc/none"]}, "/etc/none: nothing is in it"),
        ({}, {"packages": ["Tool x"]}, "packages[0]: is no name of a package"),
        ({}, {"programs": []}, "programs: is empty"),
        ({}, {"programs": ["usr/bin/tool"]}, "programs[0]: is no absolute path"),
        ({}, {"programs": ["/usr/bin/../../etc/passwd"]}, "programs[0]: is no absolute path"),
        ({"digest": "0" * 64}, {}, "is not the file that apt's lists name"),
        ({"lacks": "libq.so.2"}, {}, "/usr/bin/tool: needs what no package has: libq.so.2"),
        ({"foreign": True}, {}, "/usr/bin/tool: takes libz.so.1 from this machine"),
    ],
)
def test_what_is_refused(machine, tmp_path, change, params, text):
    vars(machine).update(change)
    with pytest.raises(EngineError) as told:
        collect(tmp_path, **params)
    assert text in told.value.text()
    left = list((tmp_path / "cache").rglob("*.deb")) if (tmp_path / "cache").exists() else []
    assert left == []


def test_a_machine_without_apt():
    with pytest.raises(EngineError, match="gedge-no-such-program: cannot be run"):
        debian.run(["gedge-no-such-program"])
