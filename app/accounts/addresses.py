"""What is taken from an address: where a page may send somebody on to, and ids."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import request


def own_page(address: str | None) -> str | None:
    """Return *address* if it is a page of this site, else None: a link must not lead through us to a stranger."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable() or " " in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc or "\\" in address else address


def row_id(name: str) -> int | None:
    """Return the id in the query of the request's address, or None for none and for what no row can have."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < 2**63 else None
