"""Whether what another provider asked for counts as a second factor here. Pure."""

from __future__ import annotations

from collections.abc import Collection


def counts_as_second_factor(said: Collection[str], trusted: Collection[str]) -> bool:
    """Say whether the provider *said* that it asked for what the install has *trusted*: a class (acr) or a way (amr) of signing in.

    Nothing said is nothing asked for, and nothing trusted leaves our own second factor in its place.
    """
    return not set(said).isdisjoint(trusted)
