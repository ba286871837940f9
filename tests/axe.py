"""What axe finds wrong with a page in a real browser, at level AA of WCAG 2.2 and by its own best practices."""

from __future__ import annotations

from pathlib import Path

from axe_playwright_python.base import AXE_FILE_PATH
from playwright.sync_api import Page

_OPTIONS = {
    "runOnly": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    "resultTypes": ["violations"],
    "preload": False,  # nothing of ours lies elsewhere
}
# What passed stays in the browser: carrying it over takes longer than looking.
_RUN = """options => axe.run(document, options).then(({violations}) => violations.map(
    ({id, help, nodes}) => `${id}: ${help}: ${nodes.map(({html}) => html.slice(0, 200)).join(" | ")}`))"""


def violations(page: Page) -> list[str]:
    """Return what axe finds wrong with the page, a line each; and whether it is wider than the screen."""
    if not page.evaluate("'axe' in window"):
        page.context.add_init_script(path=AXE_FILE_PATH)  # the pages after this one have it
        page.evaluate(Path(AXE_FILE_PATH).read_text())
    found = page.evaluate(_RUN, _OPTIONS)
    too_wide = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    return [f"{page.url}: {each}" for each in found + ([f"{too_wide} px wider than the screen"] if too_wide > 0 else [])]
