"""The README names what a person can set; it must not fall behind config.py."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from config import Config

ROOT = Path(__file__).resolve().parents[1]
DEPLOY = ROOT / "deploy"


def test_the_table_of_settings_names_every_setting_and_no_other():
    table = (ROOT / "README.md").read_text().split("## Settings")[1].split("\n\n`ADMIN_NAME`")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    named = re.findall(r"`(\w+)`", " ".join(first_cells))

    assert sorted(named) == sorted(field.name for field in fields(Config))


#: What a default is called in the table; what is not told by a number or by itself.
SAID = {
    "DATA_DIR": "`var/data`", "SECRETS_DIR": "`var/secrets`", "REDIS_URL": "an embedded Valkey",
    "SITE_URL": "`http://localhost:PORT`", "DATABASE_URL": "SQLite in `DATA_DIR`", "STORAGE_URL": "a folder in `DATA_DIR`",
    "S3_ENDPOINT": "Amazon",
}  # fmt: skip
UNITS = {"MB": 1024**2, "GB": 1024**3}


def test_each_default_in_the_table_is_the_one_in_force():
    defaults = {field.name: field.default for field in fields(Config)}
    for line in (ROOT / "README.md").read_text().split("## Settings")[1].split("\n## ")[0].splitlines():
        if not line.startswith("| `"):
            continue
        names, said = re.findall(r"`(\w+)`", line.split("|")[1]), [each.strip() for each in line.split("|")[2].split(", ")]
        assert len(said) == len(names), line
        for name, word in zip(names, said, strict=True):
            assert word in {SAID.get(name), *called(defaults[name])}, f"{name}: {word}, but {defaults[name]!r} in config.py"


def called(default: str | int) -> set[str]:
    """Return what *default* may be called."""
    if default == "":
        return {"none"}
    return {str(int(default)) if isinstance(default, bool) else str(default), f"`{default}`"} | {
        f"{default // size} {unit}" for unit, size in UNITS.items() if isinstance(default, int) and default and default % size == 0
    }


def test_the_service_its_backup_and_its_commands_read_one_file_of_settings():
    given = [line.partition("=")[0] for line in (DEPLOY / "y-kien.env").read_text().splitlines() if not line.startswith("#")]
    assert set(given) <= {field.name for field in fields(Config)}
    units = list(DEPLOY.glob("*.service"))
    assert units
    for unit in units:
        said = unit.read_text()
        assert "EnvironmentFile=/etc/y-kien.env" in said
        assert "\nEnvironment=" not in said  # the command y-kien would not have it
    assert "\n. /etc/y-kien.env" in (DEPLOY / "y-kien").read_text()
