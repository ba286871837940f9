"""Ask ClamAV, where there is one, whether a file carries something known: clamd's INSTREAM and PING, and nothing more of it.

The file goes there piece by piece. What may go wrong on the way is one thing to us: it was not scanned.
"""

from __future__ import annotations

import re
import socket
import struct
import time
from collections.abc import Iterable
from contextlib import suppress
from typing import IO
from urllib.parse import urlsplit

PIECE = 64 * 1024  # bytes sent at a time
WAIT_SECONDS = 60  # for one file, all in all
_LONGEST_REPLY = 4096  # bytes
_FOUND = re.compile(r"^stream: (.{1,500}) FOUND$")
_NOT_IN_SIGNATURES = re.compile(r"[^A-Za-z0-9._:/-]")


class NotScanned(Exception):
    """The scanner is away, died on the way, takes too long, or takes no file that large."""


def scan(pieces: Iterable[bytes], url: str) -> str | None:
    """Return the name of what the scanner at *url* (tcp://host:port, unix:///path) found in a file; None: nothing. :raise NotScanned:."""
    until = time.monotonic() + WAIT_SECONDS
    try:
        with _connect(url) as line:
            with suppress(BrokenPipeError, ConnectionResetError):  # it has heard enough, and may have said why
                _send(line, pieces, until)
            return _found(_reply(line, until))
    except (OSError, ValueError) as error:
        raise NotScanned(type(error).__name__) from error


def is_there(url: str) -> bool:
    """Say whether the scanner answers."""
    try:
        with _connect(url) as line:
            line.sendall(b"zPING\0")
            return _reply(line, time.monotonic() + WAIT_SECONDS) == "PONG"
    except (OSError, ValueError):  # also of an address that is none
        return False


def pieces_of(file: IO[bytes]) -> Iterable[bytes]:
    """Return *file* from its start, piece by piece."""
    file.seek(0)
    while piece := file.read(PIECE):
        yield piece


def _connect(url: str) -> socket.socket:
    where = urlsplit(url)
    if where.scheme == "unix":
        line = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            line.settimeout(WAIT_SECONDS)
            line.connect(where.path)
        except OSError:
            line.close()
            raise
        return line
    return socket.create_connection((where.hostname or "localhost", where.port or 3310), timeout=WAIT_SECONDS)


def _send(line: socket.socket, pieces: Iterable[bytes], until: float) -> None:
    line.sendall(b"zINSTREAM\0")
    for piece in pieces:
        _wait_at_most(line, until)
        line.sendall(struct.pack(">L", len(piece)) + piece)
    line.sendall(struct.pack(">L", 0))


def _reply(line: socket.socket, until: float) -> str:
    said = bytearray()
    while not said.endswith(b"\0") and len(said) < _LONGEST_REPLY:
        _wait_at_most(line, until)
        part = line.recv(_LONGEST_REPLY)
        if not part:
            break
        said += part
    return said.rstrip(b"\0\n").decode(errors="replace")


def _wait_at_most(line: socket.socket, until: float) -> None:
    left = until - time.monotonic()
    if left <= 0:
        raise TimeoutError
    line.settimeout(left)


def _found(reply: str) -> str | None:
    if reply == "stream: OK":
        return None
    if (found := _FOUND.match(reply)) is not None:
        return _NOT_IN_SIGNATURES.sub("-", found[1])[:80]
    raise NotScanned(_NOT_IN_SIGNATURES.sub("-", reply)[:80])  # "INSTREAM size limit exceeded. ERROR"; nothing at all
