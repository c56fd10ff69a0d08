"""What the screens of the summary share: a period, its figures counted in a thread, and not more often than is fair."""

from __future__ import annotations

import time
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Label

from store.values.times import now_in
from tui.data.messages import Failed
from tui.i18n.translate import N_, _
from tui.reports.periods import Period, containing
from tui.screens.base import Place

if TYPE_CHECKING:
    from tui.data.reader import Desk
    from tui.data.summary_cache import Counted
    from tui.reports.overview import Overview

LENGTHS = {1: N_("month"), 3: N_("quarter"), 12: N_("year")}
PATIENCE_S = 0.2
"""Counting that takes longer than this is told, and figures of another period are taken away meanwhile."""
FAIR = 4
"""After counting again because the ledger has changed, so many times as long passes before the next count: while a
round brings in lines all the time, a fifth of it at most goes into counting."""


class Counting(Place):
    """Shows the figures of a period. ``month`` is the month one looks at, counted from the year 0; None is this one."""

    counted: Overview | None = None

    def __init__(self, month: int | None = None, length: int = 1) -> None:
        super().__init__()
        self._month = month
        self.length = length
        self._busy = self._slow = False
        self._again = False
        self._epoch = -1
        self._not_before = 0.0
        self._waiting = False
        self._made_anew = True

    reading: ClassVar[str] = "count"

    @property
    def this_month(self) -> int:
        """The present month, counted from the year 0."""
        today = now_in(self.app.now_ms()).date()
        return today.year * 12 + today.month - 1

    @property
    def month(self) -> int:
        """The month one looks at."""
        return self.this_month if self._month is None else self._month

    @property
    def period(self) -> Period:
        """The period one looks at."""
        return containing(self.month, self.length)

    # ── counting ────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Count again because the ledger has changed, in due time; what is known already is shown at once."""
        desk, wait = self.app.desk, self._not_before - time.monotonic()
        if wait <= 0 or (desk is not None and desk.epoch() == self._epoch):
            self.count()
            return
        if self._made_anew and self.counted is not None:
            self._made_anew = False
            self.ask(partial(self._prepared, seen=self.counted), self.show, "anew")
            self._tell()
        if not self._waiting:
            self._waiting = True
            self.set_timer(wait, self._waited)

    def compose(self) -> ComposeResult:
        """Made for the first time, or anew in another language."""
        self._made_anew = True
        yield from super().compose()

    def _prepared(self, _desk: Desk, seen: Overview) -> Any:
        return self.prepare(seen)

    def _waited(self) -> None:
        self._waiting = False
        self.count()

    def count(self) -> None:
        """Count the period, after the one that is being counted."""
        self._tell()
        desk = self.app.desk
        self._again = self._busy
        if self._busy or desk is None:
            return
        self._busy, self._epoch = True, desk.epoch()
        self.set_timer(PATIENCE_S, self._takes_long)
        self.ask(partial(self._counted, period=self.period), self._take, self.reading)

    def _counted(self, desk: Desk, period: Period) -> tuple[Counted, Any]:
        counted = desk.overviews.of(period)
        return counted, self.prepare(counted.overview)

    def _takes_long(self) -> None:
        """Say so, and show nothing of another period meanwhile."""
        if not self._busy:
            return
        self._slow = True
        self._tell()
        if self.counted is None or self.counted.period != self.period:
            self.clear()

    def _take(self, found: tuple[Counted, Any]) -> None:
        counted, prepared = found
        self._busy = self._slow = False
        self._not_before = time.monotonic() + FAIR * counted.seconds
        if counted.overview.period != self.period:
            self.count()
            return
        self.counted, self._made_anew = counted.overview, False
        self._tell()
        self.show(prepared)
        if self._again:
            self.reload()

    def on_failed(self, _message: Failed) -> None:
        """The app says what is wrong."""
        self._busy = self._slow = False

    def _tell(self) -> None:
        more = _("being counted …") if self._slow else ""
        lengths = "  ".join(f"[{_(name)}]" if self.length == one else f" {_(name)} " for one, name in LENGTHS.items())
        self.query_one("#period", Label).update(Content(f" {self.period.name}   {lengths}   {more}"))

    def prepare(self, seen: Overview) -> Any:
        """What `show` needs of the figures; made in the thread."""
        raise LookupError(f"{type(self).__name__} prepares nothing")

    def show(self, prepared: Any) -> None:
        """Show what was prepared."""
        raise LookupError(f"{type(self).__name__} shows nothing")

    def clear(self) -> None:
        """Take away figures of another period."""
        raise LookupError(f"{type(self).__name__} clears nothing")

    # ── the period ──────────────────────────────────────────────────────────────────────────────────────────────

    def action_earlier(self) -> None:
        """The period before."""
        self._month = self.month - self.length
        self.count()

    def action_later(self) -> None:
        """The period after; there is none after the present one."""
        if self.period.first + self.length > self.this_month:
            self.app.say(_("There is nothing later yet."))
            return
        self._month = min(self.month + self.length, self.this_month)
        self.count()

    def action_next_period(self) -> None:
        """Month, quarter, year."""
        lengths = list(LENGTHS)
        self.length = lengths[(lengths.index(self.length) + 1) % len(lengths)]
        self.count()

    async def action_write_report(self) -> None:
        """The form that writes this summary to a file."""
        await self.app.go("report_form", "summary", {"period": self.period.name})
