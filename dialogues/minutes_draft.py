"""The minutes as a machine begins them: what was recorded, in the order of a session. A person edits and two people sign."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from types import MappingProxyType

from flask_babel import force_locale
from flask_babel import gettext as _

from app.assignments.rules import State
from app.formats import format_date
from dialogues import words
from dialogues.models import HandVote, Question, Session
from dialogues.queries import raised
from dialogues.rules import IN_THE_HALL, CountedIn, Part, unvoiced


def text_of(session: Session, speakers: Mapping[int, str] = MappingProxyType({})) -> str:
    """Return what was said, for the first text of the minutes; in Vietnamese, whatever language its writer reads.

    *speakers*: who had the floor with what they had sent before (question.id → name), as far as the writer may know.
    When and where it was, who chaired, wrote and came stand around it on the paper (papers/after.py).
    """
    # Hướng dẫn 04-HD/BDVTU, II.2.2: giới thiệu; báo cáo; Nhân dân phát biểu; trả lời; tiếp tục trao đổi; kết luận.
    with force_locale("vi"):
        parts = []
        for number, part in enumerate(Part, start=1):
            lines = list(_floor(session, speakers) if part == Part.FLOOR else _PARTS[part](session))
            parts.append("\n".join([f"{number}. {words.PARTS[part]}", *(lines or [str(_("Không có."))])]))
    return "\n\n".join(parts)


def _items(session: Session, part: Part) -> Iterator[str]:
    for item in session.agenda:
        if item.part != part:
            continue
        if item.title == words.PARTS[part]:  # stands above these lines already
            yield str(_("Người thực hiện: %(who)s.", who=item.presenter) if item.presenter else _("Đã thực hiện theo chương trình."))
        else:
            yield f"{item.title} ({item.presenter})." if item.presenter else f"{item.title}."


def _introduction(session: Session) -> Iterator[str]:
    yield from _items(session, Part.INTRODUCTION)
    for hall in session.halls:
        if hall.people_counted is not None:
            yield str(_("%(hall)s: %(people)s người dự.", hall=hall.name, people=hall.people_counted))


def _report(session: Session) -> Iterator[str]:
    yield from _items(session, Part.REPORT)
    yield from earlier_promises(session)


def earlier_promises(session: Session) -> Iterator[str]:
    """Yield of each promise of earlier sessions, as the report was frozen, whether it was done, and why not."""
    for row in session.earlier:
        if row.done:
            yield str(_("Việc đã cam kết kỳ trước, đã làm: %(title)s (%(unit)s).", title=row.title, unit=row.unit_name))
        else:
            yield str(
                _(
                    "Việc đã cam kết kỳ trước, chưa làm: %(title)s (%(unit)s). Lý do: %(why)s",
                    title=row.title,
                    unit=row.unit_name,
                    why=row.why_not,
                )
            )


def _floor(session: Session, speakers: Mapping[int, str]) -> Iterator[str]:
    for number, question in enumerate(raised(session), start=1):
        who = _asker(question, question.asker or speakers.get(question.id, ""))
        yield str(_("Câu %(number)s. %(who)s hỏi: %(text)s", number=number, who=who, text=question.text))


def _asker(question: Question, name: str) -> str:
    if name:
        return ", ".join(each for each in (name, question.comes_from) if each)
    if question.comes_from:
        return str(_("Một người ở %(place)s", place=question.comes_from))
    return str(_("Một người dân") if question.origin in IN_THE_HALL else _("Một người gửi câu hỏi trước"))


def _answers(session: Session) -> Iterator[str]:
    for number, question in enumerate(raised(session), start=1):
        if question.answer_kind is None:
            yield str(_("Câu %(number)s: chưa ghi trả lời.", number=number))
            continue
        kind = words.ANSWER_KINDS[question.answer_kind]
        how = _("%(kind)s (%(who)s)", kind=kind, who=question.answered_by) if question.answered_by else kind
        yield str(_("Câu %(number)s: %(how)s. %(text)s", number=number, how=how, text=question.answer)).strip()


def _floor_again(session: Session) -> Iterator[str]:
    for number, question in enumerate(raised(session), start=1):
        if question.rejected:
            yield str(_("Câu %(number)s: người hỏi không đồng ý. Đề nghị: %(wants)s", number=number, wants=question.rejected_wants))
    for vote in session.hand_votes:
        counted = _("hộ") if vote.counted_in == CountedIn.HOUSEHOLDS else _("người")
        yield " ".join(_vote(vote, str(counted)))


def _vote(vote: HandVote, counted: str) -> Iterator[str]:
    facts = {"subject": vote.subject, "agree": vote.agree, "counted": counted}
    if vote.present:
        yield _("Giơ tay biểu quyết về “%(subject)s”: %(agree)s trên %(present)s %(counted)s đồng ý.", present=vote.present, **facts)
    else:
        yield _("Giơ tay biểu quyết về “%(subject)s”: %(agree)s %(counted)s đồng ý.", **facts)
    if vote.disagree is not None:
        yield _("Không đồng ý: %(disagree)s %(counted)s.", disagree=vote.disagree, counted=counted)
    if rest := unvoiced(vote.agree, vote.disagree, vote.present):
        yield _("Không biểu quyết: %(rest)s %(counted)s.", rest=rest, counted=counted)


def _conclusion(session: Session) -> Iterator[str]:
    if session.conclusion:
        yield session.conclusion
    given = [row for row in session.promises if row.state != State.CANCELLED and row.due_on]
    petitions = {row.question_id: row for row in given if row.is_detail}  # told with the answer that waits for them
    for number, question in enumerate(raised(session), start=1):
        if question.promised_on and question.feedback:
            duty = next((each for each in reversed(question.feedback.assignments) if each.duty == "answer"), None)
            unit = duty.unit.name if duty else session.unit.name
            said = _("Câu %(number)s: %(unit)s trả lời chậm nhất %(day)s.", number=number, unit=unit, day=format_date(question.promised_on))
            if (petition := petitions.get(question.id)) is not None and petition.due_on:
                day = format_date(petition.due_on)
                said = f"{said} " + _("Kiến nghị lên %(body)s, chậm nhất %(day)s.", body=petition.beyond, day=day)
            yield said
    for row in given:
        if row in petitions.values() or row.due_on is None:
            continue
        facts = {"unit": row.unit.name, "title": row.title.rstrip(" .;,"), "day": format_date(row.due_on)}
        if row.beyond:
            yield _("%(unit)s kiến nghị lên %(body)s: %(title)s; chậm nhất %(day)s.", body=row.beyond, **facts)
        else:
            yield _("%(unit)s thực hiện: %(title)s; chậm nhất %(day)s.", **facts)


_PARTS = {
    Part.INTRODUCTION: _introduction,
    Part.REPORT: _report,
    Part.ANSWERS: _answers,
    Part.FLOOR_AGAIN: _floor_again,
    Part.CONCLUSION: _conclusion,
}
