"""What oversight keeps: one module a matter."""

from __future__ import annotations

from oversight.models.watching import Subscription as Subscription
from oversight.models.watching import Watch as Watch
from oversight.models.watching import WatchNote as WatchNote
from oversight.models.watching import WeeklyNews as WeeklyNews
