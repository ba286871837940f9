"""Who may do what, asked of the real site: every address, by every role, of the object's unit and of another, at each of its states.

`docs/permissions.md` is what this finds; `test_permissions.py` compares. What a route's own policy refuses to a role is read from the
policy (that it is kept is seen in test_every_route.py); everything else is asked.
"""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import Any

from flask import Flask
from flask.testing import FlaskClient
from werkzeug.routing import Rule

from app.access import policies
from app.accounts.models import User
from app.permissions import GRANTS, Role
from tests import factories
from tests.bad_input.conftest import Site, signed_in, unchanging, undone
from tests.bad_input.pages import address, honest
from tests.bad_input.routes import rules_of
from tests.bad_input.typed import TYPED
from tests.feedback.pages import token

#: Roles that look at all units from their own body, or keep the whole install.
OVER_ALL = (Role.ADMINISTRATOR, Role.AUDITOR, Role.FRONT, Role.STEERING, Role.OVERSEER, Role.SEALED_INTAKE)
COLUMNS = {
    Role.RECEPTION: "reception", Role.OFFICER: "officer", Role.DIVISION_HEAD: "div. head", Role.OFFICE: "office", Role.HEAD: "head",
    Role.RECORDS: "records", Role.FRONT: "front", Role.STEERING: "steering", Role.OVERSEER: "overseer", Role.TRADE_UNION: "union",
    Role.SEALED_INTAKE: "sealed", Role.AUDITOR: "auditor", Role.ADMINISTRATOR: "admin",
}  # fmt: skip
#: What an answer says. A step that was refused for what it found goes back with a sentence, as one that was taken does.
SAYS = {200: "✓", 302: "✓", 303: "✓", 308: "✓", 307: "✓", 422: "✎", 400: "✎", 413: "✎"}
NO, NOTHING = "·", 404
ITEM, SESSION = "/can-bo/y-kien/<code>", "/can-bo/doi-thoai/<code>"
#: States between which the answers change; what is alike is asked once.
OF_ITEMS = ("at the desk", "offered", "taken", "submitted", "answered")
OF_SESSIONS = ("ready", "held", "archived")


@dataclass
class Row:
    """One address and the methods that are answered alike."""

    rule: str
    methods: list[str]
    policy: str
    by_role: dict[Role, str] = field(default_factory=dict)
    by_state: dict[str, str] = field(default_factory=dict)

    @property
    def answers(self) -> tuple[Any, ...]:
        return (self.rule, self.policy, tuple(self.by_role.items()), tuple(self.by_state.items()))

    @property
    def unseen(self) -> bool:
        """Nobody found anything there: the province of the tests has no such object."""
        cells = {*self.by_role.values(), *self.by_state.values()} - {NO}
        return bool(cells) and cells <= {"404"}


class Walker:
    """Goes everywhere as everyone."""

    def __init__(self, app: Flask, site: Site) -> None:
        self.app, self.site = app, site
        self.known = policies()
        province = site.province
        concerned = [province.works, province.desk, province.ward]
        homes = {Role.FRONT: province.front, Role.STEERING: province.steering, Role.ADMINISTRATOR: province.root, Role.OVERSEER: None}
        own, other = {}, {}
        for role in Role:
            wide = role in OVER_ALL
            scopes = [(role, None)] if wide else [(role, unit) for unit in concerned]
            own[role] = factories.make_user(unit=homes.get(role, province.works if not wide else province.root), roles=scopes)
            other[role] = factories.make_user(unit=province.health, roles=[(role, province.health)])
        self.own = {role: self.client(user) for role, user in own.items()}
        self.other = {role: self.client(user) for role, user in other.items()}
        self.everybody = self.client(site.everybody)
        self.found = {
            (rule.rule, rule.endpoint): self.states(rule) for rule in rules_of(app)
        }  # before anything is undone: that forgets the rows

    def client(self, user: User) -> tuple[FlaskClient, str]:
        client = signed_in(self.app, user)
        csrf = token(client, "/tra-cuu")
        return unchanging(client), csrf

    def rows(self) -> Iterator[Row]:
        """Yield a row for each address; methods that are answered alike share it."""
        rules = sorted(rules_of(self.app), key=lambda rule: rule.rule)
        for text, same in itertools.groupby(rules, key=lambda rule: rule.rule):
            rows: list[Row] = []
            for rule, method in ((each, method) for each in same for method in ("GET", "POST") if method in (each.methods or ())):
                row = self.row(rule, method)
                alike = next((each for each in rows if (*each.answers,) == (*row.answers,)), None)
                if alike is None:
                    rows.append(row)
                else:
                    alike.methods.append(method)
            assert rows, text
            yield from rows

    def row(self, rule: Rule, method: str) -> Row:
        policy = self.known[rule.endpoint]
        if policy in {"public", None}:
            return Row(rule.rule, [method], "public")
        row = Row(rule.rule, [method], "signed in" if policy == "signed_in" else ", ".join(sorted(policy)))
        states = self.found[rule.rule, rule.endpoint]
        found = {name: self.ask(self.everybody, rule, method, values) for name, values in states.items()}
        if len(states) > 1:
            row.by_state = found
        best = next((name for name, said in found.items() if said == "✓"), None) or next(
            (name for name, said in found.items() if said != "404"), next(iter(states))
        )
        for role in COLUMNS:
            if policy != "signed_in" and not GRANTS[role] & set(policy):
                row.by_role[role] = NO
                continue
            there = rule.arguments and found[best] != "404"  # else there is no object, so none of another unit
            asked = [self.ask(who[role], rule, method, states[best]) for who in (self.own, self.other)] if there else [found[best]]
            row.by_role[role] = " / ".join(dict.fromkeys(asked))
        return row

    def states(self, rule: Rule) -> dict[str, dict[str, str]]:
        """Return the arguments that lead to an object in each of its states."""
        site = self.site
        plain = honest(site, rule)
        if rule.rule.startswith(ITEM):
            if "paper_id" in rule.arguments:
                return {name: plain | {"code": p.feedback.code, "paper_id": str(p.id)} for name, p in site.papers.items()}
            if "duty_id" in rule.arguments:
                promised = site.items["promised"]
                duty = next(each for each in promised.assignments if each.duty == "act")
                return {"promised": plain | {"code": promised.code, "duty_id": str(duty.id)}}
            return {name: plain | {"code": site.items[name].code} for name in OF_ITEMS}
        if rule.rule.startswith(SESSION):
            rooms = {name: site.rooms.by_status[name] for name in OF_SESSIONS}
            return {"its own": plain} | {name: {key: room.get(key, value) for key, value in plain.items()} for name, room in rooms.items()}
        return {"": plain}

    def ask(self, who: tuple[FlaskClient, str], rule: Rule, method: str, values: dict[str, str]) -> str:
        """Return what the site says to *who*; whatever it did is undone."""
        client, csrf = who
        where = address(rule, values)
        data = TYPED | {"csrf_token": csrf, "note-csrf_token": csrf, "tell-csrf_token": csrf} if method == "POST" else None
        with undone() if method == "POST" else nullcontext(), client.open(where, method=method, data=data) as answer:
            return SAYS.get(answer.status_code, str(answer.status_code))


# --- as a person reads it ------------------------------------------------------------------------------------------------

HEAD = """# Who may do what

Asked of the site itself, address by address; `tests/bad_input/test_permissions.py` fails where an answer is another one, or an address has
no row. Made anew by

    WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_permissions.py --database sqlite

A column is a role, and holds what the site answers to somebody who has just that role **in the units concerned / in another unit**; one
answer where both get the same. MTTQ, the steering committee, overseers, auditors, administrators and who takes in denunciations hold theirs
everywhere / in another unit.

| | |
|---|---|
| ✓ | the page opens, the step is taken, or it is said why it cannot be now |
| ✎ | the form opens and asks for what is missing; the step is theirs |
| · | 403: not with this role |
| 403 | they see the object, and this is not theirs to do |
| 404 | for them there is no such object |
| 409 | it is theirs, and too late or too early |

Without an account a page leads to the sign-in and a form is answered with 401. *States* says what somebody who may everything gets for an
object at each state. Where everybody gets 404 the province of the tests has no such object: those addresses are seen by the tests of their
own part.
"""


def rendered(rows: list[Row]) -> str:
    """Return the text of docs/permissions.md."""
    text, heading, public = [HEAD], "", []
    for row in rows:
        if row.policy == "public":
            public.append(f"| `{_address(row.rule)}` | {' '.join(row.methods)} |")
            continue
        part = "/".join(row.rule.split("/")[:3])
        if part != heading:
            heading = part
            text.append(f"\n## {part}\n\n| Address | | {' | '.join(COLUMNS.values())} | States |\n|---|---|{'---|' * (len(COLUMNS) + 1)}")
        cells = " | ".join(row.by_role[role] for role in COLUMNS)
        text.append(f"| `{_address(row.rule)}` | {' '.join(row.methods)} | {cells} | {_states(row)} |")
    text.append(
        "\n## Open to everyone\n\nAn item, a seat or an invitation opens by its code and key, whoever asks.\n\n| Address | |\n|---|---|"
    )
    return "\n".join([*text, *public]) + "\n"


def _address(rule: str) -> str:
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"<\1>", rule)


def _states(row: Row) -> str:
    """Return the states by what is answered there."""
    by_answer: dict[str, list[str]] = {}
    for state, said in row.by_state.items():
        by_answer.setdefault(said, []).append(state)
    return next(iter(by_answer), "") if len(by_answer) < 2 else "; ".join(f"{said} {', '.join(where)}" for said, where in by_answer.items())
