"""What an address of the register asks for: which part, in what order, which columns. The list, the picture and the files read it alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from flask import request, url_for
from werkzeug.datastructures import MultiDict

from oversight.board.picture import DIMENSIONS
from oversight.register import SORTS, Cut, columns, cuts

FIRST_DIMENSION = "don-vi"


@dataclass(frozen=True)
class Asked:
    """Everything that an address of the register says."""

    cut: Cut
    sort: str
    columns: tuple[columns.Column, ...]
    by: str  # the dimension of the picture

    def arguments(self, *, picture: bool = False, **over: Any) -> dict[str, Any]:
        """Return the arguments that mean the same, *over* being changes of the cut; in one order, without what goes without saying."""
        said = cuts.arguments(replace(self.cut, **over))
        shown = {"xep": "" if self.sort == SORTS[0] else self.sort, "cot": columns.argument(self.columns)}
        shown |= {"theo": self.by} if picture and self.by != FIRST_DIMENSION else {}
        return said | {name: value for name, value in shown.items() if value}

    def url(self, endpoint: str = "oversight.register", **over: Any) -> str:
        """Return the address of a page of the register for this, with *over* as changes of the cut."""
        return url_for(endpoint, **self.arguments(picture=endpoint == "oversight.picture", **over))

    def list_of(self, cut: Cut) -> str:
        """Return the address of the list of *cut*, seen as this is seen."""
        return replace(self, cut=cut).url()

    def query(self, *, picture: bool = False) -> str:
        """Return what stands behind ? in its one spelling: what is kept as a view."""
        return urlencode(sorted(self.arguments(picture=picture).items()))


def asked(args: MultiDict[str, str] | None = None) -> Asked:
    """Read *args*, else those of this request; what names nothing is left out."""
    given = request.args if args is None else args
    sort, by = given.get("xep", ""), given.get("theo", "")
    return Asked(
        cut=cuts.cut_of(given),
        sort=sort if sort in SORTS else SORTS[0],
        columns=columns.chosen(given.getlist("cot")),
        by=by if by in DIMENSIONS else FIRST_DIMENSION,
    )
