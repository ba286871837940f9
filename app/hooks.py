"""Lists of functions that a module calls without knowing who put them there: how a domain joins what stands below it."""

from __future__ import annotations

from typing import Any


def add(hooks: list[Any], *functions: Any) -> None:
    """Add each of *functions* once: several sites may be made in one process, as the tests do."""
    hooks += [function for function in functions if function not in hooks]
