"""Where a page may send somebody on to."""

from __future__ import annotations

from urllib.parse import urlsplit


def own_page(address: str | None) -> str | None:
    """Return *address* if it is a page of this site, else None: a link must not lead through us to a stranger."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable() or " " in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc or "\\" in address else address
