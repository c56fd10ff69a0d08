"""Special meetings: who met at which level about which issues; decisions are steps of the issues (R13, R34, R36)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime

from store.commands import register_lines
from store.commands.exceptions import EntryFieldMissing
from store.commands.issues import ActFields, step_draft
from store.commands.numbers import number_of
from store.commands.people import Newcomers, WriteResult, corrected_now, write_drafts
from store.commands.register_lines import FieldInput
from store.commands.resolve import resolve
from store.commands.visits import split_names
from store.domain.registers import MEETING_REGISTER
from store.ledger.line import new_id
from store.queries.meetings import meeting_line_id
from store.queries.register_lines import current_body
from store.writer.local_writes import Draft, Ledger


def record_meeting(
    ledger: Ledger, *, project: str | None = None, issues: str | Sequence[str] = (), **fields: object
) -> WriteResult:
    """Record a meeting: one line in each project that it is about, that is those of the ``issues`` and the ``project``.
    The lines share ``session`` and number; returns the first. Raises `FieldMissing` where neither a project nor an
    issue is given, and what `register_lines.add` raises."""
    ledger.require_role("meeting")
    newcomers, now = Newcomers(ledger.database.connection()), corrected_now(ledger)
    about = _by_project(newcomers, project, issues)
    if not about:
        raise EntryFieldMissing(fields="project, issues")
    session = new_id(ledger.wall_clock())
    number = fields.pop("number", None) or number_of(session, now.date())
    typed = {"at": "now", "title": _subject(fields.get("text")) or number, **{k: v for k, v in fields.items() if v}}
    body = register_lines.parse_body(
        ledger, newcomers, MEETING_REGISTER, {**typed, "number": number, "session": session}
    )
    register_lines.check_required(MEETING_REGISTER, body)
    drafts: list[Draft] = []
    for place, issue_ids in about.items():
        line_id = new_id(ledger.wall_clock()) if drafts else session
        drafts.append(Draft("meeting", {**body, **({"issues": issue_ids} if issue_ids else {})}, place, line_id))
    return write_drafts(ledger, newcomers, drafts, session)


def record_minutes(
    ledger: Ledger, session: str, about: Mapping[str, Sequence[str]], texts: Mapping[str, str], **fields: object
) -> list[str]:
    """Write or update the lines of a meeting, one in each project: ``about`` are the issues' ids by project, ``texts``
    the minutes by project, ``fields`` by the register's field names. Issues and fields that others added to a line
    stay. Returns the lines' ids; raises what `register_lines.parse_body` raises."""
    newcomers = Newcomers(ledger.database.connection())
    drafts = _meeting_lines(ledger, newcomers, session, about, texts, fields)
    write_drafts(ledger, newcomers, drafts, session)
    return [str(draft.id) for draft in drafts]


def decide(
    ledger: Ledger,
    session: str,
    issue: tuple[str, str],
    verb: str,
    fields: ActFields,
    head: FieldInput | None = None,
) -> str:
    """Write a meeting's decision on an issue, given as its id and its project's. With ``head``, fields by the
    register's field names, also the meeting's line in that project, so that it names the issue. One transaction.
    Returns the issue's id; raises what `issues.act` and `record_minutes` raise."""
    newcomers, (reference, project) = Newcomers(ledger.database.connection()), issue
    decided = {**fields, "meeting": meeting_line_id(session, project)}
    chaired_at = int(str(head["level"])) if head and head.get("level") else None
    issue_id, step = step_draft(ledger, newcomers, reference, verb, decided, chaired_at=chaired_at)
    lines = _meeting_lines(ledger, newcomers, session, {project: [reference]}, {}, head) if head else []
    return write_drafts(ledger, newcomers, [step, *lines], issue_id).id


def _meeting_lines(
    ledger: Ledger,
    newcomers: Newcomers,
    session: str,
    about: Mapping[str, Sequence[str]],
    texts: Mapping[str, str],
    fields: FieldInput,
) -> list[Draft]:
    number = number_of(session, datetime.fromisoformat(str(fields["at"])).date())
    body = register_lines.parse_body(
        ledger, newcomers, MEETING_REGISTER, {"number": number, **fields, "session": session}
    )
    register_lines.check_required(MEETING_REGISTER, body)
    drafts: list[Draft] = []
    for project, issues in about.items():
        line_id = meeting_line_id(session, project)
        stored = current_body(newcomers.connection, MEETING_REGISTER, line_id) or {}
        issue_ids = list(dict.fromkeys([*stored.get("issues", ()), *issues]))
        text = {"text": texts[project]} if texts.get(project) else {}
        drafts.append(Draft("meeting", {**stored, **body, **text, "issues": issue_ids}, project, line_id))
    return drafts


def edit(ledger: Ledger, reference: str, **changes: object) -> WriteResult:
    """Change a meeting in every project whose line of it is here; its ``issues`` only in the line of ``reference``.
    Raises what `register_lines.edit` raises."""
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


def _subject(text: object) -> str:
    return str(text or "").strip().split("\n", 1)[0][:40]
