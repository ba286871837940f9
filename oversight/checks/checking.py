"""Looks on the spot, brought to the site: rules of law that start their clocks, hooks of the promise's page, `flask repeat-draw`."""

from __future__ import annotations

import datetime as dt

import click
from flask import Flask
from flask.cli import with_appcontext

from app import hooks, reference
from app.assignments import published
from app.calendar import uses
from app.calendar.rules import Stage
from oversight.checks import checked
from oversight.operations import sampling
from oversight.recorded import checks as recorded_checks


def init_app(app: Flask) -> None:
    """Register what looks on the spot bring."""
    recorded_checks.register()
    uses.register(says={}, follows=(Stage.DECIDE_REOPENING, Stage.REDO))
    hooks.add(reference.further, sampling.load_shipped)
    hooks.add(published.remarks, checked.public_notes)
    hooks.add(published.doubted, checked.doubted)
    app.cli.add_command(repeat_draw)


@click.command("repeat-draw")
@click.argument("month", type=click.DateTime(["%Y-%m"]))
@with_appcontext
def repeat_draw(month: dt.datetime) -> None:
    """Draw the sample of MONTH (2026-07) again from its seed, and say whether it is the same."""
    sample = checked.sample_of(month.date())
    if sample is None:
        raise click.ClickException(f"Chưa rút mẫu tháng {month:%m/%Y}.")
    if not sampling.draws_again(sample):
        raise click.ClickException(f"Rút lại KHÔNG ra danh sách của tháng {month:%m/%Y}: danh sách, mầm hoặc tập việc đã bị sửa.")
    click.echo(f"Rút lại ra đúng danh sách của tháng {month:%m/%Y}: {sample.size} trong {sample.number} việc, mầm {sample.seed}.")
