"""Our small scripts in a real browser, under the real policy: each saves work and none is needed."""

import threading
from urllib.parse import urlencode

import pytest
from flask import Flask, render_template_string, request
from playwright.sync_api import expect
from werkzeug.serving import make_server

from app.headers import POLICY
from tests.app.tiny_site import make_site

FORM = """{% extends "base.html" %}
{% set scripts = ["draft", "similar", "counter"] %}
{% from "components/draft.html" import draft_lines %}
{% block title %}Gửi ý kiến{% endblock %}
{% block main %}<h1>Gửi ý kiến</h1>
<form method="post" data-draft="feedback"{{ ' data-sensitive' if sensitive }}>{{ draft_lines() }}<p data-draft-kept hidden>Còn giữ</p>
<label><input type="radio" name="kind" value="report"> Phản ánh</label>
<label><input type="radio" name="kind" value="denunciation" data-sensitive> Tố cáo</label>
<label>Việc <textarea name="body" id="body" data-similar="/giong" data-similar-into="giong" data-counter="dem"></textarea></label>
<p id="dem" data-max="20" data-left="Còn {n} ký tự" data-over="Quá {n} ký tự"></p>
<div id="giong" aria-live="polite" hidden></div>
<label>Nơi <input name="place"></label><label>Nơi khác <input name="place"></label>
<label>Mật khẩu <input type="password" name="password" autocomplete="new-password"></label>
<button>Gửi</button></form>{% endblock %}"""

UNITS = """{% extends "base.html" %}{% set scripts = ["combobox"] %}{% block title %}Giao việc{% endblock %}
{% block main %}<h1>Giao việc</h1><label for="unit">Đơn vị</label>
<select id="unit" name="unit" data-combobox data-none="Không có" data-many="{n} nơi"><option value="">Chọn</option>
{%- for name in units %}
<option{% if name in request.args.getlist('near') %} data-near{% endif %}>{{ name }}</option>
{%- endfor %}</select>{% endblock %}"""

DONE = """{% extends "base.html" %}{% set scripts = ["draft"] %}{% block title %}Xong{% endblock %}
{% block head %}<meta name="draft-done" content="feedback">{% endblock %}{% block main %}<h1>Xong</h1>{% endblock %}"""

KEPT = "localStorage.getItem('draft:feedback')"


def site() -> Flask:
    app = make_site()
    app.extensions["posts"] = []

    def receive() -> str:
        app.extensions["posts"].append(request.form.to_dict(flat=False))
        return render_template_string(DONE)

    def similar() -> str:
        app.extensions["posts"].append(request.form["q"])
        return '<p>Đã trả lời: <a href="/">Rãnh ở Nếnh</a></p>' if "rãnh" in request.form["q"] else ""

    app.add_url_rule("/gui", "new", lambda: render_template_string(FORM, sensitive="kin" in request.args))
    app.add_url_rule("/gui", "receive", receive, methods=["POST"])
    app.add_url_rule("/don-vi", "units", lambda: render_template_string(UNITS, units=request.args.getlist("u")))
    app.add_url_rule("/giong", "similar", similar, methods=["POST"])
    app.after_request(lambda response: response.headers.update({"Content-Security-Policy": POLICY}) or response)
    return app


@pytest.fixture(scope="module")
def server():
    server = make_server("127.0.0.1", 0, site(), threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def posts(server):
    server.app.extensions["posts"].clear()
    return server.app.extensions["posts"]


@pytest.fixture
def page(browser, server, posts):
    context = browser.new_context(base_url=f"http://127.0.0.1:{server.port}", locale="vi")
    page = context.new_page()
    said: list[str] = []
    page.on("console", lambda message: message.type == "error" and said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    yield page
    context.close()
    assert said == [], "a script failed, or the policy stopped it"


def kept(page) -> str:
    """Wait until a draft is written, and return it."""
    page.wait_for_function(f"() => {KEPT} !== null")
    return page.evaluate(KEPT)


def test_what_was_typed_comes_back_after_the_page_is_opened_again(page):
    page.goto("/gui")
    page.get_by_label("Phản ánh").check()
    page.get_by_label("Việc").fill("Rãnh bị lấp")
    page.get_by_label("Nơi khác").fill("Dục Quang")
    expect(page.locator("[data-draft-kept]")).to_be_hidden()
    kept(page)
    page.goto("/gui")

    expect(page.get_by_text("Đã mở lại chữ viết dở.")).to_be_visible()
    expect(page.locator("[data-draft-kept]")).to_be_visible()
    expect(page.get_by_label("Việc")).to_have_value("Rãnh bị lấp")
    expect(page.get_by_label("Phản ánh")).to_be_checked()
    expect(page.get_by_label("Nơi khác")).to_have_value("Dục Quang")  # the second of two inputs of one name
    expect(page.get_by_label("Nơi", exact=True)).to_have_value("")


def test_draft_is_gone_once_it_was_sent_or_thrown_away(page):
    page.goto("/gui")
    page.get_by_label("Việc").fill("Rãnh bị lấp")
    kept(page)
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("heading", name="Xong")).to_be_visible()
    assert page.evaluate(KEPT) is None

    page.goto("/gui")
    page.get_by_label("Việc").fill("Chuyện khác")
    kept(page)
    page.goto("/gui")
    page.get_by_role("button", name="Bỏ, viết lại từ đầu").click()
    expect(page.get_by_label("Việc")).to_have_value("")
    assert page.evaluate(KEPT) is None


def test_password_is_never_part_of_a_draft(page):
    page.goto("/gui")
    page.get_by_label("Mật khẩu").fill("mat-khau-bi-mat")
    page.get_by_label("Việc").fill("Rãnh bị lấp")

    assert "mat-khau-bi-mat" not in kept(page)


def test_sensitive_form_leaves_nothing_on_the_device(page):
    page.goto("/gui?kin")
    page.get_by_label("Việc").fill("Ông A nhận tiền")
    page.goto("/gui")  # leaving is when a draft is written at the latest

    expect(page.get_by_label("Việc")).to_have_value("")
    assert page.evaluate("localStorage.length") == 0


def test_choosing_a_sensitive_kind_takes_back_the_draft_and_asks_nobody(page, posts):
    page.goto("/gui")
    page.get_by_label("Việc").fill("Ông A nhận tiền")
    kept(page)
    page.get_by_label("Tố cáo").check()
    page.wait_for_function(f"() => {KEPT} === null")
    page.get_by_label("Việc").fill("Ông A nhận tiền của dân làm rãnh")
    page.goto("/gui")

    expect(page.get_by_label("Việc")).to_have_value("")
    assert posts == []


def test_lost_connection_keeps_the_text_and_says_so(page, posts):
    page.goto("/gui")
    page.get_by_label("Việc").fill("Rãnh bị lấp")
    page.context.set_offline(True)
    page.get_by_role("button", name="Gửi").click()

    expect(page.get_by_text("Máy đang mất mạng, chưa gửi được.")).to_be_visible()
    expect(page.get_by_label("Việc")).to_have_value("Rãnh bị lấp")
    page.context.set_offline(False)
    page.get_by_role("button", name="Gửi").click()
    expect(page.get_by_role("heading", name="Xong")).to_be_visible()
    assert [post["body"] for post in posts] == [["Rãnh bị lấp"]]


def test_second_press_sends_nothing_more(page, posts):
    page.goto("/gui")
    page.get_by_label("Việc").fill("Rãnh bị lấp")
    page.get_by_role("button", name="Gửi").dblclick()

    expect(page.get_by_role("heading", name="Xong")).to_be_visible()
    assert len(posts) == 1


def test_similar_answers_are_offered_while_typing(page):
    page.goto("/gui")
    page.get_by_label("Việc").fill("Nước tràn vì rãnh bị lấp")
    expect(page.get_by_role("link", name="Rãnh ở Nếnh")).to_be_visible()
    page.get_by_label("Việc").fill("Hỏi về cấp lại giấy khai sinh")

    expect(page.locator("#giong")).to_be_hidden()


@pytest.mark.parametrize(("typed", "says"), [("Rãnh", "Còn 16 ký tự"), ("😀" * 20, "Còn 0 ký tự"), ("a" * 23, "Quá 3 ký tự")])
def test_remaining_characters_are_counted_as_people_count(page, typed, says):
    page.goto("/gui")
    page.get_by_label("Việc").fill(typed)

    expect(page.locator("#dem")).to_have_text(says)


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("da mai", ["Đa Mai Phường"]),  # no diacritics
        ("ĐA", ["Đa Mai Phường"]),
        ("xã yên", ["Yên Phong Xã", "Tân Yên Xã"]),  # the kind of place counts
        ("nowhere", []),
    ],
)
def test_place_is_found_with_or_without_diacritics(page, typed, offered):
    page.goto("/thanh-phan")
    page.get_by_role("combobox", name="Xã, phường").fill(typed)

    assert sorted(page.get_by_role("option").all_inner_texts()) == sorted(offered)


def test_whole_words_in_order_come_first_and_a_committee_before_its_parts(page):
    best_first = [
        "Ba Sơn",
        "Ba Sơn Thượng",
        "Ủy ban nhân dân xã Ba Sơn",
        "Phòng Kinh tế xã Ba Sơn",
        "Ban Quản lý chợ Ba Sơn, xã Ba Sơn",
        "Sở Sơn và Ba",
        "Ủy ban nhân dân tỉnh Lạng Sơn",
    ]
    page.goto("/don-vi?" + urlencode([("u", name) for name in reversed(best_first)]))
    page.get_by_role("combobox", name="Đơn vị").fill("ba son")

    assert page.get_by_role("option").all_inner_texts() == best_first


def test_of_names_that_match_alike_the_nearest_comes_first(page):
    near, names = "Phòng Kinh tế, Hạ tầng và Đô thị phường Từ Sơn", ["Phòng Kinh tế xã Lục Ngạn", "Sở Kinh tế"]
    page.goto("/don-vi?" + urlencode([("u", name) for name in (*names, near)] + [("near", near)]))
    page.get_by_role("combobox", name="Đơn vị").fill("kinh te")

    assert page.get_by_role("option").all_inner_texts()[0] == near


def test_a_unit_is_found_by_what_everybody_calls_it_and_half_a_name_sends_nothing(page):
    names = ["Ủy ban nhân dân phường Việt Yên", "Ủy ban nhân dân phường Tân Yên", "Ủy ban MTTQ Việt Nam phường Việt Yên"]
    page.goto("/don-vi?" + urlencode([("u", name) for name in names]))
    box = page.get_by_role("combobox", name="Đơn vị")
    page.evaluate(
        "document.querySelector('.combo').parentElement.addEventListener('keydown', (e) => { window.sent = !e.defaultPrevented; })"
    )
    for typed, found in [("ubnd phường việt yên", names[0]), ("mat tran to quoc viet yen", names[2])]:
        box.fill(typed)
        assert page.get_by_role("option").all_inner_texts() == [found]
    box.fill("không có nơi này")
    box.press("Enter")
    assert page.evaluate("window.sent") is False
    box.fill("UBND phường Việt Yên")
    box.press("Enter")
    assert page.locator("select[name=unit]").input_value() == box.input_value() == names[0]
    box.press("Enter")
    assert page.evaluate("window.sent") is True


def test_combobox_sends_the_select_and_is_worked_by_keys(page):
    page.goto("/thanh-phan")
    box = page.get_by_role("combobox", name="Xã, phường")
    box.fill("yen")
    box.press("ArrowDown")
    first = page.get_by_role("option", selected=True)
    expect(box).to_have_attribute("aria-activedescendant", first.get_attribute("id"))
    box.press("Enter")

    assert page.locator("select[name=area]").input_value() == box.input_value() == "Yên Phong"
    box.fill("kinh")
    box.press("Escape")
    expect(box).to_have_value("Yên Phong")
    expect(box).to_have_attribute("aria-expanded", "false")


def test_files_picked_one_by_one_add_up_and_can_be_taken_out(page, tmp_path):
    page.goto("/thanh-phan")
    pick = page.locator("input[type=file]")
    for name, size in (("mot.jpg", 2000), ("hai.jpg", 21_000_000)):
        (tmp_path / name).write_bytes(b"x" * size)
        pick.set_input_files(tmp_path / name)
    names = "Array.from(document.querySelector('input[type=file]').files, (file) => file.name)"

    assert page.evaluate(names) == ["mot.jpg", "hai.jpg"]
    expect(page.get_by_text("Nặng quá mức, sẽ không gửi được")).to_have_count(1)
    page.get_by_role("button", name="Bỏ hai.jpg").click()
    assert page.evaluate(names) == ["mot.jpg"]


def test_keys_move_over_the_rows_and_choose(page):
    page.goto("/thanh-phan")
    rows = page.locator("table[data-rows] tbody tr")
    page.keyboard.press("k")  # from the current row, the third, up
    expect(rows.nth(1)).to_be_focused()
    page.keyboard.press("k")
    page.keyboard.press("x")

    expect(rows.nth(0).get_by_role("checkbox")).to_be_checked()
    expect(page.locator("[data-chosen]")).to_have_text("2")


def test_keys_are_silent_while_someone_types(page):
    page.goto("/thanh-phan")
    page.get_by_label("Họ và tên").press_sequentially("jkxn")

    expect(page.get_by_label("Họ và tên")).to_have_value("jkxn")
    expect(page.locator("[data-chosen]")).to_have_text("1")
