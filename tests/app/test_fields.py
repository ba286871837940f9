"""Fields of our own: a date in three inputs, and the list of a form's errors."""

import datetime as dt

import pytest
from werkzeug.datastructures import MultiDict
from wtforms import FieldList, Form, FormField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired

from app.fields import DatePartsField, form_errors
from tests.app.tiny_site import make_site


class WhenForm(Form):
    when = DatePartsField("Ngày")


@pytest.fixture(autouse=True)
def _vietnamese():
    with make_site().test_request_context("/"):
        yield


@pytest.mark.parametrize(
    ("typed", "date"),
    [
        (["27", "11", "2026"], dt.date(2026, 11, 27)),
        ([" 05 ", "1", "2027"], dt.date(2027, 1, 5)),
        (["29", "2", "2028"], dt.date(2028, 2, 29)),  # a leap year
        (["2026-11-27"], dt.date(2026, 11, 27)),  # from the API
        (["27/11/2026"], dt.date(2026, 11, 27)),  # in an address
        ([" 5.1.2027"], dt.date(2027, 1, 5)),
        (["", "", ""], None),
        ([], None),
    ],
)
def test_three_inputs_make_a_date(typed, date):
    form = WhenForm(MultiDict({"when": typed}))

    assert form.validate()
    assert form.when.data == date


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        (["31", "11", "2026"], "Ngày 31/11/2026 không có trong lịch: tháng 11 có 30 ngày"),
        (["29", "2", "2026"], "tháng 2 có 28 ngày"),
        (["0", "1", "2026"], "không có trong lịch"),
        (["1", "13", "2026"], "Tháng phải từ 1 đến 12"),
        (["27", "", "2026"], "Ghi đủ ngày, tháng, năm"),
        (["27", "11"], "Ghi đủ ngày, tháng, năm"),
        (["hai", "11", "2026"], "Ghi ngày bằng số"),
        (["²", "11", "2026"], "Ghi ngày bằng số"),  # str.isdigit() would take it
        (["-1", "11", "2026"], "Ghi ngày bằng số"),
        (["1", "1", "26"], "Ghi năm đủ bốn số"),
        (["1", "1", "9999"], "Ghi năm đủ bốn số"),
        (["1", "1", "99999999999"], "Ghi ngày bằng số"),
    ],
)
def test_what_is_no_date_is_refused_in_words_and_shown_again(typed, says):
    form = WhenForm(MultiDict({"when": typed}))

    assert not form.validate()
    assert says in " ".join(str(error) for error in form.when.errors)
    assert form.when.parts == tuple([*typed, "", ""][:3])


def test_stored_date_is_shown_in_its_parts():
    assert WhenForm(data={"when": dt.date(2027, 1, 5)}).when.parts == ("5", "1", "2027")


def test_errors_lead_to_the_input_of_each_field_in_order():
    class SignerForm(Form):
        name = StringField(validators=[InputRequired("Ghi họ tên")])

    class WholeForm(Form):
        kind = RadioField(validators=[InputRequired("Chọn một loại")], choices=[SelectChoice("a", "A")])
        when = DatePartsField()
        signer = FormField(SignerForm)
        others = FieldList(FormField(SignerForm), min_entries=1)

    form = WholeForm(MultiDict({"when": ["1", "", ""]}))
    form.validate()
    form.form_errors.append("Phiên đã hết")

    assert form_errors(form) == [
        ("", "Phiên đã hết"),
        ("kind-0", "Chọn một loại"),
        ("when", "Ghi đủ ngày, tháng, năm; ví dụ 15 10 2026"),
        ("signer-name", "Ghi họ tên"),
        ("others-0-name", "Ghi họ tên"),
    ]
