"""What the figures look like to programs: the fields of the open data."""

from __future__ import annotations

from marshmallow import Schema, fields

from oversight.public.open_data import FIGURES

_TYPES: dict[str, type[fields.Field]] = {"string": fields.String, "integer": fields.Integer, "number": fields.Float}

RowOut = Schema.from_dict(
    {
        **{column.name: _TYPES[column.type](allow_none=True) for column in FIGURES.columns},
        "hidden": fields.List(fields.String(), metadata={"description": "names of the fields of too few cases to be shown; they are null"}),
    },
    name="FiguresRowOut",
)


class StatisticsIn(Schema):
    """Which rows are wanted."""

    unit = fields.String(metadata={"description": "code from GET /units; empty: all units together"})
    period = fields.String(metadata={"description": "2026-05, 2026-Q2, 2026-H1 or 2026"})


class StatisticsOut(Schema):
    """The open data of the day; what each field means is said at /du-lieu-mo."""

    day = fields.String()
    until = fields.String(metadata={"description": "the last day that is counted"})
    least = fields.Integer(metadata={"description": "numbers from 1 up to this one are hidden"})
    licence = fields.String()
    rows = fields.List(fields.Nested(RowOut))
