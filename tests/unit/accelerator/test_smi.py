"""What nvidia-smi prints, from saved transcripts; see tests/fixtures/accelerator/README.md."""

from ansible_collections.gedge.engine.plugins.module_utils.accelerator import smi
from hypothesis import given
from hypothesis import strategies as st

from .conftest import transcript


def test_gpus():
    a100, h100, t4 = smi.gpus(transcript("query-gpu.csv"))
    assert (a100.address, a100.mig, a100.persistence, a100.driver) == ("0000:3b:00.0", True, True, "550.163.01")
    assert (h100.index, h100.mig, h100.mig_pending, h100.persistence) == (1, False, False, False)
    assert t4.mig is None


def test_instances():
    assert smi.instances(transcript("mig-lgi.txt")) == {0: ("1g.5gb", "2g.10gb", "4g.20gb")}
    assert smi.instances("No GPU instances found: Not Found\n") == {}


def test_profiles():
    found = smi.profiles(transcript("mig-lgip.txt"))[0]
    assert found["1g.5gb"] == (19, 7, 7) and found["1g.5gb+me"] == (20, 1, 1) and found["7g.40gb"] == (0, 1, 1)
    assert len(found) == 7


def test_uuids():
    found = smi.uuids(transcript("nvidia-smi-L.txt"))
    assert [len(found[index]) for index in (0, 1, 2)] == [4, 1, 1]
    assert found[0][0].startswith("GPU-") and found[0][1].startswith("MIG-")


def test_apps():
    text = "00000000:3B:00.0, 4711, /usr/bin/python3\n00000000:3B:00.0, 4712, a, b\n"
    assert smi.apps(text) == {"0000:3b:00.0": ["4711 (/usr/bin/python3)", "4712 (a,b)"]}
    assert smi.apps("No running processes found\n") == {}


def test_a_wide_domain_stays_wide():
    assert smi.address("00010000:3B:00.0") == "00010000:3b:00.0"


@given(st.text(), st.sampled_from([smi.gpus, smi.instances, smi.profiles, smi.uuids, smi.apps]))
def test_no_text_ends_in_a_traceback(text, parser):
    parser(text)


@given(st.sampled_from(["mig-lgi.txt", "mig-lgip.txt", "query-gpu.csv", "nvidia-smi-L.txt"]), st.data())
def test_a_cut_transcript_gives_a_part(name, data):
    whole = transcript(name)
    cut = whole[: data.draw(st.integers(0, len(whole)))]
    for parser in (smi.gpus, smi.instances, smi.profiles, smi.uuids, smi.apps):
        assert len(parser(cut)) <= len(parser(whole)) or parser is smi.apps
