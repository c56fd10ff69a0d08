"""Special meetings: who met at which level about which issues; what they decide are steps of the issues (R13, R34,
R36)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from store.commands import register_lines
from store.commands.exceptions import FieldMissing
from store.commands.issues import step_draft
from store.commands.numbers import number_of
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.resolve import resolve
from store.commands.visits import split_names
from store.domain.registers import MEETING_REGISTER
from store.ledger.line import new_id
from store.queries.meetings import meeting_line_id
from store.queries.register_lines import current_body
from store.writer.local_writes import Draft, Ledger


def record_meeting(
    ledger: Ledger, *, project: str | None = None, issues: str | Sequence[str] = (), **fields: Any
) -> WriteResult:
    """Write a meeting down: one line in each project that it is about, those of the ``issues`` and the ``project``
    named. The lines share their ``session`` and number; gives the first. Raises `FieldMissing` where neither a project
    nor an issue is named, and what `books.add_roles` raises."""
    newcomers, now = Newcomers(ledger.database.connection()), corrected_now(ledger)
    about = _by_project(newcomers, project, issues)
    if not about:
        raise FieldMissing(verb="meeting add", fields="project, issues")
    session = new_id(ledger.wall_clock())
    number = fields.pop("number", None) or number_of(session, now.date())
    fields = {"at": "now", "title": _subject(fields.get("text")) or number, **{k: v for k, v in fields.items() if v}}
    body = register_lines.parse_body(
        ledger, newcomers, MEETING_REGISTER, {**fields, "number": number, "session": session}
    )
    register_lines.check_required(MEETING_REGISTER, "add", body)
    drafts: list[Draft] = []
    for place, named in about.items():
        line_id = new_id(ledger.wall_clock()) if drafts else session
        drafts.append(Draft("meeting", {**body, **({"issues": named} if named else {})}, place, line_id))
    return write_drafts(ledger, newcomers, drafts, session)


def record_minutes(
    ledger: Ledger, session: str, about: Mapping[str, Sequence[str]], texts: Mapping[str, str], **fields: Any
) -> list[str]:
    """Write down a meeting as it goes, or again when more is known: its line in each project, with the ids of the
    issues ``about`` it and the text of the minute. ``given`` by the book's field names; what others have added to a
    line stays. Gives the lines' ids; raises what `books.parse_body` raises."""
    newcomers = Newcomers(ledger.database.connection())
    drafts = _meeting_lines(ledger, newcomers, session, about, texts, fields)
    write_drafts(ledger, newcomers, drafts, session)
    return [str(draft.id) for draft in drafts]


def decide(
    ledger: Ledger,
    session: str,
    issue: tuple[str, str],
    verb: str,
    fields: Mapping[str, Any],
    head: Mapping[str, Any] | None = None,
) -> str:
    """Write what a meeting decided on an issue of a project; with its ``head``, by the book's field names, where the
    meeting's line in that project does not name the issue yet. Step and line are written in one transaction. Gives the
    issue's id; raises what `acting` and `minute` raise."""
    newcomers, (named, project) = Newcomers(ledger.database.connection()), issue
    told = {**fields, "meeting": meeting_line_id(session, project)}
    found, step = step_draft(ledger, newcomers, named, verb, **told)
    lines = _meeting_lines(ledger, newcomers, session, {project: [named]}, {}, head) if head else []
    return write_drafts(ledger, newcomers, [step, *lines], found).id


def _meeting_lines(
    ledger: Ledger,
    newcomers: Newcomers,
    session: str,
    about: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
    fields: Mapping[str, Any],
) -> list[Draft]:
    number = number_of(session, datetime.fromisoformat(fields["at"]).date())
    body = register_lines.parse_body(
        ledger, newcomers, MEETING_REGISTER, {"number": number, **fields, "session": session}
    )
    register_lines.check_required(MEETING_REGISTER, "add", body)
    drafts: list[Draft] = []
    for project, issues in about.items():
        line_id = meeting_line_id(session, project)
        held = current_body(newcomers.connection, MEETING_REGISTER, line_id) or {}
        named = list(dict.fromkeys([*held.get("issues", ()), *issues]))
        text = {"text": texts[project]} if texts.get(project) else {}
        drafts.append(Draft("meeting", {**held, **body, **text, "issues": named}, project, line_id))
    return drafts


def edit(ledger: Ledger, reference: str, **changes: Any) -> WriteResult:
    """Change a meeting, in every project whose line of it is here; its ``issues`` only in the line named. Raises what
    `books.edit` raises."""
    connection = ledger.database.connection()
    first = register_lines.resolve_line(Newcomers(connection), MEETING_REGISTER, reference)
    body = current_body(connection, MEETING_REGISTER, first) or {}
    shared = {name: value for name, value in changes.items() if name != "issues"}
    others = connection.execute(
        "SELECT id FROM meeting WHERE session = ? AND id <> ? AND deleted = 0", (body.get("session", first), first)
    ).fetchall()
    written = register_lines.edit(ledger, MEETING_REGISTER, first, **changes)
    for (line_id,) in others:
        register_lines.edit(ledger, MEETING_REGISTER, line_id, **shared)
    return written


def _by_project(newcomers: Newcomers, project: str | None, issues: str | Sequence[str]) -> dict[str, list[str]]:
    about: dict[str, list[str]] = defaultdict(list)
    if project:
        about[resolve(newcomers.connection, "project", project).id] = []
    for text in split_names(issues):
        issue = resolve(newcomers.connection, "issue", text).id
        row = newcomers.connection.execute("SELECT project_id FROM issue WHERE id = ?", (issue,)).fetchone()
        about[row[0]].append(issue)
    return dict(about)


def _subject(text: str | None) -> str:
    return (text or "").strip().split("\n", 1)[0][:40]
