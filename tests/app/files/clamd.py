"""A stand-in that speaks clamd's INSTREAM and PING as its manual says, well and badly."""

from __future__ import annotations

import socket
import struct
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

EICAR = rb"X5O!P%@AP[4\PZX54(P^)7CC)7}$EICAR-STANDARD-ANTIVIRUS-TEST-FILE!$H+H*"


class Clamd:
    """Answers one connection after the other; `manner` says how."""

    def __init__(self, server: socket.socket, url: str) -> None:
        self.server, self.url = server, url
        self.manner = "well"
        self.heard: list[bytes] = []
        self.most = 25_000_000  # StreamMaxLength

    def serve(self) -> None:
        with suppress(OSError):
            while True:
                line, _ = self.server.accept()
                with line, suppress(OSError):
                    self._answer(line)

    def _answer(self, line: socket.socket) -> None:
        command = self._read(line, 6)
        if command == b"zPING\0":
            line.sendall(b"PONG\0")
            return
        if command + self._read(line, 4) != b"zINSTREAM\0" or self.manner == "says nothing":
            return
        heard = b""
        while length := struct.unpack(">L", self._read(line, 4))[0]:
            heard += self._read(line, length)
            if self.manner == "dies":
                return
            if len(heard) > self.most:
                line.sendall(b"INSTREAM size limit exceeded. ERROR\0")
                return
        self.heard.append(heard)
        if self.manner == "sleeps":
            line.recv(1)  # until the other side goes
        elif self.manner == "babbles":
            line.sendall(b"x" * 100_000)
        else:
            line.sendall(b"stream: Eicar-Test-Signature FOUND\0" if EICAR in heard else b"stream: OK\0")

    def _read(self, line: socket.socket, length: int) -> bytes:
        data = b""
        while len(data) < length:
            part = line.recv(length - len(data))
            if not part:
                raise ConnectionError
            data += part
        return data


@contextmanager
def clamd(folder: Path | None = None) -> Iterator[Clamd]:
    """Yield a running one, on a Unix socket in *folder* or on a port of this machine."""
    if folder is None:
        server = socket.create_server(("127.0.0.1", 0))
        url = f"tcp://127.0.0.1:{server.getsockname()[1]}"
    else:
        server = socket.socket(socket.AF_UNIX)
        server.bind(str(folder / "clamd.ctl"))
        server.listen()
        url = f"unix://{folder / 'clamd.ctl'}"
    standing_in = Clamd(server, url)
    thread = threading.Thread(target=standing_in.serve, daemon=True)
    thread.start()
    try:
        yield standing_in
    finally:
        server.shutdown(socket.SHUT_RDWR)
        server.close()
        thread.join()
