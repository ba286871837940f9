"""What is taken from an address: where a page may send somebody on to, and ids."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import current_app, request
from werkzeug.exceptions import HTTPException, MethodNotAllowed
from werkzeug.routing import MapAdapter


def own_page(address: str | None) -> str | None:
    """Return *address* if it is a page of this site, else None: a link must not lead through us to a stranger."""
    if not address or not address.startswith("/") or address.startswith(("//", "/\\")) or not address.isprintable() or " " in address:
        return None
    parts = urlsplit(address)
    return None if parts.scheme or parts.netloc or "\\" in address else address


def addresses() -> MapAdapter:
    """Return what finds the route of an address of this site."""
    adapter = current_app.create_url_adapter(request)
    assert adapter is not None, "in a request there is one"
    return adapter


def can_be_read(address: str) -> bool:
    """Say whether there is a page at *address*, and not only something that takes a form."""
    try:
        addresses().match(urlsplit(address).path, method="GET")
    except HTTPException:
        return False
    return True


def page_of(address: str) -> str:
    """Return *address*, and of one that only takes forms the page it belongs to: the nearest above it."""
    try:
        addresses().match(urlsplit(address).path, method="GET")
    except MethodNotAllowed:
        above = urlsplit(address).path
        while not can_be_read(above):
            above = above.rstrip("/").rpartition("/")[0] or "/"
        return above
    except HTTPException:  # no page of ours: its visitor is told so in the language just chosen
        pass
    return address


def row_id(name: str) -> int | None:
    """Return the id in the query of the request's address, or None for none and for what no row can have."""
    number = request.args.get(name, type=int)
    return number if number is not None and 0 < number < 2**63 else None
