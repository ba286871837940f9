"""An entry of the record as it is hashed: one form for the chain (app.chain.rules) and for the seal each gets when written. Pure."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from typing import Any


def instant(value: dt.datetime | str) -> str:
    """Return an instant as it is hashed; what a database says without a zone is UTC. :raise ValueError: it is none."""
    read = dt.datetime.fromisoformat(value) if isinstance(value, str) else value
    aware = read.replace(tzinfo=dt.UTC) if read.tzinfo is None else read.astimezone(dt.UTC)
    return aware.replace(tzinfo=None).isoformat(timespec="microseconds") + "Z"


def canonical(entry: Sequence[Any]) -> str:
    """Return *entry* (its columns in the order of app.chain.rules) as it is hashed. :raise ValueError: :raise TypeError: it is none."""
    number, at, *said, facts = entry
    read = json.loads(facts) if isinstance(facts, str) else facts
    return json.dumps([number, instant(at), *said, read], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
