"""Where it is seen whether promises were kept, and acted on. One module a room; pages.py is what they share."""

from __future__ import annotations

from flask import Flask
from flask_babel import lazy_gettext as _l

from app import navigation
from app.permissions import Permission
from oversight.papers import names as paper_names
from oversight.papers import paperwork
from oversight.views.staff import addressees as addressees
from oversight.views.staff import board as board
from oversight.views.staff import campaign_steps as campaign_steps
from oversight.views.staff import campaign_units as campaign_units
from oversight.views.staff import campaigns as campaigns
from oversight.views.staff import checklists as checklists
from oversight.views.staff import checks as checks
from oversight.views.staff import figures as figures
from oversight.views.staff import letters as letters
from oversight.views.staff import letters_owed as letters_owed
from oversight.views.staff import papers as papers
from oversight.views.staff import petitions as petitions
from oversight.views.staff import recommendations as recommendations
from oversight.views.staff import register as register
from oversight.views.staff import reopening as reopening
from oversight.views.staff import report_duties as report_duties
from oversight.views.staff import reports as reports
from oversight.views.staff import samples as samples
from oversight.views.staff import story as story
from oversight.views.staff import supervision as supervision
from oversight.views.staff import target_rules as target_rules
from oversight.views.staff import targets as targets
from oversight.views.staff import watching as watching
from oversight.views.staff.pages import MENU, begins_here
from oversight.views.staff.pages import bp as bp

P = Permission


def init_app(app: Flask) -> None:
    """Register the pages and their menu."""
    app.register_blueprint(bp)
    watching.init_app(app)
    checks.init_app()
    entry = navigation.Entry
    anyone_here = (P.REGISTER_READ, P.OVERSIGHT_REPORT, P.FEEDBACK_HANDLE)
    # One entry in the bar, which has little room; the rooms are the tabs below it.
    navigation.add(app, "staff", entry(_l("Theo dõi"), "oversight.first_room", 50, anyone_here, home=begins_here))
    navigation.add(app, MENU, entry(_l("Sổ theo dõi"), "oversight.register", 10, (P.REGISTER_READ,)))
    navigation.add(app, MENU, entry(_l("Số liệu"), "oversight.overview", 15, (P.REGISTER_READ,)))
    paperwork.register()
    app.add_template_filter(paper_names.TYPES.__getitem__, "oversight_paper_type")  # notices name papers, too
    navigation.add(app, MENU, entry(_l("Ký, ghi số"), "oversight.oversight_papers", 70, papers.HANDS, count=papers.waiting))
    sends = (*letters.SENDS, P.OVERSIGHT_SIGN)
    navigation.add(app, MENU, entry(_l("Văn bản gửi đi"), "oversight.letters_sent", 50, sends))
    navigation.add(app, MENU, entry(_l("Văn bản gửi đến"), "oversight.letters_owed", 55, letters_owed.ANSWERS, count=letters_owed.owed))
    numbers = entry(
        _l("Văn bản giám sát chờ ghi số"), "oversight.oversight_papers", 20, (P.FEEDBACK_NUMBER,), count=papers.waiting_for_number
    )
    navigation.add(app, "numbers", numbers)
    manages = (P.SETTINGS_MANAGE,)
    navigation.add(app, "admin", entry(_l("Quy định về báo cáo"), "oversight.report_duties", 76, manages, install_wide=True))
    navigation.add(app, "admin", entry(_l("Quy định về chỉ tiêu"), "oversight.target_rules", 77, manages, install_wide=True))
    navigation.add(app, "admin", entry(_l("Bảng câu hỏi giám sát"), "oversight.checklists", 78, manages, install_wide=True))
    navigation.add(app, "admin", entry(_l("Mẫu kiểm tra hằng tháng"), "oversight.samples", 79, manages, install_wide=True))
    navigation.add(app, MENU, entry(_l("Báo cáo"), "oversight.reports", 60, reports.HANDS, count=reports.to_receive_count))
    navigation.add(app, MENU, entry(_l("Đang theo dõi"), "oversight.watching", 90, (P.REGISTER_READ,)))
    navigation.add(app, MENU, entry(_l("Kiểm tra thực tế"), checks.ROOM, 30, (P.REGISTER_READ,), count=checks.to_look_count))
    decides = entry(_l("Quyết định mở lại"), reopening.ROOM, 35, (P.OVERSIGHT_DECIDE,), count=reopening.count, shown=reopening.decides)
    navigation.add(app, MENU, decides)
    navigation.add(app, MENU, entry(_l("Giám sát"), "oversight.supervision", 50, supervision.HANDS, count=supervision.waiting))
