"""Where an item goes: routing rules in order, the first that matches. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from feedback.rules import Channel, Kind


@dataclass(frozen=True)
class Matter:
    """What routing looks at."""

    kind: Kind
    field_id: int | None
    place_id: int | None
    folded_text: str
    channel: Channel
    insider: bool
    accused_unit_path: str | None = None


@dataclass(frozen=True)
class Route:
    """A routing rule: every condition that is set must hold. First match wins."""

    id: int | None
    position: int
    kinds: frozenset[Kind] = frozenset()
    field_ids: frozenset[int] = frozenset()
    place_ids: frozenset[int] = frozenset()
    channels: frozenset[Channel] = frozenset()
    words: tuple[str, ...] = ()  # folded; any one is enough
    insider: bool | None = None
    unit_id: int | None = None  # the unit it goes to…
    to_place: bool = False  # …or the People's Committee of the commune it is about
    direct: bool = True  # at once, without a clerk looking first

    def matches(self, matter: Matter) -> bool:
        """Say whether *matter* meets every condition that is set."""
        return (
            (not self.kinds or matter.kind in self.kinds)
            and (not self.field_ids or matter.field_id in self.field_ids)
            and (not self.place_ids or matter.place_id in self.place_ids)
            and (not self.channels or matter.channel in self.channels)
            and (self.insider is None or self.insider == matter.insider)
            and (not self.words or any(f" {word} " in f" {matter.folded_text} " for word in self.words))
        )


class RuleCannotCompile(ValueError):
    """A routing rule that could never work: no target, two targets, or words that fold to nothing."""


def compile_route(route: Route) -> Route:
    """Return *route*, checked; :raise RuleCannotCompile:. A rule that cannot compile cannot be saved."""
    if (route.unit_id is None) == (not route.to_place):
        raise RuleCannotCompile("target")
    if any(not word.strip() for word in route.words):
        raise RuleCannotCompile("words")
    return route


@dataclass(frozen=True)
class Destination:
    """Where an item goes and which rule said so; no unit: the unrouted queue of the desk."""

    unit_id: int | None
    route_id: int | None
    direct: bool = True


def route(matter: Matter, routes: Sequence[Route], *, unit_of_place: Mapping[int, int], path_of: Mapping[int, str]) -> Destination:
    """Return where *matter* goes: the first rule that matches, never to the unit that is accused or one below it."""
    for candidate in sorted(routes, key=lambda each: each.position):
        if not candidate.matches(matter):
            continue
        unit_id = unit_of_place.get(matter.place_id or 0) if candidate.to_place else candidate.unit_id
        if unit_id is None or unit_id not in path_of:
            continue
        if matter.accused_unit_path and path_of[unit_id].startswith(matter.accused_unit_path):
            continue
        return Destination(unit_id, candidate.id, candidate.direct)
    return Destination(None, None)
