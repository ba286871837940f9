"""Units, what took their place, the places they answer for, and the fields of public business."""

from __future__ import annotations

import datetime as dt
from enum import StrEnum

from sqlalchemy import Date, ForeignKey, Index
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app import kept
from app.database import Base


class UnitKind(StrEnum):
    """What a unit is in the system of government (law.md §5)."""

    PARTY = "party"
    COUNCIL = "council"
    GOVERNMENT = "government"  # Ủy ban nhân dân
    DEPARTMENT = "department"  # sở, phòng
    OFFICE = "office"
    INSPECTORATE = "inspectorate"
    POLICE = "police"
    FRONT = "front"  # Mặt trận Tổ quốc
    MASS = "mass"  # tổ chức chính trị - xã hội
    STEERING = "steering"
    SERVICE = "service"  # đơn vị sự nghiệp công lập
    ENTERPRISE = "enterprise"


class SigningStep(StrEnum):
    """A hand through which a paper goes before it leaves: chuyên viên drafts, these follow."""

    DIVISION_HEAD = "division_head"  # lãnh đạo phòng
    OFFICE = "office"  # văn phòng
    SIGNER = "signer"  # người ký
    RECORDS = "records"  # văn thư: số, ngày


class Place(Base):
    """A province, a commune, or a village in one."""

    __tablename__ = "place"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True, comment="official code of the General Statistics Office")
    name: Mapped[str]
    kind: Mapped[str] = mapped_column(comment="province, ward, commune, special_zone, village")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    folded: Mapped[str] = mapped_column(comment="name without diacritics, for search", index=True)
    sort_key: Mapped[str]
    remote: Mapped[bool] = mapped_column(default=False, comment="vùng sâu, vùng xa: longer terms of the Law on Complaints")

    parent: Mapped[Place | None] = relationship(remote_side=id)

    @property
    def full_name(self) -> str:
        """The name with its kind, as written in an address."""
        prefix = {"ward": "phường", "commune": "xã", "special_zone": "đặc khu"}.get(self.kind)
        return f"{prefix} {self.name}" if prefix else self.name


class Unit(Base):
    """An agency, organisation or enterprise that can be given a duty. Never deleted: it ends, and has successors."""

    __tablename__ = "unit"

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    short_name: Mapped[str]
    kind: Mapped[str]
    level: Mapped[str] = mapped_column(comment="province or commune")
    parent_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), index=True)
    path: Mapped[str] = mapped_column(comment="/1/5/9/, from the top to itself: all below a unit begin with its path", index=True)
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"), index=True)
    is_reception: Mapped[bool] = mapped_column(default=False, comment="has a desk that classifies and routes")
    handles_feedback: Mapped[bool] = mapped_column(default=True, comment="may be given an item")
    signing_chain: Mapped[list[str]] = mapped_column(default=list, comment="SigningStep in order; empty: as the parent")
    email: Mapped[str | None]
    phone: Mapped[str | None]
    address: Mapped[str | None]
    tax_code: Mapped[str | None]
    valid_from: Mapped[dt.date] = mapped_column(Date)
    valid_to: Mapped[dt.date | None] = mapped_column(Date, comment="last day; empty: still there")

    parent: Mapped[Unit | None] = relationship(remote_side=id)
    place: Mapped[Place | None] = relationship()

    def exists_on(self, day: dt.date) -> bool:
        """Say whether the unit is there on *day*."""
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class UnitSuccession(Base):
    """From a day on, what this unit did (all of it, or one area or field of it) is another unit's."""

    __tablename__ = "unit_succession"

    id: Mapped[int] = mapped_column(primary_key=True)
    from_id: Mapped[int] = mapped_column(ForeignKey("unit.id"), index=True)
    to_id: Mapped[int] = mapped_column(ForeignKey("unit.id"))
    place_id: Mapped[int | None] = mapped_column(ForeignKey("place.id"))
    field_id: Mapped[int | None] = mapped_column(ForeignKey("field.id"))
    effective_on: Mapped[dt.date] = mapped_column(Date)
    applied_at: Mapped[dt.datetime | None] = mapped_column(comment="open items were moved; empty: the day has not come")

    origin: Mapped[Unit] = relationship(foreign_keys=from_id)
    to: Mapped[Unit] = relationship(foreign_keys=to_id)
    place: Mapped[Place | None] = relationship()
    field: Mapped[Field | None] = relationship()


class Field(Base):
    """A field of public business (lĩnh vực)."""

    __tablename__ = "field"
    __table_args__ = (Index("ix_field_position", "position"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    code: Mapped[str] = mapped_column(unique=True)
    name: Mapped[str]
    hint: Mapped[str] = mapped_column(default="")
    position: Mapped[int] = mapped_column(default=0)
    active: Mapped[bool] = mapped_column(default=True)
    insider: Mapped[bool] = mapped_column(default=False, comment="about one's own agency or enterprise: the head does not see who")
    regulation: Mapped[bool] = mapped_column(default=False, comment="about an administrative regulation: decree 20/2008 terms")
    copied_to_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"), comment="reads every item of this field")

    copied_to: Mapped[Unit | None] = relationship()


for _model in (Unit, Place, Field):
    kept.rows(_model)
