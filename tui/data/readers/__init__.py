"""What single screens read: functions of a connection, for `Reader.run`.

Use: ``from tui.data import readers``, then ``reader.run(readers.issue.issue_view, issue_id, reader.thresholds())``.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tui.data.readers import contacts as contacts
    from tui.data.readers import device as device
    from tui.data.readers import issue as issue
    from tui.data.readers import lines as lines
    from tui.data.readers import meeting as meeting
    from tui.data.readers import meeting_setup as meeting_setup
    from tui.data.readers import reports as reports
    from tui.data.readers import suggestions as suggestions
    from tui.data.readers import sync_overview as sync_overview
    from tui.data.readers import today as today


def __getattr__(name: str) -> ModuleType:
    """``readers.issue`` imports the module ``issue`` when it is first used: in the thread that reads."""
    module = f"{__name__}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise AttributeError(name) from None
