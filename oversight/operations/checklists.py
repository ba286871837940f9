"""The checklists with which campaigns begin: as shipped, and as an administrator has them. A campaign that has begun keeps its own."""

from __future__ import annotations

import datetime as dt
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from app.accounts.models import User
from app.versions import Book
from oversight.models import Checklist

BOOK = Book(Checklist, "checklist")
SHIPPED = Path(__file__).parents[1] / "data" / "checklists.toml"


def load_shipped(*, now: dt.datetime) -> None:
    """Add the checklists that the table lacks; what is there is not touched. May run at every start; flushes."""
    shipped = tomllib.loads(SHIPPED.read_text(encoding="utf-8"))
    for each in shipped["checklist"]:
        BOOK.bring(Checklist(**(shipped["common"] | each)), now=now)


def change(row: Checklist, said: Mapping[str, Any], *, actor: User, now: dt.datetime) -> Checklist:
    """Let another version follow *row* from its first day on. :raise NotAllowed: and what app.versions raises."""
    return BOOK.follow(Checklist(**said, code=row.code, name=row.name), actor=actor, now=now)
