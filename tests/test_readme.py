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


def test_the_service_its_backup_and_its_commands_read_one_file_of_settings():
    given = [line.partition("=")[0] for line in (DEPLOY / "y-kien.env").read_text().splitlines() if not line.startswith("#")]
    assert set(given) <= {field.name for field in fields(Config)}
    for unit in ("y-kien.service", "y-kien-backup.service"):
        said = (DEPLOY / unit).read_text()
        assert "EnvironmentFile=/etc/y-kien.env" in said
        assert "\nEnvironment=" not in said  # the command y-kien would not have it
    assert "\n. /etc/y-kien.env" in (DEPLOY / "y-kien").read_text()
