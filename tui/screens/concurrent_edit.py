"""A change by another device to the line that a form is editing: what changed, and who would win.

The merge rule (``store/ledger/merge.py``): of two versions the later HLC timestamp wins, and a save is stamped later
than every version that this device has seen. So the last to save, having seen the other's version, wins; the superseded
version stays in the history. A form writes only the fields that were changed in it, so the two changes conflict only
where both changed the same field.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tui.data import readers
from tui.i18n.dates import format_time
from tui.i18n.translate import _, value_label
from tui.widgets.page import PageBlock, PageTitle

if TYPE_CHECKING:
    from tui.data.reader import Reader

_IN_FORMS = {"participants": "who"}


@dataclass(frozen=True, slots=True)
class ConcurrentEdit:
    """The present version of a line that was changed while a form was open on it: its stamp and device, who wrote it
    and when, how it differs, and the fields that do, as forms call them; None where the version before is not here."""

    version: tuple[int, str]
    who: str
    when: str
    page: list[PageBlock]
    fields: frozenset[str] | None

    def message(self, own_labels: dict[str, str]) -> str:
        """The form's message; ``own_labels`` are the labels of the fields changed in it, by name."""
        both = [label for name, label in own_labels.items() if self.fields is None or name in self.fields]
        message = _("This line was changed elsewhere while you were typing; F6 shows how.")
        message += "\n" + _("By {who}, {when}: {fields}.").format(
            who=self.who, when=self.when, fields=self._field_names()
        )
        if both:
            text = _(
                "You both changed: {fields}. Saved now, yours wins, for you have seen theirs; theirs stays in history."
            )
            return message + "\n" + text.format(fields=_(", ").join(both))
        if own_labels:
            return message + "\n" + _("You changed other fields: if you save, both changes stay.")
        return message + "\n" + _("You have changed nothing yet: theirs stands.")

    def _field_names(self) -> str:
        return _(", ").join(value_label("field", name) for name in sorted(self.fields or ())) or _("everything")


def find_concurrent_edit(
    reader: Reader, line_id: str, base_version: tuple[int, str] | None, now_ms: int
) -> ConcurrentEdit | None:
    """How the line differs from the version that the form was ``begun`` from; None where it is not here."""
    from tui.presenters.lines import change_blocks  # noqa: PLC0415 - needed only when somebody else has written

    versions, names = reader.run(readers.lines.history_with_names, line_id)
    if not versions:
        return None
    now = next((one for one in versions if one.current), versions[0])
    was = next((one for one in versions if (one.stamp, one.device) == base_version), None)
    page = change_blocks(was, now, names) if was else []
    who, when = now.author_name or _("somebody"), format_time(now.stamp >> 16, now_ms)
    fields = None
    if was is not None:
        known = {*was.body, *now.body}
        fields = frozenset(_form_field(name) for name in known if was.body.get(name) != now.body.get(name))
    return ConcurrentEdit((now.stamp, now.device), who, when, [PageTitle(f"{who}  {when}"), *page], fields)


def _form_field(stored: str) -> str:
    """A stored field's name in a form."""
    return _IN_FORMS.get(stored, stored.removesuffix("_id"))
