"""Limits that count for one test, from nothing on: every site of the tests has them off, and one limiter is the process's own."""

from __future__ import annotations

from typing import Any

import pytest
from limits.storage import MemoryStorage
from limits.strategies import SlidingWindowCounterRateLimiter

from app.limits import limiter


def count_on(monkeypatch: pytest.MonkeyPatch, storage: Any = None) -> None:
    """Let all limits hold until the end of the test, counted on *storage*."""
    storage = MemoryStorage() if storage is None else storage
    monkeypatch.setattr(limiter, "enabled", True)
    monkeypatch.setattr(limiter, "_storage", storage)
    monkeypatch.setattr(limiter, "_limiter", SlidingWindowCounterRateLimiter(storage))
    monkeypatch.setattr(limiter, "_storage_dead", False)
