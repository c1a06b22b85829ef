"""PCI devices with any identity for QEMU >= 10.1 (-device vfio-user-pci): a vfio-user server in plain Python.

usage: pci_device.py SOCKET VENDOR DEVICE CLASS     (hexadecimal, such as 10de 20b0 030200)

The device has config space with PCI Express, power management and a 64 KiB BAR that remembers what is written. No DMA,
no interrupts, no ROM: enough for lspci, sysfs and drivers' tables, not for a driver to work. The protocol is that of
QEMU's docs/interop/vfio-user.rst."""

from __future__ import annotations

import contextlib
import json
import os
import socket
import struct
import sys

HEADER = struct.Struct("<HHIII")  # message, command, size, flags, error
REPLY, NO_REPLY, ERROR = 1, 0x10, 0x20
VERSION, DMA_MAP, DMA_UNMAP, INFO, REGION, IRQ, SET_IRQS, READ, WRITE, RESET = 1, 2, 3, 4, 5, 7, 8, 9, 10, 13
CONFIG, REGIONS, IRQS, BAR_SIZE, UNKNOWN = 7, 9, 5, 1 << 16, 95
CAPABILITIES = {"max_msg_fds": 8, "max_data_xfer_size": 1 << 20, "pgsizes": 4096, "max_dma_maps": 65535}


def config_space(vendor, device, pci_class):
    """4096 bytes: a PCI Express endpoint of that identity."""
    space = bytearray(4096)

    def put(offset, form, *values):
        struct.pack_into("<" + form, space, offset, *values)

    put(0x00, "HHHHB", vendor, device, 0, 0x10, 0xA1)
    put(0x09, "BBB", pci_class & 255, pci_class >> 8 & 255, pci_class >> 16)
    put(0x2C, "HH", vendor, 1)
    put(0x34, "B", 0x40)
    put(0x40, "BBHI", 0x01, 0x60, 3, 0)  # power management
    put(0x60, "BBHI", 0x10, 0, 2, 0x10008002)  # PCI Express endpoint
    put(0x6C, "I", 4 | 16 << 4)  # 16 GT/s, 16 lanes
    put(0x72, "H", 4 | 16 << 4)
    return space


class Device:
    """Answers vfio-user messages for one device."""

    def __init__(self, vendor, device, pci_class):
        self.regions = {CONFIG: config_space(vendor, device, pci_class), 0: bytearray(BAR_SIZE)}

    def answer(self, command, body):
        """(body of the reply, error number)."""
        handler = getattr(self, HANDLERS.get(command, "_unknown"))
        return handler(body)

    def _version(self, body):
        text = json.dumps({"capabilities": CAPABILITIES}).encode() + b"\0"
        return body[:4] + text, 0

    def _same(self, body):
        return body, 0

    def _nothing(self, body):
        return b"", 0

    def _info(self, body):
        return struct.pack("<IIII", 16, 3, REGIONS, IRQS), 0

    def _region(self, body):
        index = struct.unpack_from("<III", body)[2]
        size = len(self.regions.get(index, b""))
        return struct.pack("<IIIIQQ", 32, 3 if size else 0, index, 0, size, 0), 0

    def _irq(self, body):
        index = struct.unpack_from("<III", body)[2]
        return struct.pack("<IIII", 16, 0, index, 0), 0

    def _read(self, body):
        offset, index, count = struct.unpack_from("<QII", body)
        data = bytes(self.regions[index][offset : offset + count])
        return struct.pack("<QII", offset, index, count) + data.ljust(count, b"\xff"), 0

    def _write(self, body):
        offset, index, count = struct.unpack_from("<QII", body)
        if index != CONFIG:
            self.regions[index][offset : offset + count] = body[16 : 16 + count]
        elif offset == 4:  # the command register: whether it decodes memory
            self.regions[CONFIG][4:6] = body[16:18]
        return struct.pack("<QII", offset, index, count), 0

    def _unknown(self, body):
        return b"", UNKNOWN


HANDLERS = {
    VERSION: "_version",
    DMA_MAP: "_same",
    DMA_UNMAP: "_same",
    INFO: "_info",
    REGION: "_region",
    IRQ: "_irq",
    SET_IRQS: "_nothing",
    READ: "_read",
    WRITE: "_write",
    RESET: "_nothing",
}


def receive(connection, count):
    """That many bytes; file descriptors that come along are closed."""
    data = b""
    while len(data) < count:
        part, handles, dummy, dummy2 = socket.recv_fds(connection, count - len(data), 8)
        for handle in handles:
            os.close(handle)
        if not part:
            raise EOFError
        data += part
    return data


def converse(connection, device):
    """Answer until the other side goes."""
    while True:
        message, command, size, flags, dummy = HEADER.unpack(receive(connection, HEADER.size))
        body = receive(connection, size - HEADER.size)
        reply, error = device.answer(command, body)
        if not flags & NO_REPLY:
            flags = REPLY | (ERROR if error else 0)
            connection.sendall(HEADER.pack(message, command, HEADER.size + len(reply), flags, error) + reply)


def main(path, *identity):
    """Serve one connection after the other."""
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    while True:
        connection = listener.accept()[0]
        with contextlib.suppress(EOFError, ConnectionError), connection:
            converse(connection, Device(*(int(word, 16) for word in identity)))


if __name__ == "__main__":
    main(*sys.argv[1:])
