"""Handing over: the projects of one butler go to another, or to several, in one act with one undo (R07, R18). Rights
move with them at the next round of each (``store/domain/grants.py``)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import NamedTuple

from store.commands.exceptions import HandOverToOneself, NothingToHandOver, ProjectHandedOverTwice
from store.commands.people import Newcomer, Newcomers, corrected_now
from store.commands.resolve import resolve
from store.db.connection import Connection
from store.ledger.line import Line
from store.queries.hand_over import ServedProject, names_of_people, served_projects
from store.queries.lines import current_lines
from store.writer.local_writes import Draft, Ledger


class Share(NamedTuple):
    """What somebody, named as typed, takes over: these projects, or with none all that nobody else takes."""

    taker: str
    projects: Sequence[str] = ()


class ProjectTransfer(NamedTuple):
    """The projects that go to one person: their id and name."""

    taker: str
    name: str
    projects: tuple[ServedProject, ...]


@dataclass(frozen=True, slots=True)
class HandOverPlan:
    """What a hand-over writes: who gives up, by id and name, what goes to whom, the first day of those who take over
    and the last of who gives up, the people added because they were named for the first time, and the drafts."""

    giver: str
    giver_name: str
    transfers: tuple[ProjectTransfer, ...]
    first_day: str
    last_day: str
    added: tuple[Newcomer, ...]
    drafts: tuple[Draft, ...]

    @property
    def projects(self) -> tuple[ServedProject, ...]:
        """All that change hands."""
        return tuple(project for transfer in self.transfers for project in transfer.projects)


def hand_over(ledger: Ledger, giver: str, shares: Sequence[Share]) -> HandOverPlan:
    """Make others the butlers of all projects of ``giver``, or of some, from today on. Raises `NothingToHandOver`,
    `HandOverToOneself`, `ProjectHandedOverTwice` and what `resolve` raises, before anything is written."""
    plan = plan_hand_over(ledger, giver, shares)
    ledger.put_many(plan.drafts)
    return plan


def plan_hand_over(ledger: Ledger, giver: str, shares: Sequence[Share]) -> HandOverPlan:
    """What `hand_over` would write; writes nothing. Raises as it does."""
    connection, today = ledger.database.connection(), corrected_now(ledger).date()
    newcomers = Newcomers(connection)
    person = resolve(connection, "person", giver)
    takers = [newcomers.person(share.taker) for share in shares]
    if person.id in takers:
        raise HandOverToOneself(name=person.name)
    served = served_projects(connection, person.id, today.isoformat())
    wanted = [
        list(dict.fromkeys(resolve(connection, "project", each).id for each in share.projects)) for share in shares
    ]
    chosen = _parted(served, takers, wanted, person.name)
    drafts = [*newcomers.drafts]
    for taker, rows in chosen.items():
        drafts += _drafts(connection, taker, rows, today.isoformat(), (today - timedelta(days=1)).isoformat())
    was, *known = names_of_people(connection, (person.id, *chosen))
    new = {each.id: each.name for each in newcomers.added}
    transfers = [
        ProjectTransfer(taker, new.get(taker) or name or "?", tuple({row.project: row for row in rows}.values()))
        for (taker, rows), name in zip(chosen.items(), known, strict=True)
    ]
    days = today.isoformat(), (today - timedelta(days=1)).isoformat()
    return HandOverPlan(person.id, was or "?", tuple(transfers), *days, tuple(newcomers.added), tuple(drafts))


def _parted(
    served: Sequence[ServedProject], takers: Sequence[str], wanted: Sequence[Sequence[str]], giver: str
) -> Mapping[str, list[ServedProject]]:
    """Who takes which rows of what is served: the projects that a share names, or where it names none the rest."""
    named = [project for projects in wanted for project in projects]
    if len(named) != len(set(named)) or sum(not projects for projects in wanted) > 1:
        raise ProjectHandedOverTwice(name=giver)
    parts: dict[str, list[ServedProject]] = {}
    for taker, projects in zip(takers, wanted, strict=True):
        rows = [row for row in served if (row.project in projects if projects else row.project not in named)]
        if not rows or set(projects) - {row.project for row in rows}:
            raise NothingToHandOver(name=giver)
        parts.setdefault(taker, []).extend(rows)
    return parts


def _drafts(
    connection: Connection, taker: str, rows: Sequence[ServedProject], today: str, yesterday: str
) -> Iterator[Draft]:
    """The assignments of the giver, ended, and those of the taker: new, or without an end where there is one."""
    has = {row.project: row for row in served_projects(connection, taker, today)}
    lines = current_lines(connection, [row.assignment for row in (*rows, *has.values())])
    places = dict.fromkeys(row.project for row in rows)
    for row in rows:
        yield _ended(lines[row.assignment], today, yesterday)
    body = {"role": "butler", "person_id": taker, "from_date": today}
    for project in places:
        known = has.get(project)
        yield Draft("assignment", body, project) if known is None else _without_end(lines[known.assignment])


def _ended(line: Line, today: str, yesterday: str) -> Draft:
    """The assignment with yesterday as its last day; deleted where it began only today."""
    begins_today = str(line.body.get("from_date") or "") >= today
    body = dict(line.body) if begins_today else {**line.body, "to_date": yesterday}
    return Draft("assignment", body, line.project, line.id, deleted=begins_today)


def _without_end(line: Line) -> Draft:
    """The assignment of who served for a time, and serves on now."""
    body = {name: value for name, value in line.body.items() if name != "to_date"}
    return Draft("assignment", body, line.project, line.id)
