"""What stands between hosts where there are several: a pooler before PostgreSQL, a web server before the site. Debian's, where they are."""

from __future__ import annotations

import datetime as dt
import getpass
import os
import shutil
import socket
import subprocess
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import services
from tests.services import PostgreSQL, free_port
from tests.waiting import eventually

SHIPPED = Path(__file__).resolve().parents[2] / "deploy" / "nginx.conf"
UPSTREAM = "    server 127.0.0.1:8000 max_fails=1 fail_timeout=2s;\n"


def program(name: str) -> str:
    """Where that program is; a test that needs it is skipped where it is not."""
    found = shutil.which(name, path=f"{os.environ['PATH']}:/usr/sbin")
    if found is None:
        pytest.skip(f"{name} is not installed")
    return found


@contextmanager
def pooler(server: PostgreSQL, folder: Path) -> Generator[int]:
    """Run a pgbouncer before *server* that hands each transaction to the next connection in turn; yield its port."""
    command, port = program("pgbouncer"), free_port()
    folder.mkdir()
    runner: dict[str, Any] = {}
    if os.getuid() == 0:  # it refuses to run as root
        runner = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody")
    settings = {
        "listen_addr": "127.0.0.1", "listen_port": port, "unix_socket_dir": "", "auth_type": "any", "logfile": folder / "log",
        "pool_mode": "transaction", "server_round_robin": 1, "default_pool_size": 4,
    }  # fmt: skip
    lines = ["[databases]", f"* = host={server.folder} user=app", "[pgbouncer]", *(f"{name} = {value}" for name, value in settings.items())]
    (folder / "ini").write_text("\n".join(lines))
    process = subprocess.Popen([command, "-q", folder / "ini"], **runner)
    try:
        eventually(lambda: answers(port), ignoring=psycopg.OperationalError)
        yield port
    finally:
        process.kill()
        process.wait()


def answers(port: int) -> bool:
    with psycopg.connect(host="127.0.0.1", port=port, dbname="postgres"):
        return True


@contextmanager
def nginx(folder: Path, upstreams: list[tuple[str, int]]) -> Generator[int]:
    """Run nginx on deploy/nginx.conf before *upstreams*, but for what is marked there; yield its port. Each answer names who gave it."""
    command, port = program("nginx"), free_port()
    folder.mkdir()
    certificate(folder)
    shipped = "".join(line for line in SHIPPED.read_text().splitlines(keepends=True) if "[::]" not in line)
    for there, here in {
        "listen 443": f"listen 127.0.0.1:{port}",
        "listen 80": f"listen 127.0.0.1:{free_port()}",
        "y-kien.example": "localhost",
        "/etc/ssl/y-kien": str(folder),
        UPSTREAM: "".join(UPSTREAM.replace("127.0.0.1:8000", f"{address}:{at}") for address, at in upstreams),
    }.items():
        assert there in shipped
        shipped = shipped.replace(there, here)
    places = "".join(f"{kind}_temp_path {folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    (folder / "conf").write_text(
        f"user {getpass.getuser()};\nworker_processes 1;\ndaemon off;\npid {folder}/pid;\nerror_log {folder}/log;\n"
        f"events {{}}\nhttp {{\n{places}add_header X-Answered-By $upstream_addr always;\n{shipped}\n}}\n"
    )
    process = subprocess.Popen([command, "-p", folder, "-c", folder / "conf", "-e", folder / "log"])
    try:
        eventually(lambda: socket.create_connection(("127.0.0.1", port)).close() or True, ignoring=OSError)
        yield port
    finally:
        process.terminate()
        process.wait()


def certificate(folder: Path) -> None:
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = dt.datetime.now(dt.UTC)
    made = x509.CertificateBuilder(name, name, key.public_key(), x509.random_serial_number(), now, now + dt.timedelta(days=1))
    made = made.add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
    (folder / "fullchain.pem").write_bytes(made.sign(key, SHA256()).public_bytes(Encoding.PEM))
    (folder / "privkey.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))


@contextmanager
def copied(server: PostgreSQL, folder: Path) -> Generator[PostgreSQL]:
    """Run a PostgreSQL that follows *server*."""
    folder.mkdir()
    runner: dict[str, Any] = {}
    if os.getuid() == 0:  # it refuses to run as root
        runner = {"user": "nobody", "group": "nogroup", "extra_groups": []}
        shutil.chown(folder, "nobody")
    command = [
        services._postgresql_programs() / "pg_basebackup",
        f"--host={server.folder}",
        "--username=app",
        f"--pgdata={folder / 'data'}",
    ]
    command += ["--write-recovery-conf", "--checkpoint=fast", "--no-sync"]
    subprocess.run(command, cwd=folder, env={"PATH": os.environ["PATH"], "HOME": str(folder)}, check=True, **runner)
    services.run_postgresql(folder)
    try:
        yield PostgreSQL(folder, server.mark)
    finally:
        if (folder / "data" / "postmaster.pid").exists():
            services.stop_postgresql(folder)
