"""Who gets what: the rows of the routing table."""

from __future__ import annotations

from sqlalchemy import ForeignKey
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.database import Base
from app.units.models import Unit


class RoutingRule(Base):
    """A row of the routing table: ordered, first match wins, the last one (no condition) is the mandatory default."""

    __tablename__ = "routing_rule"

    id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int] = mapped_column(index=True)
    name: Mapped[str]
    kinds: Mapped[list[str]] = mapped_column(default=list)
    field_ids: Mapped[list[int]] = mapped_column(default=list)
    place_ids: Mapped[list[int]] = mapped_column(default=list)
    channels: Mapped[list[str]] = mapped_column(default=list)
    words: Mapped[list[str]] = mapped_column(default=list)
    insider: Mapped[bool | None]
    unit_id: Mapped[int | None] = mapped_column(ForeignKey("unit.id"))
    to_place: Mapped[bool] = mapped_column(default=False)
    direct: Mapped[bool] = mapped_column(default=True, comment="offered to the unit at once; else suggested to the clerk")
    active: Mapped[bool] = mapped_column(default=True)

    unit: Mapped[Unit | None] = relationship()
