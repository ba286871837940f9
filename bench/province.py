"""The province that is measured: the demo, grown to a size, in a folder where the next run finds it again."""

from __future__ import annotations

import json
import sys
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rq.utils import import_attribute
from sqlalchemy import func, select

import demo
from app import clock, crypto, reference, schema
from app.crypto import rotation
from app.database import db
from bench import growing
from feedback import codes
from feedback.models import Feedback, ReceiptKey
from wsgi import app

SAMPLE = 400  # items that are asked for, spread over all


@dataclass(frozen=True)
class Province:
    """Where it is, and whom and what to ask for."""

    items: int
    codes: list[str]
    keys: list[str]
    ids: list[int]
    public: list[str]


def make(size: int) -> Province:
    """Make the province of about *size* items in the empty database of this process's settings."""
    with app.app_context():
        schema.upgrade()
        rotation.settle(clock.now())
        db.session.commit()
    reference.load(app)
    demo.load(app)
    for schedule in app.extensions["schedules"].values():  # what time does is done: papers are kept, who had to be told is told
        with app.app_context():
            import_attribute(schedule.function)()
    with app.app_context():
        growing.grow(size, tell=_progress(f"{size:,} items"))
        return _sample()


def _sample() -> Province:
    """Choose what is asked for, and give it keys that are known."""
    last = db.session.scalar(select(func.max(Feedback.id))) or 0
    count = db.session.scalar(select(func.count()).select_from(Feedback)) or 0
    step = max(1, last // SAMPLE)
    items = db.session.scalars(
        select(Feedback).where(Feedback.id.in_(select(func.min(Feedback.id)).group_by(Feedback.id // step)), Feedback.parent_id.is_(None))
    ).all()[:SAMPLE]
    keys = []
    for item in items:
        key = codes.make_key()
        row = ReceiptKey(feedback_id=item.id, digest=crypto.key_digest(key), may_act=True)
        ReceiptKey.is_ours.seal(row)
        db.session.add(row)
        keys.append(codes.show_key(key))
    db.session.commit()
    public = [item.code for item in items if item.published_at is not None]
    return Province(count, [item.code for item in items], keys, [item.id for item in items], public)


def _progress(what: str) -> Callable[[int, int], None]:
    began = dict[int, float]()  # each part, known by how much it is, anew

    def tell(done: int, total: int) -> None:
        left = (time.monotonic() - began.setdefault(total, time.monotonic())) / done * (total - done)
        sys.stderr.write(f"\r{what}: {done:,} of {total:,}, {left / 60:.1f} min left   ")
        sys.stderr.flush()

    return tell


if __name__ == "__main__":
    Path(sys.argv[1]).write_text(json.dumps(asdict(make(int(sys.argv[2])))))
