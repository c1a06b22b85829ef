"""The command line: read as the kernel does, written so that it is read the same, compared by what it means."""

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.boot import cmdline, grub, modules
from ansible_collections.gedge.engine.plugins.module_utils.errors import EngineError
from hypothesis import given
from hypothesis import strategies as st

READ = [
    ("a b=1  c=", [("a", None), ("b", "1"), ("c", "")]),
    ('x="a b" y', [("x", "a b"), ("y", None)]),
    ('"x=a b" y', [("x", "a b"), ("y", None)]),  # as GRUB hands it to the kernel
    ("a=b=c", [("a", "b=c")]),
    ("", []),
]


@pytest.mark.parametrize(("text", "pairs"), READ)
def test_words(text, pairs):
    assert cmdline.words(text) == pairs


MISSING = [
    ("panic=5", "panic=5", ""),
    ("panic=5", "panic=5 panic=6", "panic=5"),  # the last one wins
    ("panic=5", "panic=6 panic=5", ""),
    ("console=tty0", "console=tty0 console=ttyS0", ""),  # each counts
    ("isolcpus=2", "isolcpus=3 isolcpus=2", "isolcpus=2"),  # the kernel drops the second
    ("isolcpus=2", "isolcpus=2 isolcpus=2", ""),
    ("a-b=1", "a_b=1", ""),
    ("quiet", "loud", "quiet"),
    ("hugepagesz=1G hugepages=0:1,1:1", "hugepagesz=2M hugepages=9 hugepagesz=1G hugepages=0:1,1:1", ""),
    ("hugepagesz=1G hugepages=2", "hugepagesz=1G hugepages=2 hugepagesz=2M hugepages=2", ""),
    ("hugepagesz=1G hugepages=2", "hugepagesz=2M hugepages=2", "hugepagesz=1G hugepages=2"),
    ("hugepagesz=1G hugepages=2", "hugepagesz=1G hugepages=1 hugepagesz=1G hugepages=2", "hugepagesz=1G hugepages=2"),
    ("hugepagesz=1G hugepages=2", "hugepages=2", "hugepagesz=1G hugepages=2"),
]


@pytest.mark.parametrize(("asked", "running", "missing"), MISSING)
def test_missing(asked, running, missing):
    assert cmdline.render(cmdline.missing(cmdline.words(asked), cmdline.words(running))) == missing


VALUES = st.text(st.characters(min_codepoint=32, max_codepoint=126, exclude_characters="\"'\\$`"))
PAIRS = st.tuples(st.from_regex(cmdline.KEY, fullmatch=True), st.none() | VALUES)


@given(st.lists(PAIRS))
def test_what_is_written_is_read_the_same(pairs):
    assert cmdline.words(cmdline.render(pairs)) == pairs
    assert grub.of_drop_in(grub.drop_in(pairs)) == pairs
    assert cmdline.missing([], pairs) == []


@given(st.text())
def test_any_text_is_read_or_refused(text):
    cmdline.words(text)
    try:
        key, value = cmdline.argument(text)
    except EngineError:
        return
    assert cmdline.words(cmdline.render([(key, value)])) == [(key, value)]


@given(st.text(), st.text())
def test_a_grub_cfg_of_any_text_is_read(one, two):
    text = "### BEGIN /etc/grub.d/10_linux ###\n linux /boot/vmlinuz-1 %s\n%s\n### END /etc/grub.d/10_linux ###\n"
    assert isinstance(grub.entries(text % (one, two)), list)


SAME = [
    ("Y", "1", True),
    ("N", "false", True),
    ("0x10", "16", True),
    ("1", "2", False),
    ("a", "A", True),
    ("a", "b", False),
]


@pytest.mark.parametrize(("one", "two", "same"), SAME)
def test_values_of_options(one, two, same):
    assert modules.same(one, two) == same
