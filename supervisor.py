"""A few processes that live and die together. Standard library only; run.py uses it.

A child that dies is started again. When the supervisor is told to stop it ends them in order; when it is killed, the
kernel kills them (PR_SET_PDEATHSIG), so that nothing is left running.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Self

HERE = Path(__file__).resolve().parent
PR_SET_PDEATHSIG = 1
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

TICK = 0.1  # seconds between two looks
SETTLED = 30  # seconds alive after which a child's earlier deaths no longer count
LONGEST_PAUSE = 10  # seconds before a child that keeps dying is started again
DEATHS_BEFORE_READY = 5  # then something is wrong that a restart does not mend
READY_WITHIN = 120  # seconds

_libc = ctypes.CDLL(None)
_parent = os.getpid()


class NeverReady(Exception):
    """The site did not come up; the sentence for the person at the terminal."""


def end_with_parent() -> None:
    """Have the kernel kill this process when its parent ends, however the parent ends. Called between fork and exec."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    signal.pthread_sigmask(signal.SIG_SETMASK, [])
    if os.getppid() != _parent:  # it ended before the kernel was told
        os._exit(1)


@dataclass
class Child:
    """One process to keep alive: *grace* seconds to end by itself, *keeps* a socket it inherits."""

    name: str
    command: list[str]
    grace: float = 12
    keeps: socket.socket | None = None
    process: subprocess.Popen[bytes] | None = None
    deaths: int = 0
    started_at: float = 0
    start_again_at: float | None = None

    def start(self, claim: IO[str]) -> None:
        """Start the process; it holds the claim on the data folder for as long as it lives."""
        keep = (claim.fileno(), *([self.keeps.fileno()] if self.keeps else []))
        self.process = subprocess.Popen(
            self.command, cwd=HERE, stdin=subprocess.DEVNULL, pass_fds=keep, start_new_session=True, preexec_fn=end_with_parent
        )
        self.started_at, self.start_again_at = time.monotonic(), None

    def tend(self, claim: IO[str]) -> None:
        """Start the process again if it died: soon at first, then after longer and longer pauses."""
        now = time.monotonic()
        if self.start_again_at is not None:
            if now >= self.start_again_at:
                self.start(claim)
        elif self.process is not None and self.process.poll() is not None:
            self.deaths = 1 if now - self.started_at > SETTLED else self.deaths + 1
            self.start_again_at = now + min(TICK * 2**self.deaths, LONGEST_PAUSE)
            print(f"{self.name}: dừng bất ngờ, mở lại (ended with {self.process.returncode}, starting again)", file=sys.stderr, flush=True)

    @property
    def alive(self) -> bool:
        """Say whether the process runs."""
        return self.process is not None and self.process.poll() is None

    def ask_to_end(self) -> None:
        """Let the process finish what it does and end."""
        if self.process is not None:
            self.process.terminate()

    def kill(self) -> None:
        """End the process and its group now."""
        if self.process is not None and self.alive:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()


class Supervisor:
    """Start groups of children, watch them, and end them in the reverse order of their groups."""

    def __init__(self, claim: IO[str]) -> None:
        self.claim = claim
        self.groups: list[list[Child]] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        for group in reversed(self.groups):
            end(group)

    def start(self, group: list[Child]) -> None:
        """Start the children of *group*; they are ended before those of earlier groups."""
        self.groups.append(group)
        for child in group:
            child.start(self.claim)

    def watch_until_told(self, *, healthz: tuple[str, int], when_ready: Callable[[], None]) -> None:
        """Keep every child alive until a signal says stop. Raise NeverReady if the site does not answer at first."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        began, ready = time.monotonic(), False
        while signal.sigtimedwait(STOP_SIGNALS, TICK) is None:
            for child in self._children():
                child.tend(self.claim)
            if ready:
                continue
            if ready := answers(*healthz):
                when_ready()
            elif time.monotonic() - began > READY_WITHIN or any(child.deaths >= DEATHS_BEFORE_READY for child in self._children()):
                raise NeverReady(
                    "Trang không mở được; nguyên nhân ở những dòng trên, hoặc trong *.log của thư mục dữ liệu.\n"
                    "The site did not come up; see the lines above, or *.log in the data folder."
                )

    def _children(self) -> Iterable[Child]:
        return (child for group in self.groups for child in group)


def answers(host: str, port: int) -> bool:
    """Say whether /healthz answers 200."""
    connection = http.client.HTTPConnection({"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host), port, timeout=5)  # noqa: S104 - compared, not bound
    with contextlib.closing(connection):
        try:
            connection.request("GET", "/healthz", headers={"Host": f"localhost:{port}"})
            return connection.getresponse().status == http.client.OK
        except (OSError, http.client.HTTPException):
            return False


def end(group: list[Child]) -> None:
    """Ask the children of *group* to end, wait for each as long as it may take, kill what is left. A second Ctrl-C waits no longer."""
    began = time.monotonic()
    for child in group:
        child.ask_to_end()
    while any(child.alive and time.monotonic() - began < child.grace for child in group):
        if signal.sigtimedwait(STOP_SIGNALS, TICK) is not None:
            break
    for child in group:
        child.kill()
