"""What the screens of the summary share: a period, its figures counted in a thread, and a limit on how often."""

from __future__ import annotations

import time
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Generic, TypeVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widgets import Label

from store.values.periods import Period, period_containing
from store.values.times import district_time
from tui.data.messages import ErrorReported
from tui.i18n.dates import format_period
from tui.i18n.translate import N_, _
from tui.screens.base import BaseScreen
from tui.screens.filters import ListFilterPanel
from tui.widgets.autocomplete import NameField

if TYPE_CHECKING:
    from tui.data.reader import Reader
    from tui.data.summary_cache import SummaryResult
    from tui.reports.overview import PeriodOverview

PERIOD_LENGTHS = {1: N_("month"), 3: N_("quarter"), 12: N_("year")}
SLOW_AFTER_S = 0.2
"""Counting that takes longer than this is reported, and the figures of another period are cleared."""
RELOAD_BACKOFF_FACTOR = 4
"""After counting again because the ledger has changed, so many times as long passes before the next count: while a
round brings in lines all the time, a fifth of it at most goes into counting."""
T = TypeVar("T")


class PeriodScreen(BaseScreen, Generic[T]):
    """Shows the figures of a period. ``month`` is its last month, counted from the year 0; None is the present one.
    ``chosen`` names the person or unit whose figures they are, with the id under ``<name>_id``; empty for all."""

    overview: PeriodOverview | None = None

    def __init__(
        self, month: int | None = None, length: int = 1, chosen: Mapping[str, str | None] | None = None
    ) -> None:
        super().__init__()
        self.chosen: Mapping[str, str | None] = chosen or {}
        self._month = month
        self.length = length
        self._busy = self._is_slow = False
        self._reload_wanted = False
        self._epoch = -1
        self._not_before = 0.0
        self._timer_running = False
        self._recomposed = True

    read_group: ClassVar[str] = "count"

    @property
    def this_month(self) -> int:
        """The present month, counted from the year 0."""
        today = district_time(self.app.now_ms()).date()
        return today.year * 12 + today.month - 1

    @property
    def month(self) -> int:
        """The month that is shown."""
        return self.this_month if self._month is None else self._month

    @property
    def period(self) -> Period:
        """The period that is shown."""
        return period_containing(self.month, self.length)

    # ── counting ────────────────────────────────────────────────────────────────────────────────────────────────

    def reload(self) -> None:
        """Count again because the ledger has changed, in due time; what is known already is shown at once."""
        reader, wait = self.app.reader, self._not_before - time.monotonic()
        if wait <= 0 or (reader is not None and reader.epoch() == self._epoch):
            self.load()
            return
        if self._recomposed and self.overview is not None:
            self._recomposed = False
            self.read_in_thread(partial(self._prepare_again, overview=self.overview), self.show, "anew")
            self._update_head()
        if not self._timer_running:
            self._timer_running = True
            self.set_timer(wait, self._load_after_wait)

    def compose(self) -> ComposeResult:
        """Composed for the first time, or again in another language."""
        self._recomposed = True
        yield from super().compose()

    def _prepare_again(self, _reader: Reader, overview: PeriodOverview) -> T:
        return self.prepare(overview)

    def _load_after_wait(self) -> None:
        self._timer_running = False
        self.load()

    def load(self) -> None:
        """Count the period, after the one that is being counted."""
        self._update_head()
        reader = self.app.reader
        self._reload_wanted = self._busy
        if self._busy or reader is None:
            return
        self._busy, self._epoch = True, reader.epoch()
        self.set_timer(SLOW_AFTER_S, self._handle_slow)
        chosen = self.chosen
        self.read_in_thread(
            partial(self._load_overview, period=self.period, chosen=chosen),
            partial(self._handle_loaded, chosen=chosen),
            self.read_group,
        )

    def _load_overview(
        self, reader: Reader, period: Period, chosen: Mapping[str, str | None]
    ) -> tuple[SummaryResult, T]:
        counted = reader.summary_cache.get(period, chosen.get("person_id"), chosen.get("unit_id"))
        return counted, self.prepare(counted.overview)

    def _handle_slow(self) -> None:
        """Report that counting takes long, and clear the figures of another period."""
        if not self._busy:
            return
        self._is_slow = True
        self._update_head()
        if self.overview is None or self.overview.period != self.period:
            self.clear()

    def _handle_loaded(self, result: tuple[SummaryResult, T], chosen: Mapping[str, str | None]) -> None:
        counted, prepared = result
        self._busy = self._is_slow = False
        self._not_before = time.monotonic() + RELOAD_BACKOFF_FACTOR * counted.seconds
        if counted.overview.period != self.period or chosen != self.chosen:
            self.load()
            return
        self.overview, self._recomposed = counted.overview, False
        self._update_head()
        self.show(prepared)
        if self._reload_wanted:
            self.reload()

    def on_error_reported(self, _message: ErrorReported) -> None:
        """The app shows the error."""
        self._busy = self._is_slow = False

    def _update_head(self) -> None:
        more = _("being counted …") if self._is_slow else ""
        lengths = "  ".join(
            f"[{_(name)}]" if self.length == one else f" {_(name)} " for one, name in PERIOD_LENGTHS.items()
        )
        head = f" {format_period(self.period.name)}   {lengths}   {self._whose()}   {more}"
        self.query_one("#period", Label).update(Content(head))

    def _whose(self) -> str:
        if self.chosen.get("person_id"):
            return _("only the projects that {name} serves").format(name=self.chosen["person"])
        if self.chosen.get("unit_id"):
            return _("only the issues that {name} leads, and their projects").format(name=self.chosen["unit"])
        return ""

    def prepare(self, overview: PeriodOverview) -> T:
        """What `show` needs of the figures; made in the thread."""
        raise LookupError(f"{type(self).__name__} prepares nothing")

    def show(self, prepared: T) -> None:
        """Show what was prepared."""
        raise LookupError(f"{type(self).__name__} shows nothing")

    def clear(self) -> None:
        """Take away figures of another period."""
        raise LookupError(f"{type(self).__name__} clears nothing")

    # ── the period ──────────────────────────────────────────────────────────────────────────────────────────────

    def action_earlier(self) -> None:
        """The period before."""
        self._month = self.month - self.length
        self.load()

    def action_later(self) -> None:
        """The period after; there is none after the present one."""
        if self.period.first + self.length > self.this_month:
            self.app.show_message(_("There is nothing later yet."))
            return
        self._month = min(self.month + self.length, self.this_month)
        self.load()

    def action_next_period(self) -> None:
        """Month, quarter, year."""
        lengths = list(PERIOD_LENGTHS)
        self.length = lengths[(lengths.index(self.length) + 1) % len(lengths)]
        self.load()

    async def action_filter(self) -> None:
        """Choose whose figures are shown."""
        questions = (NameField("person", N_("Person"), "person"), NameField("unit", N_("Unit"), "unit"))
        panel = ListFilterPanel(_("Whose figures?"), questions, self.chosen)
        await self.app.push_screen(panel, lambda chosen: self._choose(chosen) if chosen is not None else None)

    def _choose(self, chosen: Mapping[str, str | None]) -> None:
        if chosen.get("person_id") and chosen.get("unit_id"):
            self.app.show_message(
                _("Figures are of one person or of one unit: leave one of the two out."), warning=True
            )
            return
        self.chosen, self.overview = chosen, None
        self.clear()
        self.load()

    async def action_write_report(self) -> None:
        """The form that writes this summary to a file."""
        whose = {name: value for name in ("person", "unit") if (value := self.chosen.get(name))}
        await self.app.open_screen("report_form", "summary", {"period": self.period.name, **whose})
