"""The kubelet's own answer, as a node of the lab gave it (kubelet 1.37.2), and what else may come over that socket."""

import json
import socket
import threading

import pytest
from ansible_collections.gedge.engine.plugins.module_utils.device_plugin import observe, pod_resources
from ansible_collections.gedge.engine.plugins.module_utils.system import System
from helpers.grpc_socket import field

ANSWER = bytes.fromhex(
    "0000060400000000000005000040000000000401000000000000040800000000000000000500000806000000000002041010"
    "090e070700000e010400000001885f8b1d75d0620d263d4c4d65640001b900000000000100000001b40a2c0a186765646765"
    "2e696f2f7372696f765f625f32315f30305f30120c303030303a32313a31302e341a020a000a310a1d67656467652e696f2f"
    "7372696f765f615f32315f30305f305f7666696f120c303030303a32313a31302e361a020a000a2e0a1867656467652e696f"
    "2f7372696f765f625f38315f30305f30120c303030303a38313a31302e321a040a0208010a2e0a1867656467652e696f2f73"
    "72696f765f625f38315f30305f30120c303030303a38313a31302e361a040a0208010a2e0a1867656467652e696f2f737269"
    "6f765f625f38315f30305f30120c303030303a38313a31302e301a040a0208010a2c0a1867656467652e696f2f7372696f76"
    "5f615f32315f30305f30120c303030303a32313a31302e321a020a000a2e0a1867656467652e696f2f7372696f765f615f38"
    "315f30305f30120c303030303a38313a31302e341a040a02080112030102031a180a0d6875676570616765732d324d691080"
    "8080201a020a001a120a066d656d6f72791080c0c7a8031a020a001a1a0a0d6875676570616765732d324d6910808080201a"
    "040a0208011a140a066d656d6f72791080e089bd031a040a02080100001801050000000140889acac8b21234da8f01304089"
    "9acac8b5254207317f00"
)
TOLD = {
    "gedge.io/sriov_a_21_00_0": ["0000:21:10.2"],
    "gedge.io/sriov_a_21_00_0_vfio": ["0000:21:10.6"],
    "gedge.io/sriov_a_81_00_0": ["0000:81:10.4"],
    "gedge.io/sriov_b_21_00_0": ["0000:21:10.4"],
    "gedge.io/sriov_b_81_00_0": ["0000:81:10.0", "0000:81:10.2", "0000:81:10.6"],
}
STALE = {"Data": {"RegisteredDevices": {"gedge.io/sriov_a_21_00_0": ["0000:21:10.2"]}}}


@pytest.fixture
def kubelet(tmp_path, monkeypatch):
    """A function: serve these parts, one send for each; gives the System to ask."""
    monkeypatch.setattr(pod_resources, "SOCKET", "/s")  # a socket's path is short
    monkeypatch.chdir(tmp_path)
    listener = socket.socket(socket.AF_UNIX)
    listener.bind("s")
    listener.listen()
    system = System(tmp_path)
    monkeypatch.setattr(system, "path", lambda path: path.lstrip("/") if path == "/s" else f"{tmp_path}{path}")

    def serve(*parts):
        def talk():
            stream, dummy = listener.accept()
            with stream:
                assert stream.recv(65536).startswith(b"PRI * HTTP/2.0")
                for part in parts:
                    stream.sendall(part)

        threading.Thread(target=talk, daemon=True).start()
        return system

    yield serve
    listener.close()


def test_all_devices_are_told(kubelet):
    assert pod_resources.devices(kubelet(ANSWER)) == TOLD


def test_an_answer_may_come_in_pieces(kubelet):
    assert pod_resources.devices(kubelet(*[ANSWER[at : at + 7] for at in range(0, len(ANSWER), 7)])) == TOLD


def test_the_file_is_asked_only_where_no_kubelet_answers(kubelet, tmp_path):
    system = kubelet(ANSWER)
    (tmp_path / observe.CHECKPOINT[1:]).parent.mkdir(parents=True)
    (tmp_path / observe.CHECKPOINT[1:]).write_text(json.dumps(STALE), encoding="utf-8")
    assert observe.registered(system) == TOLD
    assert observe.registered(System(tmp_path)) == STALE["Data"]["RegisteredDevices"]


@pytest.mark.parametrize("cut", range(0, len(ANSWER), 9))
def test_what_breaks_off_gives_no_traceback(cut):
    """It is an older list or none; the next look asks again."""
    received = ANSWER[:cut]
    data = b"".join(body for kind, dummy, body in pod_resources.frames(received) if kind == pod_resources.DATA)
    assert {number for number, dummy in pod_resources.fields(data[5:])} <= {1, 2, 3}
    assert not pod_resources.ended(received[: len(ANSWER) - 80])


def test_a_refusal_is_no_answer(kubelet):
    refused = bytes.fromhex("00000101050000000188")  # headers with the end of the stream
    assert pod_resources.devices(kubelet(refused)) is None


def held_answer(*pods):
    """A kubelet's answer to List: each pod is (namespace, name, [(resource, ids)])."""
    body = b""
    for namespace, name, devices in pods:
        parts = [field(1, resource) + b"".join(field(2, one) for one in ids) for resource, ids in devices]
        container = field(1, "main") + b"".join(field(2, part) for part in parts)
        body += field(1, field(1, name) + field(2, namespace) + field(3, container))
    message = b"\x00" + len(body).to_bytes(4, "big") + body
    return len(message).to_bytes(3, "big") + b"\x00\x01\x00\x00\x00\x01" + message


def test_who_holds_what_is_told(kubelet):
    edu = ("example.com/edu", ["0000:5e:00.0", "0000:5f:00.0"])
    answer = held_answer(("default", "detector", [edu]), ("vision", "idle", []))
    assert pod_resources.held(kubelet(answer)) == {"example.com/edu": dict.fromkeys(edu[1], "default/detector")}


def test_nobody_answers(tmp_path):
    assert pod_resources.held(System(tmp_path)) is None
