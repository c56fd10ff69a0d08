"""The notice that projects have left this device: which, what of them is unsent, and who serves them now.

Read by ``store/queries/hand_over.py``.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import NamedTuple

import orjson

from store.db.connection import Connection
from store.ledger.buckets import Area
from store.ledger.line import Line
from store.writer.stray_blobs import note_strays

GIVEN_UP = "scope_withdrawn"
"""The code of the notice."""
MAX_TOLD_PROJECTS = 20
"""A notice has the names of so many projects that left this device."""


class ProjectButler(NamedTuple):
    """Who serves a project that leaves this device: ids of project and person, and the person's name."""

    project: str
    person: str
    name: str


def given_up_detail(
    lines: int, buckets: int, unsent: int, projects: Mapping[str, str], butlers: Sequence[ProjectButler]
) -> dict[str, object]:
    """The detail of the notice: how many lines and buckets left, how many unsent lines stay, and of the ``projects``
    (names by id) the names, with the butlers of each."""
    named = dict(list(projects.items())[:MAX_TOLD_PROJECTS])
    served = [[[one.person, one.name] for one in butlers if one.project == project] for project in named]
    return {
        "lines": lines, "buckets": buckets, "unsent": unsent, "projects": list(named.values()), "butlers": served,
    }  # fmt: skip


def forget_butlers(connection: Connection, people: Collection[str]) -> None:
    """Take the names of erased people out of these notices."""
    rows = connection.execute("SELECT n, detail FROM notice WHERE code = ?", (GIVEN_UP,)).fetchall()
    for number, text in rows:
        detail = orjson.loads(text)
        served = detail.get("butlers") or []
        left = [[each for each in butlers if each[0] not in people] for butlers in served]
        if left != served:
            kept = orjson.dumps({**detail, "butlers": left}).decode()
            connection.execute("UPDATE notice SET detail = ? WHERE n = ?", (kept, number))


def forget_bucket(connection: Connection, bucket: str, going: Sequence[Line], person: str) -> None:
    """Forget what is kept of lines of a bucket that leaves this device of ``person``: their past, their bytes, what
    colleagues gave there."""
    for table in ("history", "dismissed"):
        connection.executemany(f"DELETE FROM {table} WHERE id = ?", ((line.id,) for line in going))
    connection.execute("DELETE FROM fill WHERE bucket = ?", (bucket,))
    note_strays(connection, going)
    _forget_provisional(connection, bucket, person)


def _forget_provisional(connection: Connection, bucket: str, person: str) -> None:
    """Forget what colleagues of this ``person`` gave at meetings in a bucket that leaves; with the head of a project
    all of it, accepted or not: of lines that the central has never named nobody says that they leave."""
    connection.execute("DELETE FROM provisional WHERE bucket = ?", (bucket,))
    area, _colon, project = bucket.partition(":")
    if area == Area.HEAD:
        connection.execute("DELETE FROM provisional WHERE project_id = ?", (project,))
        refused = "DELETE FROM history WHERE project_id = ? AND reason = 'rejected' AND author_id <> ?"
        connection.execute(refused, (project, person))
