"""A change by somebody else to the line that a form is open on: what it was, and who would win.

The merge rule (``store/ledger/merge.py``): of two versions the later stamp wins, and a save is stamped later than
every one
that this device has seen. So whoever saves last, having seen the other's, wins; what loses stays in the history. A form
writes only the fields that were changed in it, so the two changes meet only where both changed the same field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.i18n.dates import clock_time
from tui.i18n.translate import _, word
from tui.widgets.page import Block, Title

if TYPE_CHECKING:
    from tui.data.reader import Desk

_IN_FORMS = {"participants": "who"}


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """The present version of a line that was changed while a form was open on it: its stamp and device, who wrote it
    and when, how it differs, and the fields that do, as forms call them; None where the version before is not here."""

    version: tuple[int, str]
    who: str
    when: str
    page: list[Block]
    fields: frozenset[str] | None

    def told(self, mine: dict[str, str]) -> str:
        """What the form says; ``mine`` are the fields changed in it, with their labels."""
        both = [label for name, label in mine.items() if self.fields is None or name in self.fields]
        told = _("This line was changed elsewhere while you were typing; F6 shows how.")
        told += "\n" + _("By {who}, {when}: {fields}.").format(who=self.who, when=self.when, fields=self._words())
        if both:
            said = _(
                "You both changed: {fields}. Saved now, yours wins, for you have seen theirs; theirs stays in history."
            )
            return told + "\n" + said.format(fields=_(", ").join(both))
        if mine:
            return told + "\n" + _("You changed other fields: if you save, both changes stay.")
        return told + "\n" + _("You have changed nothing yet: theirs stands.")

    def _words(self) -> str:
        return _(", ").join(word("field", name) for name in sorted(self.fields or ())) or _("everything")


def changed_elsewhere(desk: Desk, line_id: str, begun: tuple[int, str] | None, now_ms: int) -> Elsewhere | None:
    """How the line differs from the version that the form was ``begun`` from; None where it is not here."""
    from tui.presenters.lines import version_page  # noqa: PLC0415 - needed only when somebody else has written

    versions, names = desk.history(line_id)
    if not versions:
        return None
    now = next((one for one in versions if one.current), versions[0])
    was = next((one for one in versions if (one.stamp, one.device) == begun), None)
    page = version_page(was, now, names, now_ms) if was else []
    who, when = now.author_name or _("somebody"), clock_time(now.stamp >> 16, now_ms)
    fields = None
    if was is not None:
        known = {*was.body, *now.body}
        fields = frozenset(_in_form(name) for name in known if was.body.get(name) != now.body.get(name))
    return Elsewhere((now.stamp, now.device), who, when, [Title(f"{who}  {when}"), *page], fields)


def _in_form(stored: str) -> str:
    """A stored field's name in a form."""
    return _IN_FORMS.get(stored, stored.removesuffix("_id"))
