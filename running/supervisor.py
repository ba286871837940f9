"""A few processes that live and die together. Standard library only.

Each is forked from the supervisor, which has the site in memory: one import serves them all, at the start and at each
restart. A child that dies is started again. When the supervisor is told to stop it ends them in order; when it is
killed, the kernel kills them (PR_SET_PDEATHSIG), so that nothing is left running. It must stay without threads and
connections of its own, for those do not survive a fork: what needs them is asked of a child.
"""

from __future__ import annotations

import contextlib
import ctypes
import http.client
import json
import os
import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Self

PR_SET_PDEATHSIG, PR_SET_NAME = 1, 15
STOP_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}

TICK = 0.1  # seconds between two looks
SETTLED = 10  # seconds alive after which a child's earlier deaths no longer count
LONGEST_PAUSE = 2  # seconds before a child that keeps dying is started again; a fork costs little, a site that is down much
DEATHS_BEFORE_READY = 8  # then something is wrong that a restart does not mend
READY_WITHIN = 120  # seconds

_libc = ctypes.CDLL(None)


class NeverReady(Exception):
    """The site did not come up; the sentence for the person at the terminal."""


class NoAnswer(Exception):
    """A child that was asked something ended without an answer; its reason stands on the terminal."""


def end_with_parent(parent: int) -> None:
    """Have the kernel kill this process when its *parent* (process id) ends, however it ends. Called right after a fork."""
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    if os.getppid() != parent:  # it ended before the kernel was told
        os._exit(1)


def fork(name: str, run: Callable[[], object]) -> int:
    """Run *run* in a process of its own, away from the terminal and its Ctrl-C; return its id. `ps -o comm` shows *name*."""
    sys.stdout.flush()
    parent = os.getpid()
    if pid := os.fork():
        return pid
    status = 1
    try:
        end_with_parent(parent)
        os.setsid()
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, [])
        _libc.prctl(PR_SET_NAME, name.encode())
        run()
        status = 0
    except SystemExit as end:
        status = end.code if isinstance(end.code, int) else int(end.code is not None)
    except BaseException:  # noqa: BLE001 - whatever it is, it must not run on into the supervisor's code
        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def ask(run: Callable[[], Any]) -> Any:
    """Return what *run* returns (JSON) in a process of its own. Raise NoAnswer if it fails there."""
    read, write = os.pipe()
    pid = fork("ask", lambda: os.write(write, json.dumps(run()).encode()))
    os.close(write)
    with open(read, "rb") as answer:  # noqa: PTH123 - a pipe has no path
        text = answer.read()
    os.waitpid(pid, 0)
    if not text:
        raise NoAnswer
    return json.loads(text)


@dataclass
class Child:
    """One process to keep alive, with *grace* seconds to end by itself when told to."""

    name: str
    run: Callable[[], object]
    grace: float = 12
    pid: int | None = None
    deaths: int = 0
    started_at: float = 0
    start_again_at: float = 0

    def start(self) -> None:
        """Start the process."""
        self.pid, self.started_at = fork(self.name, self.run), time.monotonic()

    def alive(self) -> bool:
        """Say whether the process runs; take note of its end."""
        if self.pid is not None:
            ended, status = os.waitpid(self.pid, os.WNOHANG)
            if ended:
                self.pid = None
                self.deaths = 1 if time.monotonic() - self.started_at > SETTLED else self.deaths + 1
                self.start_again_at = time.monotonic() + min(TICK * 2**self.deaths, LONGEST_PAUSE)
                self.last = os.waitstatus_to_exitcode(status)
        return self.pid is not None

    def tend(self) -> None:
        """Start the process again if it died: soon at first, then after longer and longer pauses."""
        was = self.pid
        if self.alive():
            return
        if was is not None:
            print(f"{self.name}: dừng bất ngờ, mở lại (ended with {self.last}, starting again)", file=sys.stderr, flush=True)
        if time.monotonic() >= self.start_again_at:
            self.start()

    def send(self, number: signal.Signals) -> None:
        """Send a signal to the process if it runs; SIGKILL to its whole group, and wait."""
        if self.pid is None or not self.alive():
            return
        if number == signal.SIGKILL:
            os.killpg(self.pid, number)
            os.waitpid(self.pid, 0)
            self.pid = None
        else:
            os.kill(self.pid, number)


class Supervisor:
    """Start groups of children, watch them, and end them in the reverse order of their groups."""

    def __init__(self) -> None:
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
            child.start()

    def watch_until_told(self, *, healthz: tuple[str, int], when_ready: Callable[[], None]) -> None:
        """Keep every child alive until a signal says stop. Raise NeverReady if the site does not answer at first."""
        signal.pthread_sigmask(signal.SIG_BLOCK, STOP_SIGNALS)
        began, ready = time.monotonic(), False
        while signal.sigtimedwait(STOP_SIGNALS, TICK) is None:
            for child in self._children():
                child.tend()
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
        child.send(signal.SIGTERM)
    while any(child.alive() and time.monotonic() - began < child.grace for child in group):
        if signal.sigtimedwait(STOP_SIGNALS, TICK) is not None:
            break
    for child in group:
        child.send(signal.SIGKILL)
