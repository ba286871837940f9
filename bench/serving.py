"""The site and the reference, each as in production: gunicorn with two workers, a PostgreSQL they share, a Valkey."""

from __future__ import annotations

import contextlib
import http.client
import os
import signal
import subprocess
import sys
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import psycopg

from tests import services

HERE = Path(__file__).resolve().parents[1]
WORKERS, THREADS = 2, 8


@dataclass
class Served:
    """A running server."""

    name: str
    port: int
    process: subprocess.Popen[bytes]

    def processor(self) -> float:
        """Return the seconds of the processor that it has used, its workers included."""
        ticks = os.sysconf("SC_CLK_TCK")
        return sum(_ticks(pid) for pid in self.processes()) / ticks

    def processes(self) -> list[int]:
        """Return its processes."""
        return [self.process.pid, *_children(self.process.pid)]

    def memory(self) -> int:
        """Return the bytes that its workers hold for themselves and share, counted once each (PSS)."""
        return sum(_pss(pid) for pid in self.processes())


@dataclass
class Database:
    """A running PostgreSQL that keeps what it says it has kept."""

    folder: Path

    def url(self, name: str) -> str:
        """Return the address of that database, which is made where there is none."""
        with psycopg.connect(f"host={self.folder} user=app dbname=postgres", autocommit=True) as connection:
            if connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone() is None:
                connection.execute(f'CREATE DATABASE "{name}"'.encode())
        return f"postgresql+psycopg://app@/{name}?host={self.folder}"

    @property
    def version(self) -> str:
        """Its name and version."""
        with psycopg.connect(f"host={self.folder} user=app dbname=postgres") as connection:
            return f"PostgreSQL {connection.info.server_version // 10000}"

    def processor(self) -> float:
        """Return the seconds of the processor that it has used, connections that are over included."""
        first = int((self.folder / "data" / "postmaster.pid").read_text().split()[0])
        return (_ticks(first, gone=True) + sum(_ticks(pid) for pid in _children(first))) / os.sysconf("SC_CLK_TCK")


@contextlib.contextmanager
def postgresql(folder: Path) -> Generator[Database]:
    """Run the server in *folder*, made at the first time; its data outlives it, and a commit is on the disk."""
    there = folder / "server"
    if _is_running(there):  # another run's, which stops it
        yield Database(there)
        return
    if there.exists():
        services.run_postgresql(there, durable=True)
    else:
        folder.mkdir(parents=True, exist_ok=True)
        services.start_postgresql(there, durable=True)
    try:
        yield Database(there)
    finally:
        services.stop_postgresql(there, how="fast")


def _is_running(folder: Path) -> bool:
    with contextlib.suppress(psycopg.OperationalError), psycopg.connect(f"host={folder} user=app dbname=postgres"):
        return True
    return False


@contextlib.contextmanager
def site(folder: Path, url: str, valkey: str, **settings: str) -> Generator[Served]:
    """Serve the site on a free port."""
    port = services.free_port()
    environment = _environment(
        DATABASE_URL=url, REDIS_URL=valkey, DATA_DIR=str(folder / "data"), SECRETS_DIR=str(folder / "secrets"), PORT=str(port),
        WEB_WORKERS=str(WORKERS), WEB_THREADS=str(THREADS), RATE_LIMIT_ENABLED="0", SITE_URL=f"http://127.0.0.1:{port}", **settings,
    )  # fmt: skip
    with _running("site", port, ["gunicorn", "wsgi:app"], environment, folder / "site.log") as served:
        yield served


@contextlib.contextmanager
def reference(folder: Path, url: str) -> Generator[Served]:
    """Serve the reference on a free port."""
    port = services.free_port()
    command = ["gunicorn", "--config", "/dev/null", "--worker-class", "gthread", "--workers", str(WORKERS), "--threads", str(THREADS)]
    command += ["--preload", "--log-level", "warning", "--bind", f"127.0.0.1:{port}", "bench.reference:app"]
    with _running("reference", port, command, _environment(REFERENCE_URL=url), folder / "reference.log") as served:
        yield served


def _environment(**settings: str) -> dict[str, str]:
    keep = {name: os.environ[name] for name in ("PATH", "HOME", "LANG") if name in os.environ}
    return {**keep, **settings}


@contextlib.contextmanager
def _running(name: str, port: int, command: list[str], environment: dict[str, str], log: Path) -> Generator[Served]:
    with log.open("ab") as said:
        process = subprocess.Popen([sys.executable, "-m", *command], cwd=HERE, env=environment, stdout=said, stderr=said)
    try:
        _wait(process, port)
        yield Served(name, port, process)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(timeout=30)


def _wait(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(3000):
        if process.poll() is not None:
            raise RuntimeError(f"gunicorn ended with {process.returncode}")
        with contextlib.suppress(OSError), contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=5)) as connection:
            connection.request("GET", "/")
            connection.getresponse()
            return
        time.sleep(0.02)
    raise TimeoutError


def _children(pid: int) -> list[int]:
    return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]


def _ticks(pid: int, *, gone: bool = False) -> int:
    """Return what a process has used; *gone*: with what those it started had used when they ended."""
    with contextlib.suppress(FileNotFoundError, ProcessLookupError):  # it has just ended
        return sum(int(each) for each in Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[11 : 15 if gone else 13])
    return 0


def peak(pid: int) -> int:
    """Return the most bytes that a process ever held."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("VmHWM:"))


def _pss(pid: int) -> int:
    lines = Path(f"/proc/{pid}/smaps_rollup").read_text().splitlines()
    return next(int(line.split()[1]) * 1024 for line in lines if line.startswith("Pss:"))
