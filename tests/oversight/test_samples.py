"""The sample of each month: drawn fairly, once, and drawn again from its seed; and the pages of looks and samples."""

from __future__ import annotations

import datetime as dt
import io
import re
from collections import Counter

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image

from app import clock
from app.assignments.rules import State
from app.database import db
from app.permissions import Role
from oversight import jobs
from oversight.checks import checked
from oversight.models import CheckSample, CheckTask, SpotCheck
from oversight.operations import looking, sampling
from oversight.rules import drawing
from oversight.rules.drawing import Amount
from tests.factories import make_user, sign_in
from tests.feedback import builders
from tests.feedback.builders import actions, at, told
from tests.feedback.test_races import at_once
from tests.oversight import looks

AUGUST = dt.date(2026, 8, 1)
#: The first of the month after, when the job draws.
FIRST = dt.datetime(2026, 9, 1, 6, 0, tzinfo=clock.LOCAL)
CANDIDATES = st.fixed_dictionaries({"act": st.lists(st.integers(1, 10**6), unique=True)}).flatmap(
    lambda made: st.lists(st.integers(10**6 + 1, 2 * 10**6), unique=True).map(lambda others: made | {"answer": others})
)


# --- the draw, without a database ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("number", "drawn"), [(0, 0), (3, 3), (5, 5), (99, 5), (101, 6), (200, 10), (1200, 60), (90_000, 60)])
def test_a_share_is_drawn_not_less_and_not_more_than_so_many(number, drawn):
    assert Amount(5, 5, 60).of(number) == drawn


@settings(max_examples=60)
@given(CANDIDATES, st.integers(0, 40), st.text("0123456789abcdef", min_size=1, max_size=32))
def test_the_same_seed_draws_the_same_and_only_candidates(candidates, wanted, seed):
    size = min(wanted, sum(map(len, candidates.values())))
    drawn = drawing.draw(candidates, size, seed)
    assert len(set(drawn)) == len(drawn) == size
    assert set(drawn) <= {id_ for ids in candidates.values() for id_ in ids}
    shuffled = {stratum: ids[::-1] for stratum, ids in reversed(candidates.items())}
    assert drawing.draw(shuffled, size, seed) == drawn
    assert drawing.digest(shuffled) == drawing.digest(candidates)
    parts = drawing.shares(candidates, size)
    assert all(parts.get(stratum, 0) <= len(ids) for stratum, ids in candidates.items())


def test_every_candidate_is_drawn_about_as_often():
    often = Counter(id_ for seed in range(2000) for id_ in drawing.draw({"act": list(range(20))}, 5, f"{seed:x}"))
    assert len(often) == 20
    assert all(400 < number < 600 for number in often.values())  # 500 are expected; five standard deviations are 97


def test_each_duty_has_its_share():
    assert drawing.shares({"act": list(range(30)), "answer": list(range(30, 100))}, 10) == {"act": 3, "answer": 7}
    assert drawing.shares({"act": [1], "answer": [2]}, 1) == {"act": 1, "answer": 0}


def test_whoever_swaps_one_candidate_changes_the_digest():
    assert drawing.digest({"act": [1, 2]}) != drawing.digest({"act": [1, 3]}) != drawing.digest({"answer": [1, 3]})


def test_the_draw_is_what_anybody_counts_from_a_sha_256():
    # printf 'ab:1' | sha256sum and so on: the smallest first.
    assert drawing.draw({"act": [1, 2, 3, 4, 5, 6]}, 3, "ab") == [5, 1, 2]


# --- drawn from what was reported done ----------------------------------------------------------------------------------------


@pytest.fixture
def province(app):
    made = builders.make_province()
    sampling.load_shipped(now=at(0))
    return made


def drawn_ids(sample):
    return {task.assignment_id for task in sample.tasks}


def test_only_what_was_reported_done_that_month_and_not_looked_at_is_drawn_from(province):
    row, seen, open_ = looks.kept(province), looks.kept(province), builders.taken(province).open_answer
    looks.look(seen, province.front_reader)
    late = looks.kept(province, now=FIRST)
    sample = sampling.draw(AUGUST, now=FIRST)
    answers = {each.id for item in (row, seen, late) for each in item.feedback.assignments if each.duty == "answer"}
    assert drawn_ids(sample) == {row.id, *answers}
    assert not {seen.id, open_.id, late.id} & drawn_ids(sample)
    assert (sample.number, sample.size) == (4, 4)


def test_it_is_drawn_once_and_told(province):
    looks.kept(province)
    first = sampling.draw(AUGUST, now=FIRST)
    looks.kept(province)
    assert sampling.draw(AUGUST, now=FIRST) is first
    assert actions(first) == ["check_sample.drawn"]
    assert ("sample_drawn", province.front_reader.name) in told(first)


def test_a_month_that_is_not_over_is_not_drawn(province):
    with pytest.raises(sampling.MonthNotOver):
        sampling.draw(AUGUST, now=at(27))


def test_without_a_rule_nothing_is_drawn(app):
    builders.make_province()
    with pytest.raises(sampling.NoSamplingRule):
        sampling.draw(AUGUST, now=FIRST)


def test_drawn_again_it_is_the_same(province):
    for _ in range(4):
        looks.kept(province)
    sample = sampling.draw(AUGUST, now=FIRST)
    looks.look(sample.tasks[0].assignment, province.front_reader, now=FIRST, looked_on=FIRST.date())  # what comes after changes no draw
    assert sampling.draws_again(sample)


@pytest.mark.parametrize("swapped", ["seed", "candidates", "digest too", "list"])
def test_whoever_changes_the_draw_is_found_out(province, swapped):
    for _ in range(4):
        looks.kept(province)
    other = looks.kept(province, now=FIRST)
    sample = sampling.draw(AUGUST, now=FIRST)
    if swapped == "seed":
        sample.seed = "0" * 32
    elif swapped == "list":
        sample.tasks[0].assignment_id = other.id
    else:
        sample.candidates = {"act": [other.id]}
    if swapped == "digest too":
        sample.candidates_digest = drawing.digest(sample.candidates)
    db.session.flush()
    assert not sampling.draws_again(sample)


def test_progress_is_what_was_looked_at_and_what_was_right(province):
    looks.superior(province)
    for _ in range(2):
        looks.kept(province)
    sample = sampling.draw(AUGUST, now=FIRST)
    one, two, *_rest = sample.tasks
    looks.look(one.assignment, province.front_reader, now=FIRST, looked_on=FIRST.date())
    looks.look(two.assignment, province.front_reader, right=False, now=FIRST, looked_on=FIRST.date())
    assert checked.progress([sample.id]) == {sample.id: (2, 1)}


def test_another_share_holds_from_its_day_on_and_the_one_before_stays_written(province):
    administrator = make_user(roles=[(Role.ADMINISTRATOR, None)])
    said = {
        "name": "Rút mẫu",
        "share": 20,
        "minimum": 1,
        "maximum": 9,
        "source": "KH 12",
        "evidence": "seen",
        "effective_from": FIRST.date(),
    }
    sampling.change_rule(said, actor=administrator, now=at(10))
    assert sampling.rule_on(at(10).date()).share == 5
    assert sampling.rule_on(FIRST.date()).share == 20
    with pytest.raises(sampling.ShareOutside):
        sampling.change_rule(said | {"minimum": 10, "effective_from": at(60).date()}, actor=administrator, now=at(10))


def test_two_draws_at_once_are_one(fresh_app):
    province = builders.make_province()
    sampling.load_shipped(now=at(0))
    looks.kept(province)
    draw = lambda: sampling.draw(AUGUST, now=FIRST)  # noqa: E731
    assert at_once(fresh_app, draw, draw) == ["done", "done"]
    assert db.session.query(CheckSample).count() == 1
    assert db.session.query(CheckTask).count() == 2


def test_the_job_draws_and_a_second_run_finds_it_drawn(province, monkeypatch):
    looks.kept(province)
    monkeypatch.setattr(clock, "now", lambda: FIRST)
    jobs.draw_sample()
    seed = checked.sample_of(AUGUST).seed
    jobs.draw_sample()
    assert [each.seed for each in db.session.query(CheckSample)] == [seed]


def test_the_command_draws_it_again(app, province):
    looks.kept(province)
    sample = sampling.draw(AUGUST, now=FIRST)
    runner = app.test_cli_runner()
    assert sample.seed in runner.invoke(args=["repeat-draw", "2026-08"]).output
    assert runner.invoke(args=["repeat-draw", "2026-07"]).exit_code == 1
    sample.seed = "0"
    db.session.flush()
    assert runner.invoke(args=["repeat-draw", "2026-08"]).exit_code == 1


# --- the pages ------------------------------------------------------------------------------------------------------------------


@pytest.fixture
def today(monkeypatch):
    """Let it be the 1st of September on every page."""
    monkeypatch.setattr(clock, "now", lambda: FIRST.replace(hour=9))


def post(client, address, data=None, *, via=None):
    """Send the form at *address* as its page (or the one *via*) gives it, and go where that leads."""
    token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get(via or address).text)
    return client.post(address, data={"csrf_token": token[1]} | (data or {}), follow_redirects=True)


def picture():
    file = io.BytesIO()
    Image.new("RGB", (40, 30), "grey").save(file, "JPEG")
    return io.BytesIO(file.getvalue()), "cho.jpg"


def form(**over):
    return {"as_reported": "yes", "looked_on": ["1", "9", "2026"], "note": "Đèn sáng.", "place": "Đầu ngõ 12"} | over


def test_mttq_looks_with_a_photograph_and_the_unit_reads_it(client, province, today):
    row = looks.kept(province)
    sign_in(client, province.front_reader)
    assert f'href="/can-bo/kiem-tra-thuc-te/viec/{row.id}"' in client.get(f"/can-bo/viec-da-cam-ket/{row.id}").text
    page = post(client, f"/can-bo/kiem-tra-thuc-te/viec/{row.id}", form(photos=picture())).text
    assert "Đã ghi kết quả kiểm tra thực tế" in page
    assert "kiểm tra thực tế: đúng như đã báo" in page
    check = db.session.query(SpotCheck).one()
    assert db.session.get(type(row), row.id).state == State.VERIFIED
    sign_in(client, province.officer)
    page = client.get(f"/can-bo/kiem-tra-thuc-te/ket-qua/{check.id}").text
    assert "Đầu ngõ 12" in page
    photo = client.get(f"/can-bo/kiem-tra-thuc-te/ket-qua/{check.id}/anh/{check.photos[0].file.uid}")
    assert photo.mimetype == "image/jpeg"
    sign_in(client, province.health_officer)
    assert client.get(f"/can-bo/kiem-tra-thuc-te/ket-qua/{check.id}").status_code == 404


@pytest.mark.parametrize(
    ("over", "says"),
    [
        ({"note": " "}, "Ghi đã thấy gì tại chỗ"),
        ({"as_reported": "maybe"}, "Chọn đúng hoặc chưa đúng"),
        ({"looked_on": ["", "", ""]}, "Ghi ngày đến xem"),
        ({"looked_on": ["1", "8", "2026"]}, "trước ngày đơn vị báo đã xong"),
        ({"looked_on": ["2", "9", "2026"]}, "Ngày đến xem chưa tới"),
    ],
)
def test_what_is_missing_is_said_and_what_was_typed_stays(client, province, today, over, says):
    row = looks.kept(province)
    sign_in(client, province.front_reader)
    answer = post(client, f"/can-bo/kiem-tra-thuc-te/viec/{row.id}", form(**over))
    assert answer.status_code == 422
    assert says in answer.text
    assert "Đầu ngõ 12" in answer.text


def test_the_unit_has_no_button_and_no_page_to_look(client, province, today):
    row = looks.kept(province)
    sign_in(client, province.head)
    page = client.get(f"/can-bo/viec-da-cam-ket/{row.id}").text
    assert "/can-bo/kiem-tra-thuc-te/viec/" not in page
    assert client.get(f"/can-bo/kiem-tra-thuc-te/viec/{row.id}").status_code == 403


def test_the_superior_decides_on_a_page_and_a_second_press_is_told(client, province, today):
    chief, row = looks.superior(province), looks.kept(province)
    question = looks.look(row, province.front_reader, right=False).question
    sign_in(client, province.head)
    assert client.get(f"/can-bo/mo-lai/{question.id}").status_code == 404
    sign_in(client, chief)
    assert "Sở Xây dựng" in client.get("/can-bo/mo-lai").text
    address, said = f"/can-bo/mo-lai/{question.id}", {"reopened": "yes", "due_on": ["20", "9", "2026"], "reason": "Làm lại."}
    wrong = post(client, address, said | {"due_on": ["1", "9", "2026"]})
    assert wrong.status_code == 422
    assert "phải sau hôm nay" in wrong.text
    assert "Đã ghi quyết định" in post(client, address, said).text
    assert "Đã có quyết định về việc này" in post(client, address, said, via="/tai-khoan").text
    assert "Không có việc nào chờ" in client.get("/can-bo/mo-lai").text


@pytest.mark.parametrize("view", ["", "?xem=da-xem", "?xem=cho-quyet-dinh", "?xem=nham&sau=nham"])
def test_each_list_opens_with_what_is_in_it(client, province, today, view):
    looks.superior(province)
    rows = [looks.kept(province) for _ in range(3)]
    looks.look(rows[0], province.front_reader, right=False)
    looking.ask(rows[1], actor=province.front_reader, now=at(8))
    sign_in(client, province.front_reader)
    page = client.get(f"/can-bo/kiem-tra-thuc-te{view}").text
    assert (rows[1] if view in {"", "?xem=nham&sau=nham"} else rows[0]).reference in page


def test_somebody_is_sent_from_the_list(client, province, today):
    task = looking.ask(looks.kept(province), actor=province.front_reader, now=at(8))
    sign_in(client, province.front_reader)
    address = f"/can-bo/kiem-tra-thuc-te/phan-cong/{task.id}"
    assert post(client, address, {"looker": "0"}).status_code == 422
    page = post(client, address, {"looker": str(province.front_reader.id), "planned_on": ["3", "9", "2026"]})
    assert "Đã phân công" in page.text


def test_the_sample_is_drawn_by_hand_shown_and_drawn_again(client, province, today):
    row = looks.kept(province)
    sign_in(client, province.front_reader)
    assert client.get("/can-bo/mau-kiem-tra/2026/8").status_code == 404
    assert "Đã rút mẫu tháng 8/2026" in post(client, "/can-bo/mau-kiem-tra/rut", via="/can-bo/mau-kiem-tra").text
    page = client.get("/can-bo/mau-kiem-tra/2026/8").text
    assert row.reference in page
    assert checked.sample_of(AUGUST).seed in page
    assert "ra đúng danh sách này" in post(client, "/can-bo/mau-kiem-tra/2026/8/rut-lai", via="/can-bo/mau-kiem-tra/2026/8").text
    assert client.get("/can-bo/mau-kiem-tra/2026/13").status_code == 404


def test_an_administrator_sets_the_share(client, province, today):
    sign_in(client, make_user(roles=[(Role.ADMINISTRATOR, None)]))
    said = {"name": "Rút mẫu", "share": "10", "minimum": "3", "maximum": "2", "source": "KH 12", "effective_from": ["5", "9", "2026"]}
    assert "Số ít nhất lớn hơn" in post(client, "/can-bo/mau-kiem-tra/ty-le", said).text
    assert "Đã đặt quy định" in post(client, "/can-bo/mau-kiem-tra/ty-le", said | {"maximum": "30"}).text
    assert "mười" in post(client, "/can-bo/mau-kiem-tra/ty-le", said | {"share": "mười"}).text
    later = {"maximum": "40", "share": "25", "effective_from": ["5", "1", "2027"]}
    assert "Đã đặt quy định" in post(client, "/can-bo/mau-kiem-tra/ty-le", said | later).text
    page = client.get("/can-bo/mau-kiem-tra").text
    assert "Từ ngày 5/1/2027: 25% số việc" in page
    assert 'href="/can-bo/kiem-tra' not in page  # what an administrator may not open
    assert "/can-bo/mau-kiem-tra" in client.get("/quan-tri/").text
    sign_in(client, province.front_reader)
    assert client.get("/can-bo/mau-kiem-tra/ty-le").status_code == 403
