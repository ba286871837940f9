"""Who runs on a data folder, and on which settings: a command typed beside a service has its own, and may ask about another site.

Linux tells it: whose the lock on the folder is, and the environment that a process of the same user was started with.
"""

from __future__ import annotations

import os
from dataclasses import fields
from pathlib import Path

from app.doctor import Finding, Level
from config import Config
from running import serving

#: The lock says where the data is; what the site listens on is no matter to any command.
_NO_MATTER = {"DATA_DIR", "BIND", "PORT", "WEB_WORKERS", "WEB_THREADS"}


def asked() -> Finding:
    """Say whether the site that runs here has the settings of this command."""
    data = Path(os.environ["DATA_DIR"])
    pid = runs_on(data)
    if pid is None:
        return Finding("site_none", Level.WARN, str(data))
    try:
        others = differing(_environment_of(pid))
    except PermissionError:
        return Finding("site_of_another", Level.WARN, str(data))
    except (FileNotFoundError, ProcessLookupError):  # it ended just now
        return Finding("site_none", Level.WARN, str(data))
    return Finding("settings_differ", Level.BAD, ", ".join(others)) if others else Finding("settings", Level.OK, str(data))


def runs_on(data: Path) -> int | None:
    """Return the process that holds the claim on *data*; None where the site does not run."""
    try:
        held = (data / "run.lock").stat()
    except OSError:
        return None
    device = f"{os.major(held.st_dev):02x}:{os.minor(held.st_dev):02x}:{held.st_ino}"
    for line in Path("/proc/locks").read_text().splitlines():
        _number, *words = line.split()
        if words[:1] == ["FLOCK"] and words[4] == device:
            return int(words[3])
    return None


def _environment_of(pid: int) -> dict[str, str]:
    said = os.fsdecode(Path(f"/proc/{pid}/environ").read_bytes())
    return dict(each.split("=", 1) for each in said.split("\0") if "=" in each)


def differing(environ: dict[str, str]) -> list[str]:
    """Return the settings that are others in *environ* than here."""
    environ = environ | {"DATA_DIR": os.environ["DATA_DIR"]}
    theirs, ours = Config.from_env(environ | serving.environment(Config.from_env(environ), environ)), Config.from_env()
    names = {field.name for field in fields(Config)} - _NO_MATTER
    if not Path(environ.get("SECRETS_DIR", "")).is_absolute():  # it counts from a folder that the site has left since
        names -= {"SECRETS_DIR"}
    if _is_own_address(theirs) and _is_own_address(ours):
        names -= {"SITE_URL"}
    return sorted(name for name in names if getattr(theirs, name) != getattr(ours, name))


def _is_own_address(config: Config) -> bool:
    return config.SITE_URL.removeprefix("http://localhost:") == str(config.PORT)
