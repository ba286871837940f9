"""How the monthly sample is drawn, so that anybody can draw it again with nothing but the seed, the candidates and a SHA-256. Pure."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

#: Each candidate gets the SHA-256 of "seed:id"; those with the smallest are drawn. Names the way, should it ever be another.
ALGORITHM = "sha256-rank-1"
PERCENT = 100


@dataclass(frozen=True)
class Amount:
    """How much is drawn: a share of the candidates, not less and not more than so many."""

    share: int  # per cent
    minimum: int
    maximum: int

    def of(self, number: int) -> int:
        """Return how many of *number* candidates are drawn; a part of one counts as one."""
        wanted = -(-number * self.share // PERCENT)
        return min(number, max(self.minimum, min(self.maximum, wanted)))


def digest(candidates: Mapping[str, Sequence[int]]) -> str:
    """Return the SHA-256 of the candidates, whatever order they came in."""
    plain = {stratum: sorted(ids) for stratum, ids in sorted(candidates.items()) if ids}
    return hashlib.sha256(json.dumps(plain, separators=(",", ":")).encode()).hexdigest()


def shares(candidates: Mapping[str, Sequence[int]], size: int) -> dict[str, int]:
    """Return how many of *size* each stratum has: as it has candidates, what is left over to the largest remainders."""
    number = sum(len(ids) for ids in candidates.values())
    if not number:
        return {}
    exact = {stratum: size * len(ids) for stratum, ids in sorted(candidates.items())}
    whole = {stratum: each // number for stratum, each in exact.items()}
    for stratum in sorted(exact, key=lambda each: (-(exact[each] % number), each))[: size - sum(whole.values())]:
        whole[stratum] += 1
    return whole


def draw(candidates: Mapping[str, Sequence[int]], size: int, seed: str) -> list[int]:
    """Return the ids drawn, stratum by stratum, each in the order of their ranks."""
    drawn: list[int] = []
    for stratum, wanted in shares(candidates, size).items():
        drawn += sorted(candidates[stratum], key=lambda id_: (_rank(seed, id_), id_))[:wanted]
    return drawn


def _rank(seed: str, id_: int) -> str:
    return hashlib.sha256(f"{seed}:{id_}".encode()).hexdigest()
