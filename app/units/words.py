"""Kinds of units, places and signing steps as people here say them."""

from __future__ import annotations

from flask_babel import lazy_gettext as _l

from app.units.models import SigningStep, UnitKind

UNIT_KINDS = {
    UnitKind.GOVERNMENT: _l("Ủy ban nhân dân"),
    UnitKind.DEPARTMENT: _l("Sở, ban, ngành, phòng"),
    UnitKind.OFFICE: _l("Văn phòng"),
    UnitKind.INSPECTORATE: _l("Thanh tra"),
    UnitKind.POLICE: _l("Công an"),
    UnitKind.SERVICE: _l("Đơn vị sự nghiệp công lập"),
    UnitKind.ENTERPRISE: _l("Doanh nghiệp"),
    UnitKind.COUNCIL: _l("Hội đồng nhân dân"),
    UnitKind.PARTY: _l("Cơ quan Đảng"),
    UnitKind.FRONT: _l("Mặt trận Tổ quốc"),
    UnitKind.MASS: _l("Tổ chức chính trị - xã hội"),
    UnitKind.STEERING: _l("Ban Chỉ đạo"),
}

LEVELS = {"province": _l("Cấp tỉnh"), "commune": _l("Cấp xã")}

SIGNING_STEPS = {
    SigningStep.DIVISION_HEAD: _l("Lãnh đạo phòng xem"),
    SigningStep.OFFICE: _l("Văn phòng xem"),
    SigningStep.SIGNER: _l("Người có thẩm quyền ký"),
    SigningStep.RECORDS: _l("Văn thư ghi số, ngày"),
}
