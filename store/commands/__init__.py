"""Write commands by record: what an officer does, such as logging a visit or recording an issue.

> A function here takes what a person typed, resolves the names in it, and writes one transaction through
> ``store/writer/local_writes.py``. The command line and the screens write only by these.

Use: `visits.log`, `issues.record`, `issues.act`, `projects.add`, `meetings.record_meeting`, `dispatch.add_line` and
`dispatch.edit_line` (a line of any register), `conflicts.restore_conflicts`, `resolve.resolve` (a typed name to its
line). May import everything in the store but `importing`. Roles are checked by the central; here an act is refused only
where the life of an issue does not allow it. Functions raise `store.commands.exceptions.CommandError` with nothing
written.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.commands import address_book as address_book
    from store.commands import bin as bin
    from store.commands import conflicts as conflicts
    from store.commands import day_doubts as day_doubts
    from store.commands import dispatch as dispatch
    from store.commands import erasures as erasures
    from store.commands import hand_over as hand_over
    from store.commands import holidays as holidays
    from store.commands import issues as issues
    from store.commands import limits as limits
    from store.commands import meetings as meetings
    from store.commands import new_names as new_names
    from store.commands import phrases as phrases
    from store.commands import procedures as procedures
    from store.commands import projects as projects
    from store.commands import saved_views as saved_views
    from store.commands import stand_ins as stand_ins
    from store.commands import visits as visits


def __getattr__(name: str) -> ModuleType:
    """``commands.visits`` imports the module ``visits`` when it is first used: the models that it needs load slowly."""
    module = f"{__name__}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise AttributeError(name) from None
