"""What the site says of a matter and which terms it follows: a rule that asks for more holds for nothing yet.

Rules of law are loaded whole. Those that no clock can ever follow are shown as such, so that nobody relies on them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from app.calendar.models import DeadlineRule
from app.calendar.rules import Stage

#: Fact → the values that some domain gives it.
SAYS: dict[str, set[str]] = {}
#: The stages for which some domain starts clocks.
FOLLOWS: set[str] = set()


def register(*, says: Mapping[str, Iterable[str]], follows: Iterable[Stage]) -> None:
    """Let a domain name the facts it tells and the stages it follows."""
    for fact, values in says.items():
        SAYS.setdefault(fact, set()).update(values)
    FOLLOWS.update(follows)


def lacking(rule: DeadlineRule) -> str:
    """Return what keeps *rule* from ever being chosen: "stage", or a fact and its first value ("instance:second"); empty for nothing."""
    for fact, values in rule.applies_to.items():
        if not SAYS.get(fact, set()).intersection(values):
            return f"{fact}:{values[0]}"
    return "" if rule.stage in FOLLOWS else "stage"
