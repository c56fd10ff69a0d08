"""``guanjia admin waiting``: what waits for the bureau's decision, read and decided from its own device."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Sequence
from functools import partial

import click

from store.values.text import normalize_name, sanitize
from sync.admin_protocol import (
    DECIDE,
    MAX_DECISIONS,
    WAITING,
    DecideAnswer,
    DecideRequest,
    WaitingAnswer,
    WaitingLine,
    WaitingRequest,
)
from sync.exceptions import AmbiguousName, NothingWaits
from tui.cli.commands.admin import ask_central
from tui.cli.commands.admin_tables import iso
from tui.cli.errors import NEEDS_ATTENTION, OK, BadUsage
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, say, show, show_table
from tui.cli.session import home_session
from tui.data.waiting_lines import WaitingVersion, waiting_names, waiting_versions
from tui.i18n.translate import _, ngettext, value_label
from tui.presenters.waiting import changes_text, waiting_summary

MAX_LISTED = 10_000
"""So much is read at once; what follows is read when this is decided."""


@click.command(
    "waiting",
    cls=Command,
    help=_("Lines that wait for the bureau: proposed by who worked alone, or without a receipt."),
)
@click.option(
    "--accept",
    multiple=True,
    type=CLEAN_TEXT,
    metavar="ID|NAME",
    help=_("Accept this line, or all of this person’s; “-” reads them from standard input, one a line."),
)
@click.option(
    "--reject",
    multiple=True,
    type=CLEAN_TEXT,
    metavar="ID|NAME",
    help=_("Decline this line, or all of this person’s; “-” reads them from standard input, one a line."),
)
@click.option("--all", "everything", is_flag=True, help=_("Accept everything that waits, but what is declined."))
@click.option("--each", is_flag=True, help=_("Every line by itself, with its number."))
@click.pass_obj
def waiting(
    run: CommandContext, /, accept: tuple[str, ...], reject: tuple[str, ...], everything: bool, each: bool
) -> int:
    """Carry out the decisions, if there are any, and print what waits then; exit code 3 while something does."""
    accept, reject = _named(accept, reject)
    lines, more = _read(run)
    if accept or reject or everything:
        declined = _numbers(lines, reject)
        accepted = {line.seq for line in lines} if everything else _numbers(lines, accept)
        decided = _decide(run, sorted(accepted - declined), sorted(declined))
        lines, more = _read(run)
        say_decided(decided)
    facts = [_line_json(line) for line in lines]
    show_text = partial(_show_each, run, waiting_versions(facts)) if each else lambda _facts: _show_groups(lines)
    emit(run.output_format, facts, show_text)
    if more:
        say(_("More waits than is listed here; it follows when this is decided."))
    return NEEDS_ATTENTION if lines else OK


def _named(accept: Sequence[str], reject: Sequence[str]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is to be accepted and declined, with the lines of standard input where one of them says “-”."""
    if "-" in accept and "-" in reject:
        detail = _("Standard input says what to accept or what to decline, not both.")
        raise BadUsage(detail=detail, command="guanjia admin waiting")
    typed: list[str] = []
    if "-" in (*accept, *reject):
        typed = [name for line in sys.stdin if (name := sanitize(line).strip())]
    return _with_typed(accept, typed), _with_typed(reject, typed)


def _with_typed(names: Sequence[str], typed: Sequence[str]) -> tuple[str, ...]:
    return tuple(each for name in names for each in (typed if name == "-" else (name,)))


def _read(run: CommandContext) -> tuple[list[WaitingLine], bool]:
    """What waits, and whether more does."""
    lines: list[WaitingLine] = []
    while len(lines) < MAX_LISTED:
        after = lines[-1].seq if lines else 0
        answer = ask_central(run, WAITING, WaitingRequest(after=after), WaitingAnswer)
        lines += answer.lines
        if not answer.more or not answer.lines:
            return lines, False
    return lines, True


def _decide(run: CommandContext, accept: Sequence[int], reject: Sequence[int]) -> DecideAnswer:
    """Decide in as many calls as it takes."""
    decided = left = gone = 0
    for start in range(0, max(len(accept), len(reject)), MAX_DECISIONS):
        part = slice(start, start + MAX_DECISIONS)
        request = DecideRequest(accept=list(accept[part]), reject=list(reject[part]))
        answer = ask_central(run, DECIDE, request, DecideAnswer)
        decided, left, gone = decided + answer.decided, left + answer.left, gone + answer.gone
    return DecideAnswer(decided=decided, left=left, gone=gone)


def _numbers(lines: Sequence[WaitingLine], names: Sequence[str]) -> set[int]:
    """The numbers of the lines that these names mean: a number, which may wait no more; the line's or account's id, or
    the person's name. Raises `NothingWaits`, or `AmbiguousName` for a name of several people."""
    numbers = {int(name) for name in names if name.isdecimal()}
    for name in names:
        if name.isdecimal():
            continue
        named = [line for line in lines if name in (line.id, line.account)]
        named = named or [line for line in lines if normalize_name(line.person) == normalize_name(name)]
        accounts = {line.account: line.person for line in named}
        if not named:
            raise NothingWaits(name=name)
        if len(accounts) > 1 and name not in {line.id for line in named}:
            candidates = ", ".join(f"{person} ({account})" for account, person in accounts.items())
            raise AmbiguousName(what_kind="account", name=name, candidates=candidates)
        numbers |= {line.seq for line in named}
    return numbers


def say_decided(answer: DecideAnswer) -> None:
    """Say what became of a decision."""
    if answer.decided:
        say(ngettext("{n} line decided.", "{n} lines decided.", answer.decided).format(n=answer.decided))
        say(_("What was taken in arrives here with the next sync."))
    if answer.left:
        left = ngettext(
            "{n} line cannot be taken in: its ID is another line’s here, what it says is not valid, or your own device "
            "brought it, and another of the bureau decides. It waits, and changes nothing.",
            "{n} lines cannot be taken in: their IDs are other lines’ here, what they say is not valid, or your own "
            "devices brought them, and another of the bureau decides. They wait, and change nothing.",
            answer.left,
        )
        say(left.format(n=answer.left))
    if answer.gone:
        gone = ngettext("{n} line waits no more: nothing was changed there.",
                        "{n} lines wait no more: nothing was changed there.", answer.gone)  # fmt: skip
        say(gone.format(n=answer.gone))


def _line_json(line: WaitingLine) -> dict[str, object]:
    return {**line.model_dump(), "written": iso(line.written), "brought": iso(line.brought)}


def _show_groups(lines: Sequence[WaitingLine]) -> None:
    if not lines:
        show(_("Nothing waits for a decision."))
        return
    counts = Counter((line.person, line.source, line.kind, changes_text(line)) for line in lines)
    rows = (
        (person, value_label("waiting_source", source), value_label("kind", kind), n, does)
        for (person, source, kind, does), n in counts.items()
    )
    show_table((_("Person"), _("Why it waits"), _("Kind"), _("Lines"), _("What it would do")), rows)
    say(_("Line by line: --each. Take in what is right: --accept NAME|NO, or --all; decline with --reject."))


def _show_each(run: CommandContext, versions: Sequence[WaitingVersion], _facts: object) -> None:
    with home_session(run.home) as session, session.database.read() as connection:
        names = waiting_names(connection, versions)
    columns = (_("No."), _("Person"), _("Kind"), _("What it says"), _("What it would do"), _("Written"))
    rows = (
        (
            each.number, each.person, value_label("kind", each.kind), waiting_summary(each, names)[:60],
            changes_text(each), each.written[:16].replace("T", " "),
        )
        for each in versions
    )  # fmt: skip
    show_table(columns, rows)
