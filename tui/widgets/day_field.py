"""A field for a day or a time as offices write it: shows beside what is typed which day it is taken for."""

from __future__ import annotations

from datetime import date, datetime

from textual.app import ComposeResult

from store.exceptions import BadTime
from store.values.dates import Toward
from store.values.times import parse_day, parse_time
from tui.i18n.translate import _, value_label
from tui.widgets.fields import FieldMark, TextField


class DayField(TextField):
    """A day, or with ``moment`` a time. ``toward`` says where it is expected (`parse_day`); with ``asked_back`` the
    form asks before it writes a day that is mostly a slip."""

    DEFAULT_CSS = """
    DayField Input { width: 1fr; }
    """

    def __init__(
        self,
        name: str,
        label: str,
        *,
        hint: str = "",
        toward: Toward | None = None,
        moment: bool = False,
        asked_back: bool = False,
    ) -> None:
        super().__init__(name, label, hint=hint)
        self.toward: Toward | None = toward
        self.moment = moment
        self.asked_back = asked_back

    @property
    def is_replaced_by_typing(self) -> bool:
        """A day or time is typed anew as a whole."""
        return True

    def compose(self) -> ComposeResult:
        """The label, the input line, and the day that is understood."""
        yield from super().compose()
        yield FieldMark()

    def show_day(self, now: datetime) -> None:
        """Show which day the text means, ``now`` being the district's time."""
        self.query_one(FieldMark).show(self._understood(now) if self.touched else "")

    def _understood(self, now: datetime) -> str:
        text = self.value
        if not text:
            return ""
        try:
            read = parse_time(text, now, self.toward) if self.moment else parse_day(text, now, self.toward)
        except BadTime:
            return _("? not a day") if not self.moment else _("? not a time")
        day = date.fromisoformat(read[:10])
        weekday = value_label("weekday", str(day.isoweekday()))
        return f"= {day.isoformat()} {weekday}" + (f" {read[11:16]}" if self.moment else "")
