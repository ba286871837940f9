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
from app.database import db
from app.permissions import GRANTS, Role
from tests import factories
from tests.bad_input.conftest import Site, signed_in, unchanging, undone
from tests.bad_input.objects import Cast, Values, of_items, of_sessions, of_the_install
from tests.bad_input.objects_of_oversight import of_oversight
from tests.bad_input.objects_of_sealed import of_sealed
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
ITEM, SESSION, SEALED = "/can-bo/y-kien/<code>", "/can-bo/doi-thoai/<code>", "/can-bo/to-cao/"
#: States between which the answers change; what is alike is asked once.
OF_ITEMS = ("at the desk", "offered", "taken", "submitted", "answered")
OF_SESSIONS = ("ready", "held", "archived")
#: Addresses at which nobody finds anything here, and why.
UNSEEN = {
    "/tai-khoan/noi-khac": "Only where the install names another provider: tests/app/test_identities.py starts one.",
}


#: Somebody's browser, and the token that its forms send.
Asker = tuple[FlaskClient, str]


@dataclass
class Row:
    """One address, the methods that are answered alike, and the states in which everybody gets these answers."""

    rule: str
    methods: list[str]
    policy: str
    by_role: dict[Role, str] = field(default_factory=dict)
    when: str = ""

    @property
    def answers(self) -> tuple[Any, ...]:
        return (self.rule, self.policy, tuple(self.by_role.items()), self.when)


class Crowd:
    """Everybody who asks: somebody with just that role in the units concerned, and in another unit."""

    def __init__(self, app: Flask, site: Site) -> None:
        self.app, self.site = app, site
        province = site.province
        concerned = [province.works, province.desk, province.ward]
        homes = {Role.FRONT: province.front, Role.STEERING: province.steering, Role.ADMINISTRATOR: province.root, Role.OVERSEER: None}
        own, other = {}, {}
        for role in Role:
            wide = role in OVER_ALL
            scopes = [(role, None)] if wide else [(role, unit) for unit in concerned]
            own[role] = factories.make_user(unit=homes.get(role, province.works if not wide else province.root), roles=scopes)
            other[role] = factories.make_user(unit=province.health, roles=[(role, province.health)])
        self.cast = Cast(site, own, other)

    def sign_in(self) -> None:
        """Give each of them a browser, once all that they ask about is stored."""
        db.session.commit()
        self.everybody = self.client(self.site.everybody)
        self.own = {role: self.client(user) for role, user in self.cast.own.items()}
        self.other = {role: self.client(user) for role, user in self.cast.other.items()}

    def client(self, user: User) -> Asker:
        client = signed_in(self.app, user)
        csrf = token(client, "/tra-cuu")
        return unchanging(client), csrf

    def ask(self, who: Asker, rule: Rule, method: str, values: Values) -> str:
        """Return what the site says to *who*; whatever it did is undone."""
        client, csrf = who
        where = address(rule, values) + (f"?{values['?']}" if "?" in values else "")
        data = TYPED | {"csrf_token": csrf, "note-csrf_token": csrf, "tell-csrf_token": csrf} if method == "POST" else None
        with undone() if method == "POST" else nullcontext(), client.open(where, method=method, data=data) as answer:
            return self.said(answer.status_code, method)

    def said(self, status: int, method: str) -> str:
        """Return the sign of an answer."""
        return SAYS.get(status, str(status))


class Walker(Crowd):
    """Goes everywhere as everyone."""

    def __init__(self, app: Flask, site: Site) -> None:
        super().__init__(app, site)
        self.known = policies()
        #: How often somebody was refused what another one may have.
        self.refused = 0
        cast = self.cast
        self.objects = {**of_the_install(cast), **of_items(cast), **of_sessions(cast), **of_oversight(cast), **of_sealed(cast)}
        self.sign_in()
        # Before anything is undone: that forgets the rows.
        self.found = {(rule.rule, rule.endpoint): self.states(rule) for rule in rules_of(app)}

    def rows(self) -> Iterator[Row]:
        """Yield the rows of each address; methods and states that are answered alike share one."""
        rules = sorted(rules_of(self.app), key=lambda rule: rule.rule)
        for text, same in itertools.groupby(rules, key=lambda rule: rule.rule):
            rows: list[Row] = []
            for rule, method in ((each, method) for each in same for method in ("GET", "POST") if method in (each.methods or ())):
                for row in self.rows_of(rule, method):
                    alike = next((each for each in rows if each.answers == row.answers), None)
                    if alike is None:
                        rows.append(row)
                    else:
                        alike.methods.append(method)
            assert rows, text
            yield from rows

    def rows_of(self, rule: Rule, method: str) -> Iterator[Row]:
        policy = self.known[rule.endpoint]
        if policy in {"public", None}:
            yield Row(rule.rule, [method], "public")
            return
        words = "signed in" if policy == "signed_in" else ", ".join(sorted(policy))
        states = self.found[rule.rule, rule.endpoint]
        alike: dict[tuple[str, ...], list[str]] = {}
        for names, values in self.distinct(rule, method, states):
            cells = tuple(self.cell(role, rule, method, values) for role in COLUMNS)
            alike.setdefault(cells, []).extend(names)
        for cells, where in alike.items():
            when = "" if len(states) > 1 and len(alike) == 1 else ", ".join(where)
            yield Row(rule.rule, [method], words, dict(zip(COLUMNS, cells, strict=True)), when)

    def distinct(self, rule: Rule, method: str, states: dict[str, Values]) -> Iterator[tuple[list[str], Values]]:
        """Yield the states that everybody is asked about.

        Rights to a session hang on its unit alone: there, states that somebody who may everything is told of alike are one.
        """
        if len(states) < 2 or not rule.rule.startswith(SESSION):
            yield from (([name], values) for name, values in states.items())
            return
        by_answer: dict[str, list[str]] = {}
        for name, values in states.items():
            by_answer.setdefault(self.ask(self.everybody, rule, method, values), []).append(name)
        yield from ((names, states[names[0]]) for names in by_answer.values())

    def cell(self, role: Role, rule: Rule, method: str, values: Values) -> str:
        """Return what that role gets: in the units concerned, and in another one where there is an object to be of one."""
        policy = self.known[rule.endpoint]
        if policy != "signed_in" and not GRANTS[role] & set(policy):
            return NO
        asked = [self.ask(self.own[role], rule, method, values)]
        # Where the role opens nothing here it opens nothing from elsewhere either; of a sealed case elsewhere is where the accused are.
        if rule.arguments and (asked != ["404"] or rule.rule.startswith(SEALED)):
            asked.append(self.ask(self.other[role], rule, method, values))
        self.refused += sum(each in {"403", "404"} for each in asked)
        return " / ".join(dict.fromkeys(asked))

    def states(self, rule: Rule) -> dict[str, Values]:
        """Return the arguments that lead to an object in each of its states."""
        site = self.site
        plain = honest(site, rule)
        known = max((prefix for prefix in self.objects if rule.rule.startswith(prefix)), key=len, default=None)
        if known is not None:
            return {name: plain | values for name, values in self.objects[known].items()}
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


#: Who may get anything there in the units concerned, and that nobody of another unit does: by what the law says, not by what the site does.
#: Luật Tố cáo 2018 Điều 8, 10, 56 (law.md §2.5): need to know; Luật Bảo vệ dữ liệu cá nhân 2025: the one who answers the person.
NEED_TO_KNOW: dict[str, set[Role]] = {
    "/can-bo/to-cao/<uuid:uid>": {Role.SEALED_INTAKE, Role.HEAD, Role.OFFICER, Role.OFFICE, Role.RECORDS},  # that there is such a case
    "/can-bo/to-cao/<uuid:uid>/tep/": {Role.SEALED_INTAKE, Role.HEAD, Role.OFFICER},
    "/can-bo/to-cao/<uuid:uid>/nhan-tin": {Role.SEALED_INTAKE, Role.HEAD, Role.OFFICER},
    "/can-bo/to-cao/<uuid:uid>/nguoi-bao-tin": {Role.SEALED_INTAKE, Role.HEAD, Role.OFFICER},
    "/can-bo/to-cao/<uuid:uid>/nguoi-bi-noi-toi": {Role.SEALED_INTAKE, Role.HEAD},
    "/can-bo/to-cao/<uuid:uid>/nguoi-dung-dau": {Role.SEALED_INTAKE},
    "/can-bo/to-cao/<uuid:uid>/giao-xem": {Role.HEAD},
    "/can-bo/to-cao/<uuid:uid>/khai-loi-ich": {Role.HEAD, Role.OFFICER, Role.OFFICE, Role.RECORDS},
    "/can-bo/to-cao/<uuid:uid>/ban-lam-viec": {Role.SEALED_INTAKE, Role.HEAD, Role.OFFICER},
    "/can-bo/to-cao/<uuid:uid>/ban-lam-viec/<uuid:copy_uid>": {Role.HEAD, Role.OFFICER, Role.RECORDS},
    "/can-bo/thong-tin-ca-nhan/<int:request_id>": {Role.RECEPTION},
    "/can-bo/luu-giu/<code>": {Role.HEAD, Role.DIVISION_HEAD},
    "/can-bo/luu-giu/doi-thoai/<code>": {Role.HEAD},
    "/can-bo/luu-giu/tiep-cong-dan/<uuid:uid>": {Role.HEAD},
}


def let_in_unduly(rows: list[Row]) -> set[tuple[str, str]]:
    """Return where somebody got something that they need not know: address and role."""
    odd: set[tuple[str, str]] = set()
    for row in rows:
        known = max((prefix for prefix in NEED_TO_KNOW if row.rule.startswith(prefix)), key=len, default=None)
        for role, said in row.by_role.items() if known is not None else ():
            here, _slash, elsewhere = said.partition(" / ")
            shut = {NO, "404"} if role not in NEED_TO_KNOW[known or ""] else {here}
            if here not in shut or elsewhere not in {"", "404"} or (not elsewhere and here not in {NO, "404"}):
                odd.add((row.rule, role))
    return odd


def unseen(rows: list[Row]) -> set[str]:
    """Return the addresses at which nobody found anything."""
    cells: dict[str, set[str]] = {}
    for row in rows:
        cells.setdefault(row.rule, set()).update(row.by_role.values())
    return {rule for rule, said in cells.items() if said - {NO} and said <= {NO, "404"}}


# --- as a person reads it ------------------------------------------------------------------------------------------------

HEAD = """# Who may do what

Asked of the site itself, address by address; `tests/bad_input/test_permissions.py` fails where an answer is another one, an address has
no row, or nobody finds anything somewhere and it is not said here why. Made anew by

    WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_permissions.py --database sqlite

A column is a role, and holds what the site answers to somebody who has just that role **in the units concerned / in another unit**; one
answer where both get the same. MTTQ, the steering committee, overseers, auditors, administrators and who takes in denunciations hold theirs
everywhere / in another unit. *When* is the state of the object, where the answers depend on it, or whose it is; `permissions-states.md`
goes through each state of each kind of object.

| | |
|---|---|
| ✓ | the page opens, the step is taken, or it is said why it cannot be now |
| ✎ | the form opens and asks for what is missing; the step is theirs |
| · | 403: not with this role |
| 403 | they see the object, and this is not theirs to do |
| 404 | for them there is no such object |
| 409 | it is theirs, and too late or too early |

Without an account a page leads to the sign-in and a form is answered with 401. Items, sessions, letters, reports and recommendations are
of Sở Xây dựng, the desk and the ward: the units concerned. A sealed case is about Sở Y tế, where the people of "another unit" are. With a
head, the head here decides; the officer was granted all of it, the văn thư the working copy; the office was granted it and has not declared
yet; the grant of the steering committee was ended.
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
            text.append(f"\n## {part}\n\n| Address | | When | {' | '.join(COLUMNS.values())} |\n|---|---|{'---|' * (len(COLUMNS) + 1)}")
        cells = " | ".join(row.by_role[role] for role in COLUMNS)
        text.append(f"| `{_address(row.rule)}` | {' '.join(row.methods)} | {row.when} | {cells} |")
    text.append("\n## Where nobody finds anything\n\n| Address | Why |\n|---|---|")
    text += [f"| `{_address(rule)}` | {why} |" for rule, why in sorted(UNSEEN.items())]
    text.append(
        "\n## Open to everyone\n\nAn item, a seat or an invitation opens by its code and key, whoever asks.\n\n| Address | |\n|---|---|"
    )
    return "\n".join([*text, *public]) + "\n"


def _address(rule: str) -> str:
    return re.sub(r"<(?:\w+(?:\([^)]*\))?:)?(\w+)>", r"<\1>", rule)
