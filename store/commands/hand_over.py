"""Handing over: all or some projects of one butler go to another, in one act with one undo (R07, R18). Rights move with
them at the next round of each (``store/domain/grants.py``)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from store.commands.exceptions import HandOverToOneself, NothingToHandOver
from store.commands.people import Newcomer, Newcomers, corrected_now
from store.commands.resolve import resolve
from store.ledger.line import Line
from store.queries.hand_over import ServedProject, names_of_people, served_projects
from store.queries.lines import current_lines
from store.writer.local_writes import Draft, Ledger


@dataclass(frozen=True, slots=True)
class ProjectTransfer:
    """What was handed over: the ids of both persons, of the projects, and of those added because they were named for
    the first time."""

    giver: str
    taker: str
    projects: tuple[str, ...]
    added: tuple[Newcomer, ...] = ()


@dataclass(frozen=True, slots=True)
class HandOverPlan:
    """What a hand-over would write: the transfer, its projects, the first day of who takes over and the last of who
    gives up, the names of both, and the drafts."""

    transfer: ProjectTransfer
    projects: tuple[ServedProject, ...]
    first_day: str
    last_day: str
    giver: str
    taker: str
    drafts: tuple[Draft, ...]


def hand_over(ledger: Ledger, giver: str, taker: str, projects: Sequence[str] = ()) -> ProjectTransfer:
    """Make ``taker`` the butler of all projects of ``giver``, or of these, from today on. Raises `NothingToHandOver`,
    `HandOverToOneself` and what `resolve` raises, before anything is written."""
    plan = plan_hand_over(ledger, giver, taker, projects)
    ledger.put_many(plan.drafts)
    return plan.transfer


def plan_hand_over(ledger: Ledger, giver: str, taker: str, projects: Sequence[str] = ()) -> HandOverPlan:
    """What `hand_over` would write; writes nothing. Raises as it does."""
    connection, today = ledger.database.connection(), corrected_now(ledger).date()
    newcomers = Newcomers(connection)
    person = resolve(connection, "person", giver)
    next_one = newcomers.person(taker)
    if next_one == person.id:
        raise HandOverToOneself(name=person.name)
    wanted = [resolve(connection, "project", each).id for each in projects]
    served = served_projects(connection, person.id, today.isoformat())
    chosen = [row for row in served if not wanted or row.project in wanted]
    if not chosen or {*wanted} - {row.project for row in chosen}:
        raise NothingToHandOver(name=person.name)
    yesterday = (today - timedelta(days=1)).isoformat()
    places = dict.fromkeys(row.project for row in chosen)
    has = {row.project: row for row in served_projects(connection, next_one, today.isoformat())}
    lines = current_lines(connection, [row.assignment for row in (*chosen, *has.values())])
    drafts = [_ended(lines[row.assignment], today.isoformat(), yesterday) for row in chosen]
    drafts += [_without_end(lines[has[project].assignment]) for project in places if project in has]
    body = {"role": "butler", "person_id": next_one, "from_date": today.isoformat()}
    drafts += [Draft("assignment", body, project) for project in places if project not in has]
    transfer = ProjectTransfer(person.id, next_one, tuple(places), tuple(newcomers.added))
    moved = tuple({row.project: row for row in chosen}.values())
    was, known = names_of_people(connection, (person.id, next_one))
    new = next((each.name for each in newcomers.added if each.id == next_one), known)
    days, called = (today.isoformat(), yesterday), (was or "?", new or "?")
    return HandOverPlan(transfer, moved, *days, *called, (*newcomers.drafts, *drafts))


def _ended(line: Line, today: str, yesterday: str) -> Draft:
    """The assignment with yesterday as its last day; deleted where it began only today."""
    begins_today = str(line.body.get("from_date") or "") >= today
    body = dict(line.body) if begins_today else {**line.body, "to_date": yesterday}
    return Draft("assignment", body, line.project, line.id, deleted=begins_today)


def _without_end(line: Line) -> Draft:
    """The assignment of who served for a time, and serves on now."""
    body = {name: value for name, value in line.body.items() if name != "to_date"}
    return Draft("assignment", body, line.project, line.id)
