"""The site and the reference asked in turn, over and over, so that what else the machine does meets both alike."""

from __future__ import annotations

import asyncio
import statistics
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any

from bench.client import Heard, ask_for
from bench.serving import Served
from bench.works import Work

WARM_UP = 2.0  # seconds
NOISY = 0.25  # rounds that disagree by more are not quoted


@dataclass
class Side:
    """What one of the two did in each round."""

    per_second: list[float] = field(default_factory=list)
    processor: list[float] = field(default_factory=list)  # milliseconds of a request, the database's among them
    median: list[float] = field(default_factory=list)  # milliseconds
    slow: list[float] = field(default_factory=list)  # the 95th of a hundred, milliseconds
    wrong: list[str] = field(default_factory=list)

    def hear(self, heard: Heard, processor: float) -> None:
        """Add a round."""
        count = max(1, len(heard.seconds))
        times = sorted(heard.seconds) or [0.0]
        self.per_second.append(heard.per_second)
        self.processor.append(processor / count * 1000)
        self.median.append(statistics.median(times) * 1000)
        self.slow.append(times[int(len(times) * 0.95)] * 1000)
        self.wrong += heard.wrong[:3]


@dataclass
class Figure:
    """One kind of work at one size."""

    name: str
    size: int
    wanted: float
    flat: float
    within: float | None
    site: Side
    reference: Side

    @property
    def ratios(self) -> list[float]:
        """Site ÷ reference, round by round."""
        return [ours / theirs for ours, theirs in zip(self.site.per_second, self.reference.per_second, strict=True) if theirs]

    @property
    def ratio(self) -> float:
        """The one in the middle."""
        return statistics.median(self.ratios) if self.ratios else 0.0

    @property
    def spread(self) -> float:
        """How far the rounds lie apart, as a part of the one in the middle."""
        return (max(self.ratios) - min(self.ratios)) / self.ratio if self.ratio else 1.0

    @property
    def is_noisy(self) -> bool:
        """Whether it is not to be quoted."""
        return self.spread > NOISY

    def facts(self) -> dict[str, Any]:
        """Return all of it for a file."""
        return asdict(self) | {"ratio": self.ratio, "spread": self.spread, "noisy": self.is_noisy}


def measure(
    work: Work, size: int, site: Served, reference: Served, database: Callable[[], float], *, rounds: int, seconds: float
) -> Figure:
    """Ask both in turn for *seconds*, *rounds* times; *database* says how many seconds of the processor it has used."""
    figure = Figure(work.name, size, work.ratio, work.flat, work.within, Side(), Side())
    both = [(figure.site, site, work.site, work.expects), (figure.reference, reference, work.beside, work.beside_expects)]
    for _side, served, asks, expects in both:
        asyncio.run(ask_for(WARM_UP, served.port, asks, expects=expects, together=work.together))
    for number in range(rounds):
        for side, served, asks, expects in both if number % 2 == 0 else reversed(both):
            before = served.processor() + database()
            heard = asyncio.run(ask_for(seconds, served.port, asks, expects=expects, together=work.together))
            side.hear(heard, served.processor() + database() - before)
    return figure
