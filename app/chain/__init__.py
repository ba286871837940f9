"""The record that cannot be rewritten: every entry of app.audit sealed by a chain of hashes, anchored outside, checked every night.

rules       what is hashed, in which form, and what a break means; pure
models      links and anchors, append-only (app.triggers)
queries     links with what they seal, entries that wait, rows that no entry tells of
operations  sealing and setting anchors
verifying   the whole check, for the terminal, the night and whoever restores a backup
words       each fault as a sentence, an anchor as a text
jobs        every minute, every night; watched by app.heartbeat
commands    `run.py audit`
"""

from __future__ import annotations

import datetime as dt

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import heartbeat, hooks, reference
from app import jobs as queue
from app.chain import commands, jobs, words


def init_app(app: Flask) -> None:
    """Register the jobs, that both are watched, and the commands."""
    queue.every(app, jobs.SEALER, jobs.seal, seconds=jobs.SEAL_SECONDS)
    queue.every(app, "chain.anchor", jobs.anchor, seconds=jobs.ANCHOR_SECONDS)
    queue.daily(app, jobs.CHECKER, jobs.check, at=jobs.NIGHT)
    heartbeat.watch(app, heartbeat.Watched(jobs.SEALER, _l("khóa các dòng nhật ký mới"), jobs.SEAL_TERM, jobs.who_hears))
    heartbeat.watch(app, heartbeat.Watched(jobs.CHECKER, _l("kiểm tra nhật ký mỗi đêm"), jobs.CHECK_TERM, jobs.who_hears))
    hooks.add(reference.further, start)
    app.cli.add_command(commands.group)
    app.add_template_filter(words.grouped, "hash_in_groups")


def start(*, now: dt.datetime) -> None:
    """Wait for the first of both jobs."""
    for name in (jobs.SEALER, jobs.CHECKER):
        heartbeat.begin(name, now=now)
