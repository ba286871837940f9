"""What may be asked about one's data, who decides, and what stands against it. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum

from feedback.rules import Status

#: Nobody has anything to do with it any more.
OVER = {Status.CLOSED, Status.WITHDRAWN, Status.REFUSED, Status.GUIDED, Status.FORWARDED, Status.FILED, Status.ANSWERED}


class RequestKind(StrEnum):
    """What is asked for."""

    EXPORT = "export"
    ERASURE = "erasure"


class RequestState(StrEnum):
    """Where a request stands."""

    ASKED = "asked"
    AGREED = "agreed"  # of an export: it can be fetched; of an erasure: it is done
    REFUSED = "refused"


class Ground(StrEnum):
    """Why a request is refused."""

    NOT_THEIRS = "not_theirs"  # something speaks for it that the keys came into other hands
    KEPT_BY_LAW = "kept_by_law"  # Luật Lưu trữ, Luật Khiếu nại: the file of the case is kept (wording from memory)


def may_ask(kind: RequestKind, open_kinds: Iterable[str]) -> bool:
    """Say whether somebody may ask for it now: one request of a kind at a time."""
    return kind not in set(open_kinds)


def may_erase(status: Status) -> bool:
    """Say whether an item can lose its person: not while somebody still owes them an answer. They may withdraw it first."""
    return status in OVER
