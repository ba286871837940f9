"""The choice of a hall."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from wtforms.fields import SelectChoice

from dialogues.models import Hall
from feedback.forms.base import OwnForm


class HallForm(OwnForm):
    """A form with a field `hall`. *halls* are the session's, the main one first; where there is but one, nobody is asked."""

    hall: Any  # each form words its question
    hall_key = "id"  # what an option is known by
    hall_first: Any = None  # the option that chooses none; without it the main hall is chosen

    def __init__(self, *args: Any, halls: Sequence[Hall], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._halls = {str(getattr(hall, self.hall_key)): hall for hall in halls}
        if len(self._halls) <= 1:
            del self.hall
            return
        self.hall.choices = [SelectChoice(value, hall.name) for value, hall in self._halls.items()]
        if self.hall_first is not None:
            self.hall.choices.insert(0, SelectChoice("", self.hall_first))
        elif self.hall.data is None:
            self.hall.data = next(iter(self._halls))

    @property
    def hall_chosen(self) -> Hall | None:
        """The hall, the only one where there is one."""
        return self._halls.get(self.hall.data or "") if self.hall is not None else next(iter(self._halls.values()), None)
