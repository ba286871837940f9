"""What must be true of every page on a screen, in both languages."""

from __future__ import annotations

import pytest
from axe_playwright_python.base import AXE_FILE_PATH

from tests.axe import violations
from tests.site.conftest import kinds, session_of


@pytest.mark.parametrize(("language", "width"), [("vi", 1280), ("en", 360)])
def test_axe_finds_no_violation_and_nothing_overflows(pages, people, live, browser, language, width):
    found = []
    by_person: dict[str, list] = {}
    for page in kinds(pages):
        by_person.setdefault(page.who, []).append(page)
    for who, theirs in by_person.items():
        context = browser.new_context(viewport={"width": width, "height": 900})
        context.add_init_script(path=AXE_FILE_PATH)
        context.add_cookies(session_of(live, people[who][0]))
        tab = context.new_page()
        for page in theirs:
            joint = "&" if "?" in page.address else "?"
            tab.goto(f"{live.url}{page.address}{joint}lang={language}")
            assert ("/dang-nhap" in tab.url) == ("/dang-nhap" in page.address)  # it is theirs, not the door
            found += violations(tab)
        context.close()

    assert found == []
