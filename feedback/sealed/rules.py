"""What is done with a sealed case, and who may know of it. Pure."""

from __future__ import annotations

from enum import StrEnum

from app.permissions import Permission, Reach


class SealedStep(StrEnum):
    """What a reader does with a sealed case. Luật Tố cáo 2018 Điều 25: concrete information is checked, or passed to who is competent."""

    OPENED = "opened"
    BOOKED = "booked"  # in the office's own book of denunciations
    PASSED_ON = "passed_on"
    INSPECTED = "inspected"  # thanh tra, kiểm tra phục vụ công tác quản lý
    OUTSIDE = "outside"  # no content of a denunciation, or nothing that can be checked
    ADDED = "added"  # what the sender told later, with code and key


def may_know(reach: Reach, *, accused_path: str | None, own_path: str) -> bool:
    """Say whether a reader may know of a sealed case at all: never of one about a unit they work or hold a seat in, or one above it.

    Where no unit was named it may be about anybody: only who reads for the whole install knows of it.
    """
    if accused_path is not None and any(own.startswith(accused_path) for own in (own_path, *reach.serves())):
        return False
    return reach.may(Permission.SEALED_READ, unit_path=accused_path)
