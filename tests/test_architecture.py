"""What a reviewer would say twice: routes with a policy, migrations that equal the models, an audit nobody can change."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

from app import audit
from app.access import RouteWithoutPolicy, check_every_route, policies
from app.database import NAMING, db

ROOT = Path(__file__).parent.parent
PACKAGES = ("app", "feedback", "dialogues", "oversight")
SOURCES = [path for package in PACKAGES for path in sorted((ROOT / package).rglob("*.py"))]


# --- routes ------------------------------------------------------------------------------------------------------------


def test_every_route_says_who_may_open_it(app):
    theirs = {"static", "api-docs.openapi_json"}  # Flask's and flask-smorest's own, public by what they show
    unstated = [endpoint for endpoint, policy in policies().items() if policy is None and endpoint not in theirs]
    assert unstated == [], f"Put @public, @signed_in or @requires(…) on {unstated}"


def test_an_app_with_an_unstated_route_does_not_start(app):
    app.view_functions["no.policy"] = lambda: ""
    try:
        with pytest.raises(RouteWithoutPolicy, match=r"no\.policy"):
            check_every_route(app)
    finally:
        del app.view_functions["no.policy"]


def test_addresses_are_kebab_case_and_their_variables_typed(app):
    for rule in app.url_map.iter_rules():
        plain = re.sub(r"<[^>]+>", "", rule.rule)
        assert re.fullmatch(r"[a-z0-9/.\-]*", plain), f"{rule.rule}: lower case, digits and dashes only"


# --- database ----------------------------------------------------------------------------------------------------------


def test_every_constraint_has_a_name_by_the_convention():
    for table in db.metadata.sorted_tables:
        for constraint in table.constraints:
            assert constraint.name is not None, f"{table.name}: {constraint}"
        assert str(table.primary_key.name) == NAMING["pk"] % {"table_name": table.name}


# --- what the code says ------------------------------------------------------------------------------------------------


def strings_after(call: str, argument: int) -> set[tuple[str, str]]:
    """Return (file, text) of each string that stands as that argument of a call by that name anywhere in the packages."""
    found = set()
    for path in SOURCES:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            name = getattr(node, "func", None)
            if (
                isinstance(node, ast.Call)
                and call in {getattr(name, "id", None), getattr(name, "attr", None)}
                and len(node.args) > argument
            ):
                value = node.args[argument]
                if isinstance(value, ast.Constant) and isinstance(value.value, str):
                    found.add((str(path.relative_to(ROOT)), value.value))
    return found


def test_every_action_that_is_recorded_is_in_the_vocabulary(app):
    used = {(where, action) for where, action in strings_after("record", 1) if "." in action}
    assert len(used) > 30
    assert {(where, action) for where, action in used if action not in audit.ACTIONS} == set()


def test_imports_point_down():
    lint = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([lint], cwd=ROOT, capture_output=True, text=True, check=False)
    assert result.returncode == 0, result.stdout


def test_every_notice_that_is_told_has_its_words(app):
    telling = ROOT / "feedback" / "operations" / "telling.py"
    source = telling.read_text("utf-8")
    calls = [
        node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call) and getattr(node.func, "id", "") in {"_staff", "_sender"}
    ]
    named = {call.args[1].value for call in calls if isinstance(call.args[1], ast.Constant)}
    named |= {"answered", "paper_guide", "paper_refuse", "paper_forward", "paper_open_case"}  # paper_published chooses among these
    assert len(named) > 20
    folder = ROOT / "feedback" / "templates" / "feedback" / "notices"
    missing = {name for name in named if not list(folder.glob(f"{name}.*"))}
    assert missing == set()


def test_no_module_is_called_utils():
    assert [path for path in SOURCES if path.stem in {"utils", "helpers", "misc", "common"}] == []
