"""Public items like what someone is writing: they may find their answer there, or see that they are not alone."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence

from app import search
from app.database import db
from app.fold import fold
from feedback.models import Feedback

#: Folded syllables that say nothing of the matter.
_SAYING_NOTHING = """
    va la cua co cho thi ma bi duoc o tai nay do kia khi den tu rat nhieu mot cac nhung de nghi em toi chung ta con chau ong ba anh chi khong
    da dang se voi nhu vi nen xin kinh gui ve vao ra len xuong trong ngoai tren duoi sau truoc hay thay
"""
_EMPTY = frozenset(_SAYING_NOTHING.split())
_PAIRS = 12  # pairs of neighbouring syllables looked up, from the beginning of the text on
_EACH = 30  # items looked at a pair
_ENOUGH = 2  # pairs an item must share


def like(text: str, *, most: int = 3) -> Sequence[Feedback]:
    """Return published items that share word pairs with *text*, the most alike first."""
    syllables = fold(text[:1000]).split()
    pairs = [(a, b) for a, b in itertools.pairwise(syllables) if a not in _EMPTY and b not in _EMPTY]
    shared: Counter[int] = Counter()
    for a, b in list(dict.fromkeys(pairs))[:_PAIRS]:
        # In Vietnamese a word is mostly two syllables: neighbours that stand together elsewhere too speak of the same thing.
        shared.update(db.session.scalars(search.matching("public", f'"{a} {b}"', Feedback).limit(_EACH)).all())
    ids = [id_ for id_, count in shared.most_common(most) if count >= _ENOUGH]
    rows = db.session.scalars(db.select(Feedback).where(Feedback.id.in_(ids), Feedback.published_at.is_not(None)))
    found = {item.id: item for item in rows}
    return [found[id_] for id_ in ids if id_ in found]
