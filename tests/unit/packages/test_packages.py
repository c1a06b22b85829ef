"""Packages: what is missing is installed and remembered with all that came along; absent purges that and no more."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.baseline import Baseline
from ansible_collections.gedge.engine.plugins.module_utils.converge import ApplyError, converge
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError, ProblemsError
from ansible_collections.gedge.engine.plugins.module_utils.packages.subsystem import Packages
from ansible_collections.gedge.engine.plugins.module_utils.system import CommandResult, System

# package -> what it depends on
ARCHIVE = {"perftest": ["libibverbs1", "libc6"], "rdma-core": ["libibverbs1"], "libibverbs1": ["libc6"], "libc6": []}
DONE = CommandResult(0, "", "")


class Killed(BaseException):
    """kill -9."""


class Debian(System):
    """A machine with an archive and a set of installed packages; die_at: the number of the change that kills."""

    def __init__(self, root, installed=("libc6",)):
        super().__init__(root)
        self.packages = dict.fromkeys(installed, "1.0")
        self.fresh_lists = True
        self.broken = ()
        self.die_at = None
        self.calls = []

    def closure(self, names):
        """All that an installation of the names adds."""
        added, todo = [], [name.split("=")[0] for name in names]
        while todo:
            name = todo.pop()
            if name not in self.packages and name not in added:
                added.append(name)
                todo += ARCHIVE[name]
        return added

    def users(self, names):
        """What a purge of the names takes along."""
        gone = set(names)
        while True:
            more = {name for name in self.packages if set(ARCHIVE.get(name, ())) & gone} | gone
            if more == gone:
                return sorted(gone)
            gone = more

    def run(self, argv, check=True, stdin=None):
        result = self.answer(argv)
        if check and result.rc:
            raise EngineError("rc %d: %s" % (result.rc, result.err), " ".join(argv))
        return result

    def answer(self, argv):
        """What the command leaves."""
        if argv[0] == "dpkg-query":
            return CommandResult(0, "".join("%s\tinstalled\t%s\n" % item for item in self.packages.items()), "")
        if argv[0] == "dpkg":
            return DONE
        self.calls.append(" ".join(argv[2:]))
        if "update" in argv:
            self.fresh_lists = True
            return DONE
        names = argv[argv.index("install" if "install" in argv else "purge") + 1 :]
        if "-s" not in argv and self.die_at is not None:
            self.die_at -= 1
            if self.die_at < 0:
                raise Killed
        return self.install(names, "-s" in argv) if "install" in argv else self.purge(names, "-s" in argv)

    def install(self, names, simulate):
        """apt-get install."""
        unknown = [name for name in names if name.split("=")[0] not in ARCHIVE]
        if unknown or not self.fresh_lists:
            return CommandResult(100, "", "E: Unable to locate package %s" % (unknown or names)[0])
        added = self.closure(names)
        if simulate:
            return CommandResult(0, "".join("Inst %s (1.0 Debian [amd64])\n" % name for name in added), "")
        if set(self.broken) & set(added):
            self.packages.update(dict.fromkeys(added[1:], "1.0"))
            return CommandResult(100, "", "E: Sub-process /usr/bin/dpkg returned an error code (1)")
        self.packages.update(dict.fromkeys(added, "1.0"))
        return DONE

    def purge(self, names, simulate):
        """apt-get purge."""
        gone = self.users(names)
        if simulate:
            return CommandResult(0, "".join("Purg %s [1.0]\n" % name for name in gone), "")
        for name in gone:
            self.packages.pop(name, None)
        return DONE


@pytest.fixture
def debian(tmp_path):
    """A machine with libc6 alone."""
    return Debian(str(tmp_path))


def packages(system, names=(), state="present", check_mode=False):
    """One run of the module."""
    return converge(Packages({"names": list(names), "state": state}, system), check_mode)


def recorded(system):
    """What the baseline names."""
    return sorted(Baseline(system, "packages").load())


def test_there_again_and_back(debian):
    before = dict(debian.packages)
    foretold = packages(debian, ["perftest"], check_mode=True)
    assert debian.packages == before
    done = packages(debian, ["perftest"])
    assert done == foretold
    assert [(s["action"], s["after"]) for s in done["steps"]] == [("install-packages", ["perftest"])]
    assert recorded(debian) == ["libibverbs1", "perftest"]
    assert not packages(debian, ["perftest"])["changed"]
    assert packages(debian, state="absent")["changed"]
    assert debian.packages == before
    assert recorded(debian) == []
    assert not packages(debian, state="absent")["changed"]


def test_what_was_there_before_stays(debian):
    debian.packages["libibverbs1"] = "1.0"
    packages(debian, ["perftest", "libibverbs1"])
    packages(debian, state="absent")
    assert sorted(debian.packages) == ["libc6", "libibverbs1"]


def test_check_mode_tells_what_apt_does_not_know(debian):
    foretold = packages(debian, ["perftest", "nosuch"], check_mode=True)
    (warning,) = foretold["warnings"]
    assert warning.startswith(
        "apt cannot install perftest nosuch with the lists it has now: E: Unable to locate package"
    )
    assert [step["after"] for step in foretold["steps"]] == [["perftest", "nosuch"]]
    assert "warnings" not in packages(debian, ["perftest"], check_mode=True)
    assert "warnings" not in packages(debian, state="absent", check_mode=True)


def test_check_mode_leaves_old_lists_as_they_are(debian):
    debian.fresh_lists = False
    assert packages(debian, ["rdma-core"], check_mode=True)["warnings"]
    assert not debian.fresh_lists
    assert "warnings" not in packages(debian, ["rdma-core"])


def test_old_lists_are_refreshed_once(debian):
    debian.fresh_lists = False
    packages(debian, ["rdma-core"])
    assert [call for call in debian.calls if "update" in call] == ["apt-get -q -y -o DPkg::Lock::Timeout=120 update"]


def test_an_unknown_package_changes_nothing(debian):
    with pytest.raises(EngineError, match="nosuch: apt cannot install them: E: Unable to locate package"):
        packages(debian, ["perftest", "nosuch"])
    assert sorted(debian.packages) == ["libc6"]
    assert recorded(debian) == []


def test_an_installation_that_fails_is_taken_back(debian):
    debian.broken = ("perftest",)
    with pytest.raises(ApplyError, match="put back"):
        packages(debian, ["perftest"])
    assert sorted(debian.packages) == ["libc6"]
    assert recorded(debian) == []


def test_a_killed_run_forgets_nothing(debian):
    debian.die_at = 0
    with pytest.raises(Killed):
        packages(debian, ["perftest"])
    debian.die_at = None
    packages(debian, ["perftest"])
    packages(debian, state="absent")
    assert sorted(debian.packages) == ["libc6"]


def test_what_others_installed_later_is_not_taken_along(debian):
    packages(debian, ["rdma-core"])
    debian.packages["perftest"] = "1.0"  # an administrator, by hand
    with pytest.raises(EngineError, match="packages that others installed would go too: perftest"):
        packages(debian, state="absent")
    assert sorted(debian.packages) == ["libc6", "libibverbs1", "perftest", "rdma-core"]


def test_a_version_counts(debian):
    assert packages(debian, ["perftest=1.0"])["changed"]
    assert not packages(debian, ["perftest=1.0"])["changed"]
    assert packages(debian, ["perftest=2.0"], check_mode=True)["changed"]


@pytest.mark.parametrize("name", ["", "-y", "a", "Perftest", "x y", "x;reboot", "x=", "../x", "x\n"])
def test_bad_names(debian, name):
    with pytest.raises(ProblemsError, match=r"names\[1\]: is no package name"):
        packages(debian, ["perftest", name])
