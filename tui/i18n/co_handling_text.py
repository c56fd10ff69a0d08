"""What a co-handling department of an issue has said, as one text for screens, reports and the command line."""

from __future__ import annotations

from typing import TYPE_CHECKING

from tui.i18n.translate import _

if TYPE_CHECKING:
    from store.queries.co_handling import CoHandling


def co_handling_text(each: CoHandling) -> str:
    """The department with its opinion, why the matter is not its own, or that it still owes its opinion."""
    name = each.department or each.department_id
    if each.disputed is not None:
        return _("{department}: not theirs. {reason}").format(department=name, reason=each.disputed)
    said = each.opinion or (_("opinion still owed") if each.owed else None)
    return _("{department}: {text}").format(department=name, text=said) if said else name
