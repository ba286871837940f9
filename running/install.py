"""What has to be on the machine before the site or its tests can run: the .venv and, for tests, a few system packages."""

from __future__ import annotations

import hashlib
import importlib.util
import json
import os
import shutil
import subprocess
import venv
from pathlib import Path

HERE = Path(__file__).resolve().parent.parent
VENV = HERE / ".venv"
PYTHON = str(VENV / "bin" / "python")
STAMP = VENV / "installed.json"  # digests of the requirement files that VENV holds
ATTACK = HERE / ".venv-attack"  # the scanners of `run.py attack`: they ask for old versions of what the site itself uses

UV_OPTIONS = ["--system-certs"]  # offices often sit behind a proxy whose certificate only the system knows

#: What the tests need from the system: the Debian package, and how to see that it is there.
SYSTEM_PACKAGES = {
    "chromium-headless-shell": lambda: shutil.which("chromium-headless-shell"),
    "default-jre-headless": lambda: shutil.which("java"),  # the Nu HTML checker
    "fonts-liberation": lambda: any(Path("/usr/share/fonts").rglob("*.ttf")),
}
#: What does as well where that cannot be had: the whole browser takes half as much time again.
INSTEAD = {"chromium-headless-shell": lambda: any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome")))}


class Refused(Exception):
    """What a person must put right before the command can go on: one Vietnamese sentence and its English line."""

    def __init__(self, vietnamese: str, english: str) -> None:
        super().__init__(f"{vietnamese}\n{english}")


def libraries(*, tests: bool = False) -> None:
    """Make .venv hold exactly what requirements.txt names, or requirements-dev.txt for *tests*; do nothing when it does."""
    held = json.loads(STAMP.read_text()) if STAMP.exists() else {}
    needed = {name: _digest(HERE / name) for name in ("requirements.txt", "requirements-dev.txt")}
    name = "requirements-dev.txt" if tests else "requirements.txt"
    if held.get(name) == needed[name] and Path(PYTHON).exists():
        return
    if "requirements-dev.txt" in held:
        name = "requirements-dev.txt"  # an environment for tests stays one; it holds everything the site needs
    print(f"Cài thư viện theo {name} (installing libraries)…", flush=True)
    uv = VENV / "bin" / "uv"
    if not (uv.exists() and Path(PYTHON).exists()):
        if importlib.util.find_spec("ensurepip") is None:
            raise Refused(
                "Thiếu gói hệ thống python3-venv; cài bằng: apt-get install python3-venv",
                "The system package python3-venv is missing; install it with: apt-get install python3-venv",
            )
        venv.create(VENV, with_pip=True, clear=VENV.exists())
        _fetch([PYTHON, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", "requirements-uv.txt"])
    _fetch([str(uv), "pip", "sync", "--quiet", "--require-hashes", *UV_OPTIONS, "--python", PYTHON, name])
    STAMP.write_text(json.dumps(needed if name == "requirements-dev.txt" else {name: needed[name]}))


def scanners() -> None:
    """Make .venv-attack hold exactly what requirements-attack.txt names."""
    stamp, needed = ATTACK / "installed", _digest(HERE / "requirements-attack.txt")
    if stamp.exists() and stamp.read_text() == needed:
        return
    print("Cài các trình dò lỗi (installing the scanners)…", flush=True)
    venv.create(ATTACK, with_pip=False, clear=True)
    sync = [str(VENV / "bin" / "uv"), "pip", "sync", "--quiet", "--require-hashes", *UV_OPTIONS]
    _fetch([*sync, "--python", str(ATTACK / "bin" / "python"), "requirements-attack.txt"])
    stamp.write_text(needed)


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _fetch(command: list[str]) -> None:
    done = subprocess.run(command, cwd=HERE, check=False)
    if done.returncode:
        raise Refused(
            "Không cài được thư viện Python; lần cài đầu cần mạng tới kho gói Python.",
            "The Python libraries could not be installed; the first set-up needs the network.",
        )


def system_packages() -> None:
    """Install what the tests need from the system where this user may; else say with which command."""
    missing = [package for package, present in SYSTEM_PACKAGES.items() if not present()]
    wished = [package for package in missing if package in INSTEAD and INSTEAD[package]()]
    needed = [package for package in missing if package not in wished]
    if needed and not _install(needed):
        typed = " && ".join(" ".join(command) for command in _commands(needed))
        raise Refused(f"Thiếu gói hệ thống; cài bằng: {typed}", f"System packages are missing; install them with: {typed}")
    if wished:
        _install(wished)


def _commands(packages: list[str]) -> list[list[str]]:
    return [["apt-get", "update"], ["apt-get", "install", "-y", "--no-install-recommends", *packages]]


def _install(packages: list[str]) -> bool:
    sudo = [] if os.getuid() == 0 else ["sudo", "-n"]
    if not shutil.which("apt-get") or (sudo and not shutil.which("sudo")):
        return False
    env = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    return all(subprocess.run([*sudo, *command], env=env).returncode == 0 for command in _commands(packages))


def lock(rest: list[str]) -> int:
    """Write requirements*.txt from requirements*.in, every version with its hashes, no package host named; `--upgrade` for newer ones."""
    libraries(tests=True)
    compile_ = [str(VENV / "bin" / "uv"), "pip", "compile", "--quiet", *UV_OPTIONS, "--universal", "--python-version", "3.11"]
    compile_ += ["--generate-hashes", "--no-header", "--no-annotate"]
    for name, more in (
        ("requirements", []),
        ("requirements-dev", ["-c", "requirements.txt"]),
        ("requirements-uv", []),
        ("requirements-attack", []),
    ):
        _fetch([*compile_, *more, *rest, f"{name}.in", "-o", f"{name}.txt"])
    return 0
