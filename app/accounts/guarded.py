"""Roles that open what is sealed, read the record or make other roles: nobody holds one at once, and who keeps watch hears of it first.

One administrator could otherwise make two accounts in the morning, read every denunciation with them and take the roles back at noon.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

from app import settings
from app.accounts.models import Grant, User
from app.accounts.queries import watchers
from app.outbox import Channel, notify
from app.permissions import GUARDED

DAYS = 2  # so that a whole day lies between, whatever the hour


def holds_from(role: str, day: dt.date, *, today: dt.date) -> dt.date:
    """Return when *role*, given today from *day* on, begins to hold. Before the site opens nothing is sealed yet, and nobody waits."""
    return max(day, today + dt.timedelta(days=DAYS)) if waits(role) else day


def waits(role: str) -> bool:
    """Say whether *role* holds only after a while."""
    return role in GUARDED and bool(settings.get("set_up"))


def tell(grant: Grant, user: User, *, actor: Any, today: dt.date, now: dt.datetime) -> None:
    """Tell who keeps watch that *user* gets a role, whatever notices they want: after it held it would be too late."""
    for watcher in watchers(on=today):
        for channel in (Channel.SITE, Channel.EMAIL):
            notify(
                channel=channel,
                template="accounts/notices/guarded_role",
                about=grant,
                occasion="given",
                user=watcher,
                locale=watcher.locale,
                now=now,
                role=grant.role,
                who=user.name,
                by=getattr(actor, "name", ""),
                starts_on=grant.starts_on,
            )
