"""Old and new code run on one schema while hosts are restarted in turn: a version only adds to it."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from app.schema import FOLDER

#: From here on; before, a site was one host.
FIRST = "0023"
#: What the version before does not notice. Its inserts name no new column, so that one may be empty or has a default of the server's.
ADDS = {"create_table", "create_index", "add_column", "create_unique_constraint", "f", "get_bind", "batch_alter_table"}
#: Steps that take something away, by revision and name: what no version uses that still runs, and since when.
TAKES: dict[tuple[str, str], str] = {}

MIGRATIONS = sorted(path for path in (FOLDER / "versions").glob("[0-9]*.py") if path.name >= FIRST)


@pytest.mark.parametrize("path", MIGRATIONS, ids=lambda path: path.stem)
def test_a_migration_takes_nothing_away_from_the_version_before(path: Path):
    [upgrade] = [each for each in ast.parse(path.read_text()).body if isinstance(each, ast.FunctionDef) and each.name == "upgrade"]
    calls = [each for each in ast.walk(upgrade) if isinstance(each, ast.Call) and isinstance(each.func, ast.Attribute)]
    steps = [each for each in calls if isinstance(each.func.value, ast.Name) and each.func.value.id in {"op", "batch_op", "batch"}]
    assert steps
    taken = [each.func.attr for each in steps if each.func.attr not in ADDS]
    assert [each for each in taken if (path.stem.partition("_")[0], each) not in TAKES] == []
    for step in steps:
        if step.func.attr == "add_column":
            column = next(each for each in step.args if isinstance(each, ast.Call))
            named = {each.arg: each.value for each in column.keywords}
            may_be_empty = "nullable" not in named or bool(ast.literal_eval(named["nullable"]))
            assert may_be_empty or "server_default" in named, ast.unparse(step)
