"""Forms that everybody may send."""

from __future__ import annotations

from flask_wtf import FlaskForm

from app.proof import asking


class ProvedForm(FlaskForm):
    """A form that may ask for a proof; without one it comes back with every word and file, as after any other fault."""

    def proved(self) -> bool:
        """Say whether a proof came where one is asked for; else that stands at the form."""
        left = asking.seconds_left()
        if left:
            self.form_errors.append(asking.sentence(left))
        return not left

    @property
    def lacks_only_proof(self) -> bool:
        """Whether all else was fine."""
        return asking.seconds_left() > 0 and len(self.form_errors) == 1 and not any(field.errors for field in self)
