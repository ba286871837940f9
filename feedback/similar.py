"""Public items like what someone is writing: they may find their answer there, or see that they are not alone."""

from __future__ import annotations

import itertools
import re
import unicodedata
from collections import Counter
from collections.abc import Sequence

from app import search
from app.database import db
from app.fold import fold
from feedback.models import Feedback

#: Syllables that say nothing of the matter, as written: folded, "đến" would hide "đèn".
_SAYING_NOTHING = """
    và là của có cho thì mà bị được ở tại này đó kia khi đến từ rất nhiều một các những đề nghị em tôi chúng ta con cháu ông bà anh chị
    không đã đang sẽ với như vì nên xin kính gửi về vào ra lên xuống trong ngoài trên dưới sau trước hay thấy làm quá qua
    tổ dân phố phường xã thôn xóm nhà người ngày tháng năm giờ trẻ uỷ ủy ban nhân
"""
_EMPTY = frozenset(_SAYING_NOTHING.split())
_PAIRS = 12  # pairs of neighbouring syllables looked up, from the beginning of the text on
_EACH = 30  # items looked at a pair
_ENOUGH = 2  # pairs an item must share


def like(text: str, *, most: int = 3) -> Sequence[Feedback]:
    """Return published items that share word pairs with *text*, the most alike first."""
    # In Vietnamese a word is mostly two syllables: neighbours that stand together elsewhere too speak of the same thing.
    syllables = re.findall(r"\w+", unicodedata.normalize("NFC", text[:1000]).lower())
    pairs = [fold(f"{a} {b}") for a, b in itertools.pairwise(syllables) if a not in _EMPTY and b not in _EMPTY]
    shared: Counter[int] = Counter()
    for pair in list(dict.fromkeys(pairs))[:_PAIRS]:
        shared.update(db.session.scalars(search.matching("public", f'"{pair}"', Feedback).limit(_EACH)).all())
    ids = [id_ for id_, count in shared.most_common(most) if count >= _ENOUGH]
    rows = db.session.scalars(db.select(Feedback).where(Feedback.id.in_(ids), Feedback.published_at.is_not(None)))
    found = {item.id: item for item in rows}
    return [found[id_] for id_ in ids if id_ in found]
