#!/usr/bin/env python3
"""Chạy trang Ý kiến và Đối thoại. Set up, serve, test and check the site; needs Linux and Python 3.11, nothing else.

  python3 run.py                  cài đặt nếu cần, mở trang với tỉnh mẫu       set up if needed, serve, with a demo province
  python3 run.py --empty          như trên, không có dữ liệu mẫu               the same without the demo; asks for the first administrator
  python3 run.py test [pytest…]   cài thứ cần để thử, rồi chạy mọi phép thử     set up what the tests need, run them all
  python3 run.py check            kiểm tra mã nguồn, bản dịch, trang            lint, types, imports, migrations, catalogue, pages
  python3 run.py backup NƠI       sao lưu ra tệp hay thư mục, cả khi đang chạy  an encrypted backup, also while the site runs
  python3 run.py restore TỆP      khôi phục vào chỗ trống; --check chỉ xem      into an empty install; --check only looks
  python3 run.py doctor           xem mọi thứ có ổn không, cần làm gì            how the install is, and what to do
  python3 run.py keys escrow      chép khóa ra giấy                             print the copy of the keys that is kept on paper
  python3 run.py keys restore     gõ lại bản chép khóa                          type that copy back
  python3 run.py keys rotate      đổi khóa; trang phải đang dừng                a new master key; the site must be stopped
  python3 run.py worker           thêm một tiến trình làm việc nền              one more background worker
  python3 run.py web, ticker, prepare   từng phần, khi trang chạy trên nhiều máy    the other parts, on several hosts: docs/hosts.md
  python3 run.py audit verify     kiểm tra nhật ký [--anchor TỆP|SỐ:MÃ]          check the record; audit anchor prints how far it goes
  python3 run.py translate        gom câu chữ mới vào bản tiếng Anh             bring the English catalogue up to the code
  python3 run.py attack [TÊN…]    để các trình dò lỗi tấn công một trang riêng   let scanners attack a site of their own, an hour at most
  python3 run.py bench            đo trang bên một trang tối giản, nhiều cỡ      the site beside a bare reference, at several sizes
  python3 run.py lock             ghi lại requirements*.txt có mã băm           write requirements*.txt again, with hashes

Ctrl-C dừng tất cả. Cài đặt bằng biến môi trường: xem README.md.      Ctrl-C stops everything. Settings: see README.md.
"""

from __future__ import annotations

import sys

if sys.version_info < (3, 11) or sys.platform != "linux":
    sys.exit("Cần Linux và Python 3.11 trở lên.\nLinux and Python 3.11 or newer are needed.")

import os
import subprocess
import time
from pathlib import Path

from config import SettingInvalid
from running import install, serving, supervisor
from running.install import HERE, PYTHON, VENV, Refused

#: `run.py check`: each step's name and the command that fails when something is wrong.
CHECKS = {
    "ruff": [str(VENV / "bin" / "ruff"), "check", "--quiet", "."],
    "ruff format": [str(VENV / "bin" / "ruff"), "format", "--check", "--quiet", "."],
    "ty": [str(VENV / "bin" / "ty"), "check", "--quiet"],
    "import-linter": [PYTHON, "-c", "import sys; from importlinter.cli import lint_imports_command; sys.exit(lint_imports_command())"],
    "migrations equal models": [PYTHON, "-m", "pytest", "-q", "tests/test_migrations.py"],
    "catalogue complete": [PYTHON, "-m", "pytest", "-q", "tests/test_translations.py"],
    "HTML valid": [PYTHON, "-m", "pytest", "-q", "tests/site", "-k", "not axe"],
    "vendored files match": [PYTHON, "-m", "pytest", "-q", "tests/app/test_static.py"],
}


def main(argv: list[str]) -> int:
    """Run the command named by *argv*; return the exit status."""
    commands = {
        "serve": serve,
        "test": test,
        "check": check,
        "keys": lambda rest: keep(["keys", *rest]),
        "doctor": lambda rest: keep(["doctor", *rest]),
        "backup": lambda rest: keep(["backup", *rest]),
        "restore": lambda rest: keep(["restore", *rest]),
        **{part: lambda rest, part=part: host(part, *rest) for part in ("prepare", "web", "worker", "ticker")},
        "audit": lambda rest: keep(["audit", *rest]),
        "translate": translate,
        "attack": attack,
        "bench": bench,
        "lock": install.lock,
    }
    name, rest = ("serve", argv) if not argv or argv[0] == "--empty" else (argv[0], argv[1:])
    if name in {"--help", "-h", "help"}:
        print(__doc__)
        return 0
    if name not in commands:
        print(f"Không có lệnh {name}; xem: python3 run.py --help\nNo such command: {name}; see: python3 run.py --help", file=sys.stderr)
        return 2
    try:
        return commands[name](rest)
    except (Refused, supervisor.NeverReady, SettingInvalid) as refusal:
        print(refusal, file=sys.stderr)
    except (KeyboardInterrupt, EOFError):
        print(file=sys.stderr)
    return 1


def serve(rest: list[str]) -> int:
    """Set up what is missing and serve the site until told to stop."""
    install.libraries()
    if not VENV.samefile(sys.prefix):
        os.execv(PYTHON, [PYTHON, str(HERE / "run.py"), "serve", *rest])
    serving.serve(demo="--empty" not in rest)
    return 0


def test(rest: list[str]) -> int:
    """Run the suite on both databases; the last line is pytest's own count."""
    install.system_packages()
    install.libraries(tests=True)
    os.chdir(HERE)
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # a hundred processes would each compile everything anew
    # Four on two cores: some of them wait, for a browser, a start or what was killed to come back.
    os.execv(PYTHON, [PYTHON, "-m", "pytest", "--database", "both", "-n", "4", "--dist", "loadfile", "--no-loadscope-reorder", *rest])


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


def host(*words: str) -> int:
    """Be one part of the site on the settings of this environment; see running/hosts.py."""
    install.libraries()
    config = serving.settings()  # a relative folder counts from where the command was typed
    os.environ.update(DATA_DIR=config.DATA_DIR, SECRETS_DIR=config.SECRETS_DIR)
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "running.hosts", *words])


def keep(words: list[str]) -> int:
    """Run a command of running/keeping.py on the settings of this environment."""
    install.libraries()
    os.environ.update(serving.environment(serving.settings()))
    os.umask(0o077)
    if words[0] in {"backup", "restore"}:  # what they name counts from where the command was typed
        words[1:] = [each if each.startswith("-") or each.isdecimal() else str(Path(each).resolve()) for each in words[1:]]
    if words[0] == "audit":  # an anchor may be typed, too
        words[1:] = [str(Path(each).resolve()) if Path(each).is_file() else each for each in words[1:]]
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "running.keeping", *words])


def translate(_rest: list[str]) -> int:
    """Bring the English catalogue up to the messages of the code; fail while some are not translated."""
    install.libraries()
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "app.translations"])


def attack(rest: list[str]) -> int:
    """Let independent scanners attack a site of their own; see running/attack."""
    install.libraries(tests=True)
    install.scanners()
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "running.attack.command", *rest])


def bench(rest: list[str]) -> int:
    """Measure the site under load."""
    install.libraries(tests=True)
    os.chdir(HERE)
    os.execv(PYTHON, [PYTHON, "-m", "bench", *rest])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
