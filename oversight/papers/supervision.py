"""The papers of supervision: the plan of the year, the notice of a campaign, and its conclusion with what was found and recommended."""

from __future__ import annotations

from app.database import db
from app.formats import upper_first
from app.permissions import Reach
from dialogues.papers import parts
from dialogues.papers.parts import Section
from oversight import papers, supervision
from oversight.models import Campaign, CampaignTarget, SupervisionPlan
from oversight.models.papers import OversightPaper
from oversight.papers import Body
from oversight.rules.papers import PaperType
from oversight.rules.supervision import FindingKind, Result, Side
from oversight.supervision import words as supervision_words

#: More units than these are listed on a page of their own.
FEW = 10
_QUARTERS = ("", "I", "II", "III", "IV")
#: Of the words a paper begins with: the body's own, put in others by whoever writes it.
PURPOSE = (
    "Giám sát việc thực hiện dân chủ ở cơ sở, việc tiếp thu và giải quyết ý kiến, kiến nghị của Nhân dân; kịp thời phát hiện, kiến nghị "
    "khắc phục hạn chế. Giám sát đúng thẩm quyền, đúng trình tự, không làm cản trở hoạt động của đơn vị được giám sát."
)
CARRYING_OUT = (
    "Căn cứ Kế hoạch này, từng cuộc giám sát được thông báo trước cho đơn vị được giám sát. "
    "Đơn vị được giám sát chuẩn bị báo cáo và cử người làm việc với đoàn."
)
#: Law and plan above the notice; who issues it may put others. Only the law that every body here supervises is named.
LAW = "Căn cứ Luật Thực hiện dân chủ ở cơ sở số 10/2022/QH15"
FOLLOWING = (
    "Đơn vị được giám sát thực hiện kiến nghị đúng hạn và báo kết quả kèm tài liệu chứng minh. "
    "Đoàn giám sát theo dõi, xác nhận việc thực hiện."
)


def plan_of(paper: OversightPaper) -> SupervisionPlan | None:
    """Return the plan that *paper* is of."""
    return db.session.scalar(db.select(SupervisionPlan).where(SupervisionPlan.paper_id == paper.id))


def campaign_of(paper: OversightPaper) -> Campaign | None:
    """Return the campaign that *paper* announces or concludes."""
    return db.session.scalar(db.select(Campaign).where(db.or_(Campaign.notice_id == paper.id, Campaign.paper_id == paper.id)))


def _year_plan(paper: OversightPaper) -> Body:
    plan = plan_of(paper)
    assert plan is not None
    lines = sorted(plan.lines, key=lambda line: (line.quarter, line.position))  # those just typed stand as they were typed
    rows = [[f"Quý {_QUARTERS[line.quarter]}", line.theme, line.whom, str(supervision_words.FORMS[line.form]), line.lead] for line in lines]
    head = ("STT", "Thời gian", "Chuyên đề", "Đơn vị được giám sát", "Hình thức", "Chủ trì")
    table = parts.table("Các cuộc giám sát trong năm", head, (1, 2, 5, 4, 3, 3), rows)
    return Body(
        name="Kế hoạch",
        about=f"Giám sát năm {plan.year}",
        sections=[
            Section("purpose", "I. Mục đích, yêu cầu", PURPOSE),
            Section("themes", "II. Nội dung, thời gian", "" if rows else parts.TO_WRITE, table),
            Section("carrying_out", "III. Tổ chức thực hiện", CARRYING_OUT),
        ],
        copies=("Các đơn vị được giám sát", "Lưu: VT"),
    )


def _notice(paper: OversightPaper) -> Body:
    campaign = campaign_of(paper)
    assert campaign is not None
    plan = campaign.line.plan if campaign.line is not None else None
    issued = plan.paper if plan is not None else None
    basis = f"Căn cứ Kế hoạch số {issued.number} của {campaign.unit.name} về giám sát năm {plan.year}" if plan and issued else ""
    team = [[each.name, each.title, str(supervision_words.PARTS[each.part])] for each in campaign.members]
    asked = [[question.text] for question in campaign.questions]
    return Body(
        name="Thông báo",
        about=upper_first(_named(campaign.theme)),
        grounds=(LAW, basis) if basis else (LAW,),
        copies=_told(campaign),
        sections=[
            Section(
                "facts",
                "I. Nội dung, thời gian",
                parts.lines(
                    f"Chuyên đề: {campaign.theme}.",
                    f"Đơn vị được giám sát: {_units(campaign)}.",
                    f"Thời kỳ giám sát: {_period(campaign)}.",
                    f"Thời gian giám sát: từ {parts.short_day(campaign.starts_on)} đến {parts.short_day(campaign.ends_on)}.",
                    f"Hình thức: {str(supervision_words.FORMS[campaign.form]).lower()}.",
                ),
            ),
            Section(
                "team", "II. Đoàn giám sát", "", parts.table("Đoàn giám sát", ("STT", "Họ tên", "Chức vụ", "Vai trò"), (1, 5, 7, 3), team)
            ),
            Section(
                "prepare",
                "III. Đơn vị được giám sát chuẩn bị",
                parts.lines(
                    campaign.prepare,
                    f"Tự kiểm tra theo các nội dung dưới đây và gửi báo cáo trước hết ngày {parts.short_day(campaign.report_due_on)}.",
                ),
            ),
            Section("questions", "IV. Nội dung kiểm tra", "", parts.table("Nội dung kiểm tra", ("STT", "Nội dung"), (1, 15), asked)),
            *_listed(campaign),
        ],
    )


def _named(theme: str) -> str:
    """Say that somebody supervises, where the theme does not say so itself, as "Giám sát việc tiếp công dân" does."""
    return theme[:1].lower() + theme[1:] if theme.startswith(("Giám sát ", "Kiểm tra ")) else f"giám sát: {theme}"


def _period(campaign: Campaign) -> str:
    return f"từ {parts.short_day(campaign.period_from)} đến {parts.short_day(campaign.period_to)}"


def _told(campaign: Campaign) -> tuple[str, ...]:
    units = dict.fromkeys(target.answering.name for target in campaign.targets)
    return (*(units if len(campaign.targets) <= FEW else ["Các đơn vị được giám sát"]), "Lưu: VT")


def _conclusion(paper: OversightPaper) -> Body:
    campaign = campaign_of(paper)
    assert campaign is not None
    team = "; ".join(
        f"{member.name}{f', {member.title}' if member.title else ''} ({str(supervision_words.PARTS[member.part]).lower()})"
        for member in campaign.members
    )
    faults = [finding for finding in campaign.findings if finding.kind == FindingKind.FAULT]
    recommended = [[each.target.unit.name, each.recommendation, parts.short_day(each.due_on)] for each in faults]
    return Body(
        name="Thông báo",
        about=f"Kết luận {_named(campaign.theme)}",
        copies=_told(campaign),
        sections=[
            Section(
                "facts",
                "I. Việc giám sát",
                parts.lines(
                    f"Đơn vị được giám sát: {_units(campaign)}.",
                    f"Thời kỳ giám sát: {_period(campaign)}. Thời gian giám sát: từ {parts.short_day(campaign.starts_on)} "
                    f"đến {parts.short_day(campaign.ends_on)}.",
                    f"Hình thức: {str(supervision_words.FORMS[campaign.form]).lower()}.",
                    f"Đoàn giám sát: {team}.",
                ),
            ),
            Section(
                "checked",
                "II. Kết quả kiểm tra",
                f"Kiểm tra theo {len(campaign.questions)} nội dung.",
                parts.table(
                    "Kết quả theo từng nội dung", ("STT", "Đơn vị", "Nội dung", "Kết quả", "Ghi chú"), (1, 4, 6, 2, 4), _checked(campaign)
                ),
            ),
            Section("found", "III. Nhận định", parts.lines(*(_found(target) for target in campaign.targets)) or parts.TO_WRITE),
            Section(
                "recommended",
                "IV. Kiến nghị",
                "" if recommended else "Không có kiến nghị.",
                parts.table("Việc phải khắc phục", ("STT", "Đơn vị", "Kiến nghị", "Hạn"), (1, 4, 8, 2), recommended),
            ),
            Section(
                "following", "V. Tổ chức thực hiện", FOLLOWING if recommended else "Thông báo này gửi các đơn vị được giám sát để biết."
            ),
            *_listed(campaign),
        ],
    )


def _units(campaign: Campaign) -> str:
    """Name the units; many stand on a list of their own, after the signature."""
    if len(campaign.targets) > FEW:
        return f"{len(campaign.targets)} đơn vị theo danh sách kèm theo"
    return "; ".join(map(_unit, campaign.targets))


def _unit(target: CampaignTarget) -> str:
    """Name a unit, with its heir where it ended meanwhile."""
    return target.unit.name if target.answering_id == target.unit_id else f"{target.unit.name} (nay là {target.answering.name})"


def _listed(campaign: Campaign) -> list[Section]:
    if len(campaign.targets) <= FEW:
        return []
    table = parts.table("Đơn vị được giám sát", ("STT", "Đơn vị"), (1, 15), [[_unit(each)] for each in campaign.targets])
    return [Section("units", "Danh sách đơn vị được giám sát", "", table, appendix=True)]


def _checked(campaign: Campaign) -> list[list[str]]:
    rows = []
    for target in campaign.targets:
        said = {(answer.question_id, answer.side): answer for answer in target.answers}
        for question in campaign.questions:
            answer = said.get((question.id, Side.TEAM)) or said.get((question.id, Side.UNIT))
            result = str(supervision_words.RESULTS[answer.result]) if answer else parts.TO_WRITE
            rows.append([target.unit.name, question.text, result, answer.note if answer else ""])
    return rows


def _found(target: CampaignTarget) -> str:
    met = sum(answer.result == Result.MET for answer in target.answers if answer.side == Side.TEAM)
    lines = [f"{target.unit.name}:" + (f" đạt {met} nội dung." if met else "")]
    for finding in target.findings:
        word = "Việc làm đúng" if finding.kind == FindingKind.RIGHT else "Hạn chế, thiếu sót"
        # Chỉ thị 09-CT/TU điểm 7 (as told in law.md §6 item 23): a fault that stems from not observing democracy "phải nêu rõ".
        cause = f" Nguyên nhân do không thực hiện dân chủ ở cơ sở: {finding.cause}" if finding.undemocratic else ""
        lines.append(f"- {word}: {finding.text}{cause}")
    if target.comments:
        lines.append(f"- Ý kiến của đơn vị: {target.comments}")
    return "\n".join(lines)


def _to(paper: OversightPaper) -> tuple[str, ...]:
    """Return the units that a notice announces supervision to."""
    campaign = campaign_of(paper)
    return tuple(target.unit.name for target in campaign.targets) if campaign is not None else ()


def _reads(reach: Reach, paper: OversightPaper) -> bool:
    """A notice and a conclusion are for the units that are supervised, and for whoever reads the supervision."""
    campaign = campaign_of(paper)
    return campaign is not None and any(supervision.may_read_target(reach, target) for target in campaign.targets)


papers.BODIES |= {
    PaperType.SUPERVISION_PLAN: _year_plan,
    PaperType.SUPERVISION_NOTICE: _notice,
    PaperType.SUPERVISION_CONCLUSION: _conclusion,
}
papers.TO[PaperType.SUPERVISION_NOTICE] = _to
papers.READERS |= dict.fromkeys((PaperType.SUPERVISION_NOTICE, PaperType.SUPERVISION_CONCLUSION), _reads)
