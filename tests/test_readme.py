"""The README names what a person can set; it must not fall behind config.py."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from config import Config

ROOT = Path(__file__).resolve().parents[1]


def test_the_table_of_settings_names_every_setting_and_no_other():
    table = (ROOT / "README.md").read_text().split("## Settings")[1].split("\n\n`ADMIN_NAME`")[0]
    first_cells = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]

    named = re.findall(r"`(\w+)`", " ".join(first_cells))

    assert sorted(named) == sorted(field.name for field in fields(Config))
