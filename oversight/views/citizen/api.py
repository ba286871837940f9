"""GET /api/v1/statistics: the figures of the open data, for programs."""

from __future__ import annotations

from typing import Any

from flask_smorest import Blueprint

from app import clock
from app.access import public
from app.api import PREFIX
from oversight.forms import api as schemas
from oversight.public import open_data, transparency
from oversight.views.citizen.pages import no_cookie

blueprint = Blueprint("api_statistics", __name__, url_prefix=PREFIX, description="Số liệu")


@blueprint.route("/statistics", methods=["GET"])
@public
@blueprint.arguments(schemas.StatisticsIn, location="query")
@blueprint.response(200, schemas.StatisticsOut)
def statistics(data: dict[str, str]) -> dict[str, Any]:
    """Give what came, what was done and how fast, by unit and period: the numbers of the open data, what is of few hidden."""
    no_cookie()
    said = open_data.told(open_data.FIGURES, transparency.snapshot(clock.now()))
    return said | {"rows": [row for row in said["rows"] if all(row[name] == value for name, value in data.items())]}
