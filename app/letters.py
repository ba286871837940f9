"""What a notice says: its templates, filled in.

A notice `feedback/notices/answered` has up to four: `.site.html`, one sentence with its link, for the list of notices;
`.txt` and `.html`, the e-mail, whose first line of text is its subject; `.sms.txt`. Each gets `facts`, `user`,
`settings` and `notice`, and extends `notices/base.txt` or `notices/base.html` where it is a letter.
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import current_app, render_template, url_for
from flask_babel import force_locale
from markupsafe import Markup

from app import settings
from app.outbox import Channel, Notice

#: Where letters of a template are stopped, where it is not the page on which somebody with an account turns all e-mail off: endpoints.
STOPS: dict[str, str] = {}


class NobodyToTell(Exception):
    """The notice has no address any more: the account was closed, or the address erased."""


@dataclass(frozen=True)
class Letter:
    """What goes out for one notice, ready to be sent without a look at the database."""

    uid: UUID
    to: str
    subject: str
    text: str
    html: str = ""
    stop: str = ""  # where its receiver says that they want no more of these


def letter(notice: Notice) -> Letter:
    """Return *notice* as its receiver gets it by its channel, in their language; :raise NobodyToTell:."""
    to = _address(notice)
    # Links in a letter are whole addresses, and no request is there to take them from.
    with current_app.test_request_context(base_url=current_app.config["SITE_URL"]), force_locale(notice.locale):
        if notice.channel == Channel.SMS:
            return Letter(notice.uid, to, subject="", text=_fill(notice, "sms.txt").strip())
        text = re.sub(r"\n{3,}", "\n\n", _fill(notice, "txt").strip())
        subject, _, body = text.partition("\n")
        html = _fill(notice, "html", subject=subject)
        return Letter(notice.uid, to, subject, body.lstrip("\n") + "\n", html, _stop(notice))


def sentence(notice: Notice) -> Markup:
    """Return the sentence that tells *notice* on the site, in the language of the page it stands on."""
    return Markup(_fill(notice, "site.html"))  # noqa: S704 - a template's output, escaped by it


def _fill(notice: Notice, ending: str, **more: Any) -> str:
    facts = {name: _fact(name, value) for name, value in notice.facts.items()}
    return render_template(
        f"{notice.template}.{ending}", notice=notice, facts=facts, user=notice.user, settings=settings.all_values(), **more
    )


def _stop(notice: Notice) -> str:
    if notice.user is None:
        return ""
    return url_for(STOPS.get(notice.template, "accounts.preferences"), _external=True)


def _fact(name: str, value: Any) -> Any:
    if isinstance(value, list):  # the lines of a list, each with facts of its own
        return [{key: _fact(key, each) for key, each in line.items()} if isinstance(line, dict) else line for line in value]
    if value and name.endswith("_on"):
        return dt.date.fromisoformat(value)
    if value and name.endswith("_at"):
        return dt.datetime.fromisoformat(value)
    return value


def _address(notice: Notice) -> str:
    # An address that was written into the database by hand gets no letter: what comes by letter opens the account.
    if notice.user is not None and not (notice.user.active and notice.user.is_ours):
        raise NobodyToTell
    # Whoever has an account is written to there and nowhere else, whatever address somebody wrote beside it.
    to = notice.address if notice.user is None else notice.user.email if notice.channel == Channel.EMAIL else None
    if not to:
        raise NobodyToTell
    return to
