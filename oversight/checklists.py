"""The checklist a campaign begins with, by type of base; what was shipped is only the beginning, each campaign has its own."""

from __future__ import annotations

import tomllib
from functools import cache
from pathlib import Path
from typing import Any

SHIPPED = Path(__file__).parent / "data" / "checklists.toml"


@cache
def shipped() -> dict[str, dict[str, Any]]:
    """Return the checklists by base: questions, source, evidence, local."""
    return {each["base"]: each for each in tomllib.loads(SHIPPED.read_text(encoding="utf-8"))["checklist"]}
