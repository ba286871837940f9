"""One connection of the web server: what has come of a request, and what waits of an answer. See patience.py."""

from __future__ import annotations

import contextlib
import re
import socket
import tempfile
import time
from enum import Enum
from typing import Any

from gunicorn.workers.gthread import STOP_KEEPALIVE_LINGER

HEAD_SECONDS = 10
MOVING_SECONDS = 30  # for a body or an answer
LEAST_RATE = 1024  # bytes a second: what moves slower than that runs out of time
LEAVING_SECONDS = 5  # for who was answered before all was read, to read the answer

PIECE = 64 * 1024  # bytes moved at a time
IN_MEMORY = 256 * 1024  # bytes of a request or an answer; what is longer lies on the disk
LONGEST_HEAD = 64 * 1024

_LENGTH = re.compile(rb"\r\ncontent-length[ \t]*:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)
_IN_PIECES = re.compile(rb"\r\ntransfer-encoding[ \t]*:", re.IGNORECASE)
_ASKS_FIRST = re.compile(rb"\r\nexpect[ \t]*:[ \t]*100-continue", re.IGNORECASE)
_GO_ON = b"HTTP/1.1 100 Continue\r\n\r\n"
_SAY_HOW_LONG = "Yêu cầu cần nói trước độ dài (Content-Length).\nA request has to say its length first (Content-Length).\n".encode()
_WITHOUT_LENGTH = (
    b"HTTP/1.1 411 Length Required\r\nConnection: close\r\nContent-Type: text/plain; charset=utf-8\r\n"
    b"X-Content-Type-Options: nosniff\r\nContent-Length: %d\r\n\r\n%b" % (len(_SAY_HOW_LONG), _SAY_HOW_LONG)
)


class Gone(OSError):
    """The client closed the connection, or what it sends is no request."""


class Phase(Enum):
    """What a connection is about while the loop has it."""

    HEAD = "a request begins"
    BODY = "it goes on"
    ANSWER = "the answer is on its way"
    LEAVING = "all is said"


class Line:
    """One connection, to its thread a socket that always has all there is to read, and takes all there is to write."""

    def __init__(self, sock: socket.socket, *, most: int) -> None:
        sock.setblocking(False)
        self.sock, self.most = sock, most
        self.keep = False
        self.answer: Any = None
        self.piece = b""
        self.body: Any = None
        self.begin()

    def _for(self, seconds: float) -> None:
        self.until = time.monotonic() + seconds

    def _moved(self, size: int) -> None:
        self.until = min(time.monotonic() + MOVING_SECONDS, self.until + size / LEAST_RATE)

    def begin(self, already: bytes = b"") -> None:
        """Wait for a request, of which *already* has come."""
        self._forget()
        self._for(HEAD_SECONDS)
        self.phase, self.head, self.needs = Phase.HEAD, bytearray(already), -1
        self.body, self.fault = None, None

    def _forget(self) -> None:
        for spool in (self.body, self.answer):
            if spool is not None:
                with contextlib.suppress(OSError):  # what was held back for a full disk
                    spool.close()
        self.answer, self.piece = None, b""
        self.came = self.left = 0  # bytes of the body, and of the answer that waits

    # --- for the loop --------------------------------------------------------------------------------------------------

    def fileno(self) -> int:
        return self.sock.fileno()

    def hear(self) -> bool:
        """Take in what has come; say whether the request is whole. :raise Gone:"""
        with contextlib.suppress(BlockingIOError):
            if not (came := self.sock.recv(PIECE)):
                raise Gone
            if self.phase is Phase.HEAD:
                self.head += came
            else:
                self._moved(len(came))
                self._keep(came)
        return self.is_whole()

    def is_whole(self) -> bool:
        """Say whether what was asked is known whole; read how long it is once its head is there. :raise Gone: too long a head."""
        if self.phase is Phase.HEAD:
            end = self.head.find(b"\r\n\r\n")
            if end < 0:
                if len(self.head) > LONGEST_HEAD:
                    raise Gone
                return False
            self._read_head(end + 4)
        return self.came >= self.needs or self.fault is not None

    def _read_head(self, end: int) -> None:
        rest, self.head = bytes(self.head[end:]), self.head[:end]
        self._for(MOVING_SECONDS)
        self.phase = Phase.BODY
        length = _LENGTH.search(self.head)
        self.needs = int(length[1]) if length else 0
        if _IN_PIECES.search(self.head):
            self.needs = 0
            self.sendall(_WITHOUT_LENGTH)
            self.phase = Phase.LEAVING
        elif self.needs > self.most:  # the site says that it is too much, and reads none of it
            self.needs = 0
        elif rest or self.needs:
            self._keep(rest)
            if self.came < self.needs and _ASKS_FIRST.search(self.head):
                with contextlib.suppress(OSError):
                    self.sock.send(_GO_ON)

    def _keep(self, came: bytes) -> None:
        try:
            if self.body is None:
                self.body = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by _forget
            self.body.write(came)
            self.came += len(came)
        except OSError as error:  # the disk is full: whoever reads the body gets to know
            self.fault = error

    def on_disk(self) -> int:
        """Return how many bytes of both lie on the disk."""
        return sum(size for size in (self.came, self.left) if size > IN_MEMORY)

    def hand_over(self) -> None:
        """Let the thread read from the beginning."""
        try:
            if self.body is not None:
                self.body.seek(0)
        except OSError as error:
            self.fault = error

    def answered(self, *, keep: bool) -> None:
        """Begin to send what the thread has left. :raise OSError: not all of it could be kept."""
        self._for(MOVING_SECONDS)
        self.keep, self.phase = keep, Phase.ANSWER
        if self.answer is not None:
            self.answer.seek(0)

    def tell(self) -> bool:
        """Send as much as the client takes; say whether that was all. :raise OSError:"""
        if not self.piece and self.answer is not None:
            self.piece = self.answer.read(PIECE)
        if not self.piece:
            return True
        with contextlib.suppress(BlockingIOError):
            sent = self.sock.send(self.piece)
            self._moved(sent)
            self.piece = self.piece[sent:]
        return False

    def rest(self) -> bytes:
        """Return what came behind the request: the next."""
        return self._read(-1)

    def leave(self) -> None:
        """Say that this was all. :raise OSError:"""
        self._for(LEAVING_SECONDS)
        self.phase = Phase.LEAVING
        self.sock.shutdown(socket.SHUT_WR)

    def is_late(self, now: float, *, stopping: bool) -> bool:
        """Say whether the client has had its time."""
        if stopping and self.phase in {Phase.HEAD, Phase.LEAVING}:
            now += HEAD_SECONDS - STOP_KEEPALIVE_LINGER
        return now > self.until

    def close(self) -> None:
        self._forget()
        self.sock.close()

    # --- for the thread ------------------------------------------------------------------------------------------------

    def recv(self, size: int) -> bytes:
        """Return what is there; nothing behind its end."""
        if self.head:
            head, self.head = bytes(self.head[:size]), self.head[size:]
            return head
        if self.fault is not None:
            raise self.fault
        return self._read(size)

    def _read(self, size: int) -> bytes:
        return b"" if self.body is None else self.body.read(size)

    def sendall(self, data: bytes) -> None:
        """Send what the client takes at once, and leave the rest to the loop."""
        left = memoryview(data)
        if self.answer is None:
            with contextlib.suppress(BlockingIOError):
                while left:
                    left = left[self.sock.send(left) :]
        if left:
            if self.answer is None:
                self.answer = tempfile.SpooledTemporaryFile(max_size=IN_MEMORY)  # noqa: SIM115 - closed by _forget
            self.answer.write(left)
            self.left += len(left)

    def send(self, data: bytes) -> int:
        self.sendall(data)
        return len(data)

    def setblocking(self, _flag: int) -> None:
        """Never block, whatever gunicorn would like."""

    def settimeout(self, _seconds: float | None) -> None:
        """Never block."""

    def gettimeout(self) -> float:
        return 0.0
