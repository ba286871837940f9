"""`run.py bench [--sqlite] [--sizes N,N…] [--rounds N] [--seconds N] [--only WORDS] [--folder FOLDER]`."""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from bench import others, results, rounds, serving
from bench.province import Province
from bench.works import works
from tests import services

HERE = Path(__file__).resolve().parents[1]
ALSO = ("start", "memory", "export", "hall", "everything", "due")  # the last changes what it finds
HALL_SECONDS = 60
SIZES, SQLITE_SIZES = "1000,20000,200000,1000000", "1000,20000,200000"


def main(argv: list[str]) -> int:
    """Measure at each size; return 1 where an answer was not what was expected."""
    parser = argparse.ArgumentParser(prog="run.py bench", description="The site beside a bare reference, at several sizes.")
    parser.add_argument("--sqlite", action="store_true", help="the site on SQLite instead of PostgreSQL")
    parser.add_argument("--sizes", help=f"numbers of items, {SIZES}")
    parser.add_argument("--rounds", type=int, default=5, help="none: only grow the provinces, and measure what is no ratio")
    parser.add_argument("--seconds", type=float, default=3.0, help="of each round, for the site and again for the reference")
    parser.add_argument("--only", default="", help="kinds of work that have these words in their names")
    parser.add_argument("--also", default="", help=f"what is no ratio: {', '.join(ALSO)}, with commas between, or all")
    parser.add_argument("--requests", type=int, default=100_000, help="that a worker answers while its memory is watched")
    parser.add_argument("--folder", type=Path, default=HERE / "var" / "bench", help="where the provinces stay for the next run")
    given = parser.parse_args(argv)
    sizes = [int(each) for each in (given.sizes or (SQLITE_SIZES if given.sqlite else SIZES)).split(",")]
    figures, found, page = [], {}, None
    with serving.postgresql(given.folder.resolve()) as database, services.valkey() as valkey:
        said = results.about("SQLite" if given.sqlite else database.version)
        for size in sizes:
            measured, found[size] = _at(size, given, database, valkey)
            if not given.rounds and not given.also:
                continue
            figures = sorted(figures + measured, key=lambda each: each.size)
            said["load at the end"] = [round(each, 1) for each in os.getloadavg()]
            name = "sqlite" if given.sqlite else "postgresql"
            page = results.write(name if given.rounds else f"{name}-also", figures, found, said)  # so far
    if page is not None:
        print("\n".join(results.table(figures)))
        print(page.relative_to(HERE))
    return int(any(each.site.wrong or each.reference.wrong for each in figures))


def _at(size: int, given: argparse.Namespace, database: serving.Database, valkey: str) -> tuple[list[rounds.Figure], dict[str, Any]]:
    """Return what was measured with about so many items, and what else was found."""
    folder = given.folder.resolve() / f"{'sqlite' if given.sqlite else 'postgresql'}-{size}"
    (folder / "data").mkdir(parents=True, exist_ok=True)
    url = f"sqlite:///{folder / 'data' / 'app.db'}" if given.sqlite else database.url(f"site{size}")
    beside = database.url(f"reference{size}")
    province = _province(folder, size, url, valkey)
    _filled(folder, size, beside)
    if not given.rounds and not given.also:
        return [], {}
    _run("bench.upgrade", [], folder, url, valkey)
    if not given.rounds:
        return [], _also(size, given, folder=folder, url=url, valkey=valkey, province=province, database=database)
    with serving.site(folder, url, valkey) as site, serving.reference(folder, beside) as reference:
        measured = []
        for work in works(province, site.port, reference.port, size):
            if given.only in work.name:
                print(f"{size:,}: {work.name}…", file=sys.stderr, flush=True)
                measured.append(rounds.measure(work, size, site, reference, database.processor, rounds=given.rounds, seconds=given.seconds))
    return measured, _also(size, given, folder=folder, url=url, valkey=valkey, province=province, database=database)


def _also(
    size: int, given: argparse.Namespace, *, folder: Path, url: str, valkey: str, province: Province, database: serving.Database
) -> dict[str, Any]:
    """Return what is no ratio, as far as it was asked for."""
    start = partial(serving.site, folder, url, valkey)
    kinds: dict[str, Callable[[], Any]] = {
        "start": lambda: others.cold_start(start),
        "memory": lambda: others.memory(partial(start, WEB_WORKERS="1"), province, given.requests),
        "export": lambda: others.export(start),
        "hall": lambda: others.live(start, database.folder, f"site{size}", HALL_SECONDS),
        "due": lambda: _run("bench.due", [], folder, url, valkey),
        "everything": lambda: _run("bench.everything", [str(folder / "province.json")], folder, url, valkey),
    }
    found = {}
    for name in ALSO if given.also == "all" else [each for each in given.also.split(",") if each]:
        print(f"{size:,}: {name}…", file=sys.stderr, flush=True)
        found[name] = kinds[name]()
    return found


def _province(folder: Path, size: int, url: str, valkey: str) -> Province:
    made = folder / "province.json"
    if not made.exists():
        _run("bench.province", [str(size)], folder, url, valkey, into=made)
    return Province(**json.loads(made.read_text()))


def _run(module: str, words: list[str], folder: Path, url: str, valkey: str, *, into: Path | None = None) -> Any:
    """Run a module in a process of its own on the province in *folder*, and return what it wrote down."""
    target = into or folder / f"{module}.json"
    settings = {"DATABASE_URL": url, "REDIS_URL": valkey, "DATA_DIR": str(folder / "data"), "SECRETS_DIR": str(folder / "secrets")}
    environment = {**os.environ, **settings, "RATE_LIMIT_ENABLED": "0"}
    with (folder / f"{module}.log").open("ab") as said:
        told = None if module == "bench.province" else said
        subprocess.run([sys.executable, "-m", module, str(target), *words], check=True, cwd=HERE, env=environment, stdout=told, stderr=told)
    return json.loads(target.read_text())


def _filled(folder: Path, size: int, url: str) -> None:
    filled = folder / "reference-filled"
    if not filled.exists():
        subprocess.run([sys.executable, "-m", "bench.reference", str(size)], check=True, cwd=HERE, env={**os.environ, "REFERENCE_URL": url})
        filled.touch()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
