"""Components and base pages: what a screen reader, a phone without scripts and the policy need is really there."""

import datetime as dt
import re
from collections import Counter

import pytest
from bs4 import BeautifulSoup
from flask import render_template_string
from werkzeug.datastructures import MultiDict

from app.gallery import SampleForm, sample_explanation
from tests.app.tiny_site import ERRORS, make_site

COMPONENTS = {
    "busy", "counts", "due_day", "error_summary", "field", "pager", "points", "summary_list", "task_list", "why_date",
}  # fmt: skip
GALLERY = ["/thanh-phan", "/thanh-phan?lang=en"]
PAGES = [*GALLERY, *(f"/loi/{status}" for status in ERRORS)]


@pytest.fixture(scope="module")
def client():
    return make_site().test_client()


def soup_of(answer):
    assert answer.status_code == 200
    return BeautifulSoup(answer.data, "html.parser")


def render(source, **facts):
    """Return what a template of *source* shows, with every component at hand."""
    names = re.findall(r"\b([a-z_]+)\(", source)
    files = {"flashes": "flash", "due_day": "due"}
    loads = "".join(
        f'{{% from "components/{files.get(name, name)}.html" import {name} %}}'
        for name in dict.fromkeys(names)
        if name
        in {"field", "error_summary", "why_date", "points", "pager", "summary_list", "task_list", "busy", "due", "due_day", "counts"}
    )
    with make_site().test_request_context("/"):
        return BeautifulSoup(render_template_string(loads + source, **facts), "html.parser")


@pytest.mark.parametrize("path", PAGES)
def test_page_states_its_language_title_heading_and_landmarks(client, path):
    page = soup_of(client.get(path))

    assert page.html["lang"] == ("en" if "lang=en" in path else "vi")
    assert page.title.text == f"{page.h1.text.strip()} – Ý kiến và Đối thoại"
    assert len(page.find_all("h1")) == len(page.find_all("main")) == 1
    assert page.find("meta", attrs={"name": "description"})["content"]
    assert page.select_one("a.skip")["href"] == f"#{page.main['id']}"


@pytest.mark.parametrize("path", PAGES)
def test_page_needs_no_exception_from_the_policy_and_no_foreign_host(client, path):
    page = soup_of(client.get(path))

    assert page.select("[style], style, script:not([src])") == []
    assert [tag.name for tag in page.find_all(True) for name in tag.attrs if name.startswith("on")] == []
    addresses = [tag.get("src") or tag.get("href") for tag in page.select("script, link, img, use")]
    assert [address for address in addresses if not address.startswith("/")] == []


@pytest.mark.parametrize("path", GALLERY)
def test_every_id_is_unique_and_every_reference_leads_somewhere(client, path):
    page = soup_of(client.get(path))
    ids = Counter(tag["id"] for tag in page.select("[id]"))

    assert [name for name, times in ids.items() if times > 1] == []
    named = [name for tag in page.select("[aria-describedby], [aria-labelledby]") for key in ("aria-describedby", "aria-labelledby")
             for name in tag.get(key, "").split()]  # fmt: skip
    named += [label["for"] for label in page.select("label[for]")] + [link["href"][1:] for link in page.select('a[href^="#"]')]
    assert [name for name in named if name not in ids] == []


@pytest.mark.parametrize("path", GALLERY)
def test_every_input_has_a_name_people_can_hear(client, path):
    page = soup_of(client.get(path))
    labelled = {label["for"] for label in page.select("label[for]")}
    deaf = [
        tag
        for tag in page.select("input:not([type=hidden]), select, textarea")
        if tag.get("id") not in labelled and not tag.get("aria-label") and tag.find_parent("label") is None
    ]

    assert deaf == []


def test_title_opens_with_the_number_of_errors():
    form = SampleForm(MultiDict({"phone": "09", "kind": "report", "area": "Việt Yên", "happened_on": ["31", "11", "2026"]}))
    form.validate()
    source = '{% extends "base.html" %}{% block title %}Gửi ý kiến{% endblock %}'

    assert render(source, form=form).title.text == "Lỗi: 2 chỗ – Gửi ý kiến – Ý kiến và Đối thoại"


def test_error_summary_leads_to_each_field_and_says_the_same_words_there():
    form = SampleForm(MultiDict({"phone": "090000012", "happened_on": ["31", "11", "2026"], "area": "Việt Yên"}))
    form.validate()
    page = render(
        "{{ error_summary(form) }}{{ field(form.kind) }}{{ field(form.happened_on) }}{{ field(form.phone, why='Để gọi') }}", form=form
    )

    links = page.select(".errors li a")
    assert len(links) == 3
    for link in links:
        target = page.find(id=link["href"][1:])
        assert target.name == "input"
        group = target.find_parent("fieldset") or target
        described = (target.get("aria-describedby") or group["aria-describedby"]).split()
        assert link.text in page.find(id=described[0]).text


def test_what_was_typed_is_shown_again_and_escaped():
    form = SampleForm(MultiDict({"name": '"><script>alert(1)</script>', "body": "</textarea><b>x"}))
    page = render("{{ field(form.name) }}{{ field(form.body, limit=5000) }}", form=form)

    assert page.input["value"] == '"><script>alert(1)</script>'
    assert page.textarea.text.strip() == "</textarea><b>x"
    assert page.find("script") is None
    assert "maxlength" not in page.textarea.attrs, "the browser would cut a paste without a word"


@pytest.mark.parametrize(
    ("over", "says", "says_not"),
    [
        ({}, ["Cam kết của tỉnh:", "Vì sao là ngày 5/1/2027?", "Bỏ qua 1 ngày, Tết Dương lịch:"], ["Quy định:", "Dời hạn"]),
        ({"local": False, "article": "Điều 28"}, ["Quy định:", "Điều 28"], ["Cam kết", "Chưa đối chiếu"]),
        ({"local": False, "verified": "memory", "staff": True}, ["Chưa đối chiếu với văn bản gốc"], []),
        ({"local": False, "verified": "memory"}, ["Quy định:"], ["Chưa đối chiếu"]),  # a note of the administrator's
        ({"due_on": None}, ["Vì sao chưa có ngày?"], ["hạn</span>"]),  # paused, or past the loaded calendar
        ({"rolled_from": dt.date(2027, 1, 3)}, ["Dời hạn:", "Chủ\u00a0nhật, 3/1/2027"], []),
    ],
)
def test_why_date_says_where_the_day_comes_from(over, says, says_not):
    text = str(render("{{ why_date(explanation, evidence=explanation.staff|default(false)) }}", explanation=sample_explanation() | over))

    assert [words for words in says if words not in text] == []
    assert [words for words in says_not if words in text] == []


def test_why_date_numbers_every_counted_day_and_marks_the_last():
    page = render("{{ why_date(explanation) }}", explanation=sample_explanation())

    assert [cell.text.split()[-1] for cell in page.select("td.count-d")] == [str(number) for number in range(1, 10)]
    assert page.select_one("td.end").text.split() == ["5/1", "hạn"]
    assert len(page.select("td.off")) == 5


@pytest.mark.parametrize(
    ("outcome", "says"),
    [
        ("done", "Đã làm xong 15/1/2027"),
        ("promised", "Hứa làm xong chậm nhất thứ\u00a0Sáu, 15/1/2027"),
        ("cannot", "Không làm được, có lý do"),
        ("explained", "Đã giải thích"),
    ],
)
def test_point_of_an_answer_says_what_came_of_it(outcome, says):
    page = render("{{ points([point]) }}", point={"title": "Tấm đan", "outcome": outcome, "on": dt.date(2027, 1, 15), "text": "…"})

    assert page.select_one(".tag").text == says
    assert page.h3.text == "Ý 1. Tấm đan"


@pytest.mark.parametrize(("text", "days"), [("Còn 3 ngày làm việc", 1), ("Hết hạn 20/11", 0)])
def test_a_list_says_a_day_once(text, days):
    page = render("{{ due_day(chip, day) }}", chip={"state": "late", "text": text}, day=dt.date(2026, 11, 20))

    assert len(page.select(".num")) == days
    assert page.text.count("20/11") == 1


def test_a_nought_is_quiet_whatever_it_counts():
    page = render(
        "{{ counts(items, 'Theo độ gấp') }}", items=[{"label": "Quá hạn", "number": n, "url": "/", "tone": "late"} for n in (0, 2)]
    )

    assert [link["class"] for link in page.select("a")] == [["c-none"], ["c-late"]]


def test_last_page_offers_no_next_one():
    page = render("{{ pager(previous_url='/truoc', summary='41 đến 52 trong 52 việc') }}")

    assert [(link["rel"], link["href"]) for link in page.select("a")] == [(["prev"], "/truoc")]


def test_check_your_answers_links_name_what_they_change():
    page = render("{{ summary_list([{'key': 'Ở đâu', 'value': 'Việt Yên', 'change_url': '/sua'}]) }}")

    assert page.select_one(".edit a").text == "Sửa Ở đâu"
