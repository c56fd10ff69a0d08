"""Acts on several issues at once: each is written by itself, and what was refused does not hold up the others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

from store import commands, queries
from store.exceptions import GuanjiaError
from tui.data.form_values import command_fields

if TYPE_CHECKING:
    from store.queries.approvals import VersionRef
    from tui.data.form_values import FormValues
    from tui.data.writer import Writer


class IssueActResult(NamedTuple):
    """The outcome for one issue among several: its number and title, and the error where nothing was written."""

    number: str
    title: str
    error: GuanjiaError | None = None


def act_on_issues(writer: Writer, issue_ids: Sequence[str], verb: str, fields: FormValues) -> list[IssueActResult]:
    """The same act on several issues; returns the outcome for each."""

    def act(issue_id: str) -> object:
        return writer.run(lambda ledger: commands.issues.act(ledger, issue_id, verb, **command_fields(fields)))

    return [_result_of(writer, issue_id, act) for issue_id in issue_ids]


def approve_issues(writer: Writer, read_versions: Mapping[str, Iterable[VersionRef]]) -> list[IssueActResult]:
    """Approvals of exactly the versions that were read of each issue; returns the outcome for each."""

    def approve(issue_id: str) -> object:
        return writer.run(lambda ledger: commands.issues.act(ledger, issue_id, "approve", read=read_versions[issue_id]))

    return [_result_of(writer, issue_id, approve) for issue_id in read_versions]


def _result_of(writer: Writer, issue_id: str, write: Callable[[str], object]) -> IssueActResult:
    matches = queries.name_lookup.find_by_name(writer.ledger.database.connection(), "issue", issue_id)
    number, title = (matches[0].number or "", matches[0].name) if matches else ("", issue_id)
    try:
        write(issue_id)
    except GuanjiaError as error:
        return IssueActResult(number, title, error)
    return IssueActResult(number, title)


def take_back_act(writer: Writer, issue_id: str) -> tuple[str, str]:
    """Take back the latest act on an issue, as a step that can be undone; gives the kind of line, and its name. Raises
    what `store.commands.issues.take_back` raises."""
    writer.run(lambda ledger: commands.issues.take_back(ledger, issue_id))
    _token, kind, name = writer.peek_undo()
    return kind, name
