"""Named reads: plain SQL on a store connection; each function's docstring is the question that it answers.

> Nothing here imports SQLModel, pydantic or the registry of kinds: the first paint waits for these modules.
> A list is built by a fixed number of queries, whatever its length. Long lists are entered at any position
> (``paging.py``). Names of people and units are joined here; ids stay beside them.

Use: `issues.issues`, `projects.projects`, `visits.visits`, `register_lines.rows`, `today.today`, `timeline.timeline`,
`lines.version_history`, `conflicts.unresolved_conflicts`, `name_lookup.find_by_name`, `status.store_status`, and
`paging.Listing` for lists. May import `store.writer` and below. Fields are named as the command line prints them, so
that ``dataclasses.asdict`` of a row is its JSON.
"""

from __future__ import annotations

from importlib import import_module
from types import ModuleType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from store.queries import approvals as approvals
    from store.queries import bin as bin
    from store.queries import conflicts as conflicts
    from store.queries import details as details
    from store.queries import doubles as doubles
    from store.queries import hand_over as hand_over
    from store.queries import issues as issues
    from store.queries import light_proof as light_proof
    from store.queries import lines as lines
    from store.queries import meetings as meetings
    from store.queries import name_lookup as name_lookup
    from store.queries import people as people
    from store.queries import phrases as phrases
    from store.queries import project_filters as project_filters
    from store.queries import projects as projects
    from store.queries import provisional as provisional
    from store.queries import referenced_names as referenced_names
    from store.queries import register_lines as register_lines
    from store.queries import report_rows as report_rows
    from store.queries import saved_views as saved_views
    from store.queries import stand_ins as stand_ins
    from store.queries import status as status
    from store.queries import sync_history as sync_history
    from store.queries import timeline as timeline
    from store.queries import today as today
    from store.queries import visits as visits


def __getattr__(name: str) -> ModuleType:
    """``queries.visits`` imports the module ``visits`` when it is first used: callers pay only for what they read."""
    module = f"{__name__}.{name}"
    try:
        return import_module(module)
    except ModuleNotFoundError as error:
        if error.name != module:
            raise
        raise AttributeError(name) from None
