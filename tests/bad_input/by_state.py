"""Who may do what in each state of each kind of object: `docs/permissions-states.md` is what this finds.

Whoever holds more roles is shown no less: so people whose roles have no part in something are asked together, as one person who holds them
all, and so are those of another unit; where that one gets anything at all, each is asked alone. `test_permissions.py` asks each alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby

from flask import Flask
from werkzeug.routing import Rule

from app.access import policies
from app.database import db
from app.permissions import GRANTS, Permission, Role
from tests import factories
from tests.bad_input.conftest import Site, writes
from tests.bad_input.matrix import COLUMNS, NO, OVER_ALL, SAYS, Asker, Crowd, _address
from tests.bad_input.objects import Values
from tests.bad_input.pages import honest
from tests.bad_input.routes import rules_of
from tests.bad_input.states import Kind

#: A step that was not taken: it goes back with a sentence that says why it cannot be now, and nothing is written.
NOT_NOW = "–"
#: A page that leads to another one: where they say why they look, for instance, before anything opens.
ELSEWHERE = "→"
OTHERWISE = "otherwise"
SHUT = {"403", "404"}
Cells = tuple[str, ...]


@dataclass
class Asked:
    """One address and method: the cells of each state."""

    rule: str
    method: str
    by_state: dict[str, Cells]

    @property
    def depends(self) -> bool:
        """Say whether anybody's answer hangs on the state."""
        return len(set(self.by_state.values())) > 1


class ByState(Crowd):
    """Goes to every address of a kind of object, in each of its states."""

    def __init__(self, app: Flask, site: Site) -> None:
        super().__init__(app, site)
        self.known = policies()
        #: How often the site was asked, how often it refused, and how many cells that filled.
        self.asked = self.refused = self.cells = 0
        #: Addresses that answered somebody of another unit.
        self.open_elsewhere: set[str] = set()
        self._written: list[str] = []
        self._together: dict[tuple[Role, ...], Asker] = {}

    def about(self, kinds: list[Kind]) -> None:
        """Let everybody in, once the objects of these kinds are stored."""
        province = self.site.province
        concerned = [province.works, province.desk, province.ward]
        people = {
            each: factories.make_user(
                unit=province.works, roles=[(role, unit) for role in each for unit in ([None] if role in OVER_ALL else concerned)]
            )
            for each in {kind.bystanders for kind in kinds}
        }
        elsewhere = factories.make_user(unit=province.health, roles=[(role, province.health) for role in Role])
        # Before anything is undone: that forgets the rows.
        self.plain = {rule.endpoint + rule.rule: honest(self.site, rule) for rule in rules_of(self.app)}
        self.sign_in()
        self._together = {roles: self.client(user) for roles, user in people.items()}
        self._elsewhere = self.client(elsewhere)
        db.session.commit()

    def said(self, status: int, method: str) -> str:
        sign = super().said(status, method)
        if method == "GET":
            return ELSEWHERE if status in {302, 303} else sign
        return NOT_NOW if sign == SAYS[200] and not self._written else sign

    def ask(self, who: Asker, rule: Rule, method: str, values: Values) -> str:
        self.asked += 1
        with writes() as self._written:
            said = super().ask(who, rule, method, values)
        self.refused += said in SHUT
        return said

    def rows(self, kind: Kind, kinds: list[Kind]) -> Iterator[Asked]:
        """Yield what is answered at each address of *kind*: those of which it is the nearest of *kinds*."""
        for rule in sorted(rules_of(self.app), key=lambda each: each.rule):
            if _nearest(rule, kinds) is kind:
                for method in ("GET", "POST"):
                    if method in (rule.methods or ()):
                        yield Asked(rule.rule, method, self.by_state(kind, rule, method))

    def by_state(self, kind: Kind, rule: Rule, method: str) -> dict[str, Cells]:
        found: dict[str, Cells] = {}
        alike: dict[str, Cells] = {}
        for state, values in kind.objects.items():
            arguments = self.plain[rule.endpoint + rule.rule] | values
            if kind.by_unit_alone:
                all_of_it = self.ask(self.everybody, rule, method, arguments)
                if all_of_it not in alike:
                    alike[all_of_it] = self.here(kind, rule, method, arguments)
                here = alike[all_of_it]
            else:
                here = self.here(kind, rule, method, arguments)
            there = self.there(kind, rule, method, arguments, here)
            found[state] = self.joined(here, there)
            if not set(there) <= {NO, *SHUT}:
                self.open_elsewhere.add(rule.rule)
        return found

    def here(self, kind: Kind, rule: Rule, method: str, values: Values) -> Cells:
        """Return what each role gets in the units concerned."""
        let_in = [role for role in COLUMNS if self.may_ask(role, rule)]
        known: dict[Role, str] = dict.fromkeys(COLUMNS, NO)
        aside = [role for role in let_in if role in kind.bystanders]
        if len(aside) > 1 and self.ask(self._together[kind.bystanders], rule, method, values) == "404":
            known |= dict.fromkeys(aside, "404")
        else:
            aside = []
        said: dict[object, str] = {}
        for role in let_in:
            if role not in aside:
                alike = _rights(role) if kind.by_unit_alone else role
                if alike not in said:
                    said[alike] = self.ask(self.own[role], rule, method, values)
                known[role] = said[alike]
        return tuple(known.values())

    def there(self, kind: Kind, rule: Rule, method: str, values: Values, here: Cells) -> Cells:
        """Return what each role gets in another unit."""
        if self.ask(self._elsewhere, rule, method, values) == "404":
            return tuple(NO if each == NO else "404" for each in here)
        return tuple(
            NO if each == NO else self.ask(self.other[role], rule, method, values) for role, each in zip(COLUMNS, here, strict=True)
        )

    def joined(self, here: Cells, there: Cells) -> Cells:
        self.cells += sum(each != NO for each in here + there)
        return tuple(" / ".join(dict.fromkeys(two)) for two in zip(here, there, strict=True))

    def may_ask(self, role: Role, rule: Rule) -> bool:
        policy = self.known[rule.endpoint]
        return policy == "signed_in" or bool(GRANTS[role] & set(policy or ()))


def _rights(role: Role) -> frozenset[Permission]:
    """Return what a role may do with sessions: who may the same of it is one person."""
    return frozenset(each for each in GRANTS[role] if each.startswith("dialogue."))


def _nearest(rule: Rule, kinds: list[Kind]) -> Kind | None:
    fits = [kind for kind in kinds if rule.rule.startswith(kind.prefix) and kind.named in rule.arguments]
    return max(fits, key=lambda kind: len(kind.prefix), default=None)


# --- as a person reads it ------------------------------------------------------------------------------------------------


HEAD = """# Who may do what in each state

What `permissions.md` asks of one object of each kind, asked of one in each of its states; `tests/bad_input/test_permissions_by_state.py`
fails where an answer is another one. Made anew by

    WRITE_PERMISSIONS=1 python -m pytest tests/bad_input/test_permissions_by_state.py --database sqlite

**{cells:,} answers** (address and method × role, here and in another unit × state), for which the site was asked {asked:,} times:
people whose role has no part in a kind of object were asked as one person who holds all these roles, and those of another unit as one
who holds every role there; only where that one gets anything, each alone. Sessions say for themselves what was put together.

A column is a role, **in the units concerned / in another unit**; one answer where both get the same. *When* is the state; *otherwise* are
all states that the rows above it do not name. What a person without an account opens by code and key is in `keys.md`.

| | |
|---|---|
| ✓ | the page opens; the step was taken: something was written |
| → | the page leads to another one, which says why not now or has to be answered first |
| – | nothing was done, and it is said why: not now, or not by them |
| ✎ | nothing was done: the form asks for what is missing, or says why it cannot be |
| · | 403: not with this role |
| 403 | they see the object, and this is not theirs to do |
| 404 | for them there is no such object; where everybody gets it in each state, what that address wants beside it is not made here |

"""
_COUNTED = re.compile(r"^([\d,]+) answers, ([\d,]+) times asked\.$", re.MULTILINE)


def part(title: str, tables: list[str], walk: ByState) -> str:
    """Return the part of the document that *walk* found."""
    return f"## {title}\n\n{walk.cells:,} answers, {walk.asked:,} times asked.\n{''.join(tables)}\n"


def parts_of(document: str) -> dict[str, str]:
    """Return the parts of *document* by title."""
    return {each.partition("\n")[0]: f"## {each}" for each in re.split(r"^## ", document, flags=re.MULTILINE)[1:]}


def document(parts: list[str]) -> str:
    """Return the whole of docs/permissions-states.md."""
    counted = [[int(each.replace(",", "")) for each in found] for text in parts for found in _COUNTED.findall(text)]
    cells, asked = (sum(each) for each in zip(*counted, strict=True))
    return (HEAD.format(cells=cells, asked=asked) + "".join(parts)).rstrip("\n") + "\n"


def table(kind: Kind, rows: list[Asked]) -> str:
    """Return the section of *kind*: rows for what depends on the state, and one line a set of answers for what does not."""
    text = [f"\n### {kind.title}\n", f"{kind.how} States: {', '.join(kind.objects)}.\n"]
    head = f"| Address | | When | {' | '.join(COLUMNS.values())} |\n|---|---|---|{'---|' * len(COLUMNS)}"
    lines = list(dict.fromkeys(line for those in _by_rule(rows) for line in _lines(those, len(kind.objects))))
    text += [head, *lines] if lines else []
    same = [row for row in rows if not row.depends]
    if same:
        text.append("\nThe same in each state:\n")
        text.append(f"| Addresses | {' | '.join(COLUMNS.values())} |\n|---|{'---|' * len(COLUMNS)}")
        for cells, those in groupby(sorted(same, key=_answers), key=_answers):
            text.append(f"| {', '.join(f'`{_address(each.rule)}` {each.method}' for each in those)} | {' | '.join(cells)} |")
    return "\n".join(text) + "\n"


def _by_rule(rows: list[Asked]) -> Iterator[list[Asked]]:
    """Yield those of one address together whose answers depend on the state."""
    for _rule, those in groupby((row for row in rows if row.depends), key=lambda row: row.rule):
        yield list(those)


def _lines(rows: list[Asked], states: int) -> Iterator[str]:
    """Yield the rows of one address; what most states have in common stands last."""
    found: dict[tuple[str, Cells], list[str]] = {}
    for row in rows:
        by_cells: dict[Cells, list[str]] = {}
        for state, cells in row.by_state.items():
            by_cells.setdefault(cells, []).append(state)
        for cells, when in sorted(by_cells.items(), key=lambda each: len(each[1]) * 2 > states):
            found.setdefault((OTHERWISE if len(when) * 2 > states else ", ".join(when), cells), []).append(row.method)
    for (when, cells), methods in found.items():
        yield f"| `{_address(rows[0].rule)}` | {' '.join(methods)} | {when} | {' | '.join(cells)} |"


def _answers(row: Asked) -> Cells:
    return next(iter(row.by_state.values()))
