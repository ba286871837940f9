"""The ladder that a promise climbs while nobody keeps it: officer, head, the unit above, chairman, steering committee.

rules       which rungs are reached on a day, pure
voices      what each kind of promise says of itself; domains register theirs
operations  climbing, telling, and the rungs as rows with versions
climbing    every morning, watched by app.heartbeat
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import audit, heartbeat, hooks, jobs, reference
from app.accounts.models import User
from app.accounts.queries import granted
from app.administration import sentences
from app.escalation import climbing, operations, queries
from app.escalation.words import LEVELS, kinds
from app.permissions import Permission
from app.units.queries import root_units

SENTENCES: dict[str, Any] = {
    "escalation_rule.added": _l("thêm bậc đôn đốc %(code)s áp dụng từ %(effective_from)s"),
    "escalation_rule.ended": _l("kết thúc bậc đôn đốc %(code)s sau %(effective_to)s"),
    "escalation_rule.checked": _l("ghi bậc đôn đốc %(code)s đã đối chiếu văn bản gốc"),
}
ACTIONS: dict[str, set[str]] = {
    "escalation_rule.added": {"code", "effective_from"},
    "escalation_rule.ended": {"code", "effective_to"},
    "escalation_rule.checked": {"code"},
}


def init_app(app: Flask) -> None:
    """Register the job, that it is watched, and what every install starts with."""
    audit.register(ACTIONS)
    sentences.register(SENTENCES, groups={"escalation_rule": _l("Bậc đôn đốc")})
    jobs.daily(app, climbing.NAME, climbing.climb, at=climbing.MORNING)
    heartbeat.watch(app, heartbeat.Watched(climbing.NAME, _l("đôn đốc việc sắp đến hạn, quá hạn"), climbing.TERM, who_hears))
    hooks.add(reference.further, start)
    app.add_template_filter(LEVELS.__getitem__, "escalation_level")
    app.add_template_filter(lambda matter: kinds().get(matter, matter), "escalation_matter")


def start(*, now: dt.datetime) -> None:
    """Bring the shipped rungs, and wait for the first morning."""
    operations.load_shipped(now=now)
    heartbeat.begin(climbing.NAME, now=now)


def who_hears(on: dt.date) -> list[User]:
    """Return who is told when the ladder stands still: the administrators of the whole install, and the steering committee."""
    roots = root_units()
    found: list[Any] = [*granted(Permission.SETTINGS_MANAGE, on=on, over=roots[0] if roots else None), *queries.People(on).steering(None)]
    return list({user.id: user for user in found}.values())
