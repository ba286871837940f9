"""The site as a person starts it: `python3 run.py` on a folder of its own, and the processes that belong to it."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import uuid
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import redis

from tests.services import free_port
from tests.waiting import eventually

ROOT = Path(__file__).resolve().parents[1]
READY = "Trang đang chạy"


@dataclass
class Site:
    """One start of run.py on a data folder."""

    process: subprocess.Popen[bytes]
    port: int
    data: Path
    log: Path
    mark: str

    @property
    def said(self) -> str:
        return self.log.read_text()

    def children(self) -> dict[str, int]:
        """The processes the supervisor started, by what they are."""
        names = {}
        for pid in children_of(self.process.pid):
            with contextlib.suppress(FileNotFoundError):  # it ended while we looked
                names[Path(f"/proc/{pid}/comm").read_text().strip()] = pid
        return names

    def left(self) -> list[int]:
        """The processes that carry this start's mark or hold its data folder. Valkey overwrites its environment; it holds the lock."""
        lock = str(self.data / "run.lock")
        return [int(entry.name) for entry in Path("/proc").iterdir() if entry.name.isdigit() and _belongs(entry, self.mark, lock)]

    def queue(self) -> redis.Redis:
        return redis.Redis.from_url(f"unix://{self.data}/valkey.sock")

    def get(self, path: str = "/healthz") -> int:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        with contextlib.closing(connection):
            connection.request("GET", path)
            return connection.getresponse().status

    def end(self, number: signal.Signals) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=40)


def children_of(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _belongs(entry: Path, mark: str, lock: str) -> bool:
    try:
        if "\nState:\tZ" in (entry / "status").read_text():
            return False
        if mark.encode() in (entry / "environ").read_bytes():
            return True
        return any(str(fd.readlink()) == lock for fd in (entry / "fd").iterdir())
    except OSError:  # it ended while we looked, or is another user's
        return False


def environment(folder: Path, **more: str) -> dict[str, str]:
    """An environment with none of the settings of whoever runs the tests."""
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**keep, "DATA_DIR": str(folder / "data"), "SECRETS_DIR": str(folder / "secrets"), **more}


@contextlib.contextmanager
def started(folder: Path, *options: str, answers: dict[str, str] | None = None, **more: str) -> Generator[Site]:
    """Start the site on *folder* and wait until it says it is ready; nothing is left running in the end.

    *answers* (prompt → what is typed) come from a terminal; without them there is none.
    """
    port, mark = free_port(), uuid.uuid4().hex
    log = folder / f"said-{mark}.txt"
    terminal, stdin = os.openpty() if answers else (-1, subprocess.DEVNULL)
    with log.open("wb") as out:
        process = subprocess.Popen(
            [sys.executable, ROOT / "run.py", *options],
            env=environment(folder, PORT=str(port), MARK=mark, **more),
            cwd=folder,
            stdin=stdin,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,  # away from the terminal of whoever runs the tests
        )
    site = Site(process, port, folder / "data", log, mark)
    try:
        for prompt, answer in (answers or {}).items():
            eventually(lambda prompt=prompt: prompt in site.said)
            os.write(terminal, f"{answer}\n".encode())
        eventually(lambda: READY in site.said or process.poll() is not None, within=240)  # the demo takes long where many want the machine
        assert process.poll() is None, site.said
        yield site
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
        eventually(lambda: not site.left())
