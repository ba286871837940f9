"""Letters and answers: drafted, through the unit's chain of hands, signed, numbered, published.

The clerk or officer proposes, an authorised leader signs, văn thư enters number and date after signing. What the item
becomes (answered, guided, forwarded, refused, filed) happens when its paper is published, never before.
"""

from __future__ import annotations

from feedback.operations.papers.chain import DEFAULT_CHAIN, HANDS, NotYourTurn, at_hand, chain_of, may_act_on, reached, stands_in
from feedback.operations.papers.drafting import (
    AnotherPaperOnItsWay,
    Gap,
    PaperUnfinished,
    PointData,
    discard,
    draft,
    fingerprint,
    may_draft,
    submit,
    write,
)
from feedback.operations.papers.issuing import NumberTaken, enter_number
from feedback.operations.papers.signing import agree, send_back

__all__ = [
    "DEFAULT_CHAIN",
    "HANDS",
    "AnotherPaperOnItsWay",
    "Gap",
    "NotYourTurn",
    "NumberTaken",
    "PaperUnfinished",
    "PointData",
    "agree",
    "at_hand",
    "chain_of",
    "discard",
    "draft",
    "enter_number",
    "fingerprint",
    "may_act_on",
    "may_draft",
    "reached",
    "send_back",
    "stands_in",
    "submit",
    "write",
]
