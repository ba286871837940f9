"""`flask audit verify` and `flask audit anchor`, which `run.py audit` calls. 0: the record is whole; 1: it is not; 2: wrongly asked."""

from __future__ import annotations

import sys
from pathlib import Path

import click
from flask.cli import with_appcontext

from app import clock
from app.chain import operations, verifying, words
from app.chain.rules import Anchor, AnchorUnreadable, anchors_in
from app.database import db


@click.group("audit")
def group() -> None:
    """Check the record, or print how far it goes."""


@group.command("verify")
@click.option("--anchor", "given", multiple=True, help="A file with anchors, or one typed: NUMBER:HASH")
@with_appcontext
def verify(given: tuple[str, ...]) -> None:
    """Hold the whole record against its chain, the anchors kept here, and those given."""
    report = verifying.verify([anchor for each in given for anchor in _read(each)], today=clock.today())
    for line in words.told(report):
        click.echo(line)
    click.echo("The record is whole." if report.whole else f"The record is NOT whole; {report.found} faults, the first one first.")
    sys.exit(0 if report.whole else 1)


@group.command("anchor")
@with_appcontext
def anchor() -> None:
    """Seal what waits, set an anchor and print it: to keep on paper, or in a file elsewhere."""
    now = clock.now()
    while operations.seal(now=now, everything=True) == operations.BATCH:
        db.session.commit()
    db.session.commit()
    row = operations.anchor(now=now)
    db.session.commit()
    if row is None:
        raise click.ClickException("Nhật ký chưa có dòng nào. (The record is empty.)")
    click.echo(words.anchor_text(row), nl=False)


def _read(given: str) -> list[Anchor]:
    """Return the anchors in the file *given*, or in what was typed."""
    try:
        path = Path(given)
        return anchors_in(path.read_text("utf-8", "replace") if ":" not in given or path.is_file() else given)
    except (OSError, ValueError) as error:
        if isinstance(error, AnchorUnreadable):
            sentence = f"Không thấy mốc nào trong {given}; một mốc ghi là SỐ:MÃ. (No anchor there; one is written NUMBER:HASH.)"
        else:
            sentence = f"Không đọc được {given}. (It cannot be read.)"
        raise click.UsageError(sentence) from error
