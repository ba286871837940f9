"""Roles and forms of delegation as people here say them."""

from __future__ import annotations

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.rules import Factor, SigningForm
from app.permissions import Role

ROLES = {
    Role.ADMINISTRATOR: _l("Quản trị"),
    Role.RECEPTION: _l("Cán bộ tiếp nhận"),
    Role.OFFICER: _l("Chuyên viên xử lý"),
    Role.DIVISION_HEAD: _l("Lãnh đạo phòng"),
    Role.OFFICE: _l("Văn phòng (xem lại trước khi ký)"),
    Role.HEAD: _l("Người đứng đầu, người ký"),
    Role.RECORDS: _l("Văn thư"),
    Role.FRONT: _l("Mặt trận Tổ quốc (giám sát)"),
    Role.STEERING: _l("Ban Chỉ đạo, cơ quan thường trực"),
    Role.OVERSEER: _l("Cơ quan được giao đôn đốc, kiểm tra"),
    Role.TRADE_UNION: _l("Công đoàn (ghi hộ người lao động)"),
    Role.AUDITOR: _l("Kiểm tra nhật ký"),
    Role.SEALED_INTAKE: _l("Người tiếp nhận tố cáo"),
}

#: What each role may do, in one line, beside its choice.
ROLE_HINTS = {
    Role.ADMINISTRATOR: _l("Đơn vị, người dùng, cài đặt; không đọc ý kiến người dân"),
    Role.RECEPTION: _l("Phân loại, ghi hộ, chuyển đơn vị, đăng bản công khai"),
    Role.OFFICER: _l("Nhận việc, hỏi thêm, soạn trả lời"),
    Role.DIVISION_HEAD: _l("Giao việc, xem lại bản soạn, duyệt gia hạn"),
    Role.OFFICE: _l("Xem lại văn bản trước khi trình ký"),
    Role.HEAD: _l("Ký, công khai, duyệt gia hạn, xem sổ theo dõi việc đã hứa, đôn đốc đơn vị cấp dưới"),
    Role.RECORDS: _l("Ghi số, ngày sau khi ký"),
    Role.FRONT: _l("Xem sổ theo dõi việc đã hứa, giám sát, kiến nghị, kiểm tra thực tế"),
    Role.STEERING: _l("Xem sổ theo dõi việc đã hứa và tình hình từng đơn vị, đôn đốc, quyết định mở lại việc"),
    Role.OVERSEER: _l("Xem sổ theo dõi việc đã hứa, đôn đốc, kiểm tra thực tế; tỉnh giao cho Sở Nội vụ hoặc cơ quan khác"),
    Role.TRADE_UNION: _l("Ghi ý kiến thay người lao động"),
    Role.AUDITOR: _l("Đọc nhật ký thao tác"),
    Role.SEALED_INTAKE: _l("Mở sổ niêm phong, mỗi lần mở ghi lý do; không ủy quyền được"),
}

#: How the deputy's signature begins (NĐ 30/2020, Phụ lục I).
DELEGATION_FORMS = {
    SigningForm.INSTEAD: _l("Ký thay (KT.)"),
    SigningForm.BY_ORDER: _l("Thừa lệnh (TL.)"),
    SigningForm.BY_WARRANT: _l("Thừa ủy quyền (TUQ.)"),
}

#: Who may use it (NĐ 30/2020, Điều 13), beside its choice.
DELEGATION_HINTS = {
    SigningForm.INSTEAD: _l("Chỉ cấp phó của người đứng đầu, chức vụ bắt đầu bằng chữ “Phó”"),
    SigningForm.BY_ORDER: _l("Người đứng đầu đơn vị bên dưới, như Chánh Văn phòng, Trưởng phòng"),
    SigningForm.BY_WARRANT: _l("Người đứng đầu đơn vị bên dưới, trường hợp đặc biệt, có văn bản ủy quyền ghi rõ việc và thời hạn"),
}

LANGUAGES = {"vi": "Tiếng Việt", "en": "English"}

#: What shows, besides the password, who signs in.
FACTORS = {
    Factor.APP: _l("ứng dụng xác thực"),
    Factor.PASSKEY: _l("khóa truy cập"),
    Factor.RECOVERY: _l("mã dự phòng"),
    Factor.PROVIDER: _l("nơi xác thực khác"),
}

#: Names of browsers and systems, as they call themselves everywhere.
NAMES = {
    "chrome": "Chrome", "firefox": "Firefox", "safari": "Safari", "edge": "Edge", "opera": "Opera", "coc_coc": "Cốc Cốc",
    "samsung": "Samsung Internet", "windows": "Windows", "android": "Android", "ios": "iPhone, iPad", "mac": "Mac",
    "chromeos": "Chromebook", "linux": "Linux",
}  # fmt: skip


def browser(kind: str) -> str:
    """Return a kind of browser (rules.kind_of_browser) as people call it."""
    names = [NAMES[part] for part in kind.split("/") if part in NAMES]
    return ", ".join(names) or _("Trình duyệt khác")
