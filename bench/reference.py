"""What the site is compared with: the least that takes an item in, lists, shows and finds it. Flask, SQLAlchemy, Jinja, one table.

`gunicorn bench.reference:app`, with REFERENCE_URL as database; `python -m bench.reference NUMBER` fills it.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import sys
from typing import Any

from flask import Flask, abort, redirect, render_template_string, request
from flask_sqlalchemy import SQLAlchemy
from flask_wtf import FlaskForm
from sqlalchemy import Index, func, insert, literal_column, select, text, tuple_
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

ROWS = 25
DAYS = dt.timedelta(days=10)
WORDS = (
    "đường",
    "nước",
    "rác",
    "đèn",
    "trường",
    "cầu",
    "mương",
    "chợ",
    "đất",
    "thuế",
    "điện",
    "xe",
    "phố",
    "làng",
    "thôn",
    "sông",
    "hồ",
    "cây",
)
STATES = ("received", "in_hand", "answered", "closed")


class Base(DeclarativeBase):
    """The parent of the one model."""


db = SQLAlchemy(model_class=Base)


class Item(Base):
    """What somebody wrote."""

    __tablename__ = "item"
    __table_args__ = (Index("ix_item_list", "unit_id", "state", "due_on", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    unit_id: Mapped[int]
    state: Mapped[str] = mapped_column(default=STATES[0])
    title: Mapped[str]
    body: Mapped[str]
    due_on: Mapped[dt.date]


class ItemForm(FlaskForm):
    """What is sent in."""

    title = StringField(validators=[DataRequired(), Length(max=200)])
    body = TextAreaField(validators=[DataRequired(), Length(max=5000)])
    unit_id = SelectField(coerce=int, choices=[(number, f"Đơn vị {number}") for number in range(1, 121)])


PAGE = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>{{ title }}</title><body>{{ body }}</body></html>"""
LIST = """<!doctype html><html lang="vi"><meta charset="utf-8"><title>Danh sách</title><table>
{% for item in items %}<tr><td><a href="/item/{{ item.id }}">{{ item.title }}</a><td>{{ item.state }}<td>{{ item.due_on }}</tr>{% endfor %}
</table>{% if items %}{% set last = items[-1] %}
<a href="?unit={{ last.unit_id }}&state={{ last.state }}&after={{ last.due_on }},{{ last.id }}">Tiếp</a>{% endif %}</html>"""

app = Flask(__name__)
app.config.update(
    SQLALCHEMY_DATABASE_URI=os.environ.get("REFERENCE_URL", "sqlite://"),
    SECRET_KEY="reference",  # noqa: S106
    WTF_CSRF_ENABLED=False,
)
db.init_app(app)


@app.post("/item")
def take_in() -> Any:
    """Keep what was sent."""
    form = ItemForm()
    if not form.validate_on_submit():
        abort(422)
    item = Item(unit_id=form.unit_id.data, title=form.title.data, body=form.body.data, due_on=dt.datetime.now(tz=dt.UTC).date() + DAYS)
    db.session.add(item)
    db.session.commit()
    return redirect(f"/item/{item.id}", 303)


@app.get("/items")
def list_() -> str:
    """One page of a unit's items, by the day they are due."""
    rows = select(Item).where(Item.unit_id == request.args.get("unit", type=int), Item.state == request.args["state"])
    if after := request.args.get("after"):
        day, _, last = after.partition(",")
        rows = rows.where(tuple_(Item.due_on, Item.id) > (dt.date.fromisoformat(day), int(last)))
    return render_template_string(LIST, items=db.session.scalars(rows.order_by(Item.due_on, Item.id).limit(ROWS)).all())


@app.get("/item/<int:number>")
def show(number: int) -> str:
    """One item."""
    item = db.get_or_404(Item, number)
    return render_template_string(PAGE, title=item.title, body=item.body)


@app.get("/find")
def find() -> str:
    """The newest 1,000 that hold the words, the best 25 of them."""
    words = func.plainto_tsquery("simple", request.args["q"])
    fts = literal_column("fts")
    newest = select(Item.id).where(fts.op("@@")(words)).order_by(Item.id.desc()).limit(1000)
    rows = select(Item).where(Item.id.in_(newest)).order_by(func.ts_rank(fts, words).desc()).limit(ROWS)
    return render_template_string(LIST, items=db.session.scalars(rows).all())


def _item(number: int, today: dt.date) -> dict[str, Any]:
    """Return one of the items that are there: the first units have many, the last few."""
    chance = random.Random(number)
    return {
        "unit_id": int(chance.random() ** 2 * 120) + 1,
        "state": STATES[0] if number % 2 == 0 else STATES[3],
        "title": f"Phản ánh số {number}",
        "body": " ".join(chance.choices(WORDS, k=120)),
        "due_on": today + dt.timedelta(days=number % 60 - 30),
    }


def fill(number: int) -> None:
    """Make the table with *number* items."""
    db.create_all()
    words = "tsvector GENERATED ALWAYS AS (to_tsvector('simple', title || ' ' || body)) STORED"
    db.session.execute(text(f"ALTER TABLE item ADD COLUMN fts {words}"))
    today = dt.datetime.now(tz=dt.UTC).date()
    for at in range(0, number, 5000):
        db.session.execute(insert(Item), [_item(n, today) for n in range(at, min(at + 5000, number))])
        db.session.commit()
    db.session.execute(text("CREATE INDEX item_fts ON item USING gin (fts)"))
    db.session.commit()


if __name__ == "__main__":
    with app.app_context():
        fill(int(sys.argv[1]))
