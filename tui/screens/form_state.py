"""What a form begins with, and whether a field still has it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tui.data.form_values import FormValues
from tui.i18n.translate import _
from tui.widgets.autocomplete import NameField

if TYPE_CHECKING:
    from store.exceptions import GuanjiaError
    from tui.widgets.fields import FormField


@dataclass
class FormState:
    """What a form begins with: values as shown, ids behind the names among them, the version they were read from, the
    draft of an earlier filling or why that cannot be read, a line about it all for the form's head,
    and whether this person may write in another's place."""

    values: FormValues
    ids: Mapping[str, str] = field(default_factory=dict)
    version: tuple[int, str] | None = None
    draft: FormValues | None = None
    draft_error: GuanjiaError | None = None
    head: str = ""
    names_principal: bool = False


def is_changed(field: FormField, initial: FormState) -> bool:
    """Whether a field's value differs from the initial one: another text, or another line of the same name."""
    if field.value != (initial.values.get(field.key) or ""):
        return True
    targets = field.chosen_id if isinstance(field, NameField) else None
    return targets is not None and initial.ids.get(field.value, targets) != targets


def missing_line_state() -> FormState:
    """What a form over a line begins with when that is not here."""
    return FormState({}, head=_("This line is not here, or no longer yours to see."))
