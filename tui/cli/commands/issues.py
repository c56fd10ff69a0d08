"""``guanjia issue``: the ledger of difficulties, problems and requests (R24); every act of an issue's life is a command
(domain.md, Life of an issue)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import click

from store.db.connection import Connection
from store.domain.issue_deadlines import Deadline, running_deadlines
from store.domain.limits import read_limits
from store.domain.registers import CATEGORIES, URGENCIES, WAITING_FOR
from store.exceptions import BadTime, LineNotFound
from store.queries.attachments import attachments_of_issue
from store.queries.clocks import clocks_of_rules
from store.queries.exceptions import NotRecordedYet
from store.queries.issues import (
    IssueDetail,
    Step,
    timeline_of,
)
from store.queries.issues import issue as read_issue
from store.queries.lines import author_names, unit_names
from store.values.times import parse_day, parse_time, stored_day
from store.values.workdays import is_assumed, is_workday
from tui.cli.errors import NEEDS_ATTENTION, OK, print_error
from tui.cli.groups import (
    CLEAN_TEXT,
    PATH_PARAM,
    Command,
    CommandContext,
    LabelChoice,
    LazyCommand,
    LazyGroup,
    WholeNumber,
    drop_unset,
    with_options,
)
from tui.cli.name_lookup import find_one
from tui.cli.output import OutputFormat, emit, say, show, show_pairs, show_table
from tui.cli.people import report_new_people
from tui.cli.principal import in_place_of, principal_option, takes_principal
from tui.cli.session import HomeSession, WriteSession, home_session, write_session
from tui.cli.typed_values import check_typed, confirming_options, takes_new, takes_yes
from tui.i18n.author_text import author_text
from tui.i18n.co_handling_text import co_handling_text
from tui.i18n.deadline_text import remaining_text, until_text
from tui.i18n.provisional_text import provisional_text
from tui.i18n.translate import LANGUAGES, N_, _, label_in, value_label

if TYPE_CHECKING:
    from store.commands.issues import Verb
    from store.commands.people import WriteResult
    from store.domain.light_proof import LightProof

_ACTS = f"{__name__}:ACTS"
ENTRIES = (
    LazyCommand("list", "tui.cli.commands.issue_list:list_", _("Issues, newest first.")),
    LazyCommand("add", f"{__name__}:add", _("Record an issue.")),
    LazyCommand("explain", f"{__name__}:explain", _("Why it has its light: rule, limits, calendar, clocks.")),
    LazyCommand("edit", f"{__name__}:edit", _("Change what was recorded.")),
    LazyCommand("assign", _ACTS, _("To a department and one named owner, with a due date.")),
    LazyCommand("accept", _ACTS, _("The department takes it on.")),
    LazyCommand("dispute", _ACTS, _("The department says it is not theirs.")),
    LazyCommand("progress", _ACTS, _("What was done since.")),
    LazyCommand("wait", _ACTS, _("For something, until a day.")),
    LazyCommand("ask-extension", _ACTS, _("Asks for a later due date, before the limit.")),
    LazyCommand("extend", _ACTS, _("A later due date, or the one asked for; the old one stays visible.")),
    LazyCommand("refuse-extension", _ACTS, _("The due date stays, though a later one was asked for.")),
    LazyCommand("opinion", _ACTS, _("What a department of the issue says, each for itself.")),
    LazyCommand("escalate", _ACTS, _("To the next level: lead leader, principal leader.")),
    LazyCommand("pass-on", _ACTS, _("The lead leader passes it on to the principal leader.")),
    LazyCommand("resolve", _ACTS, _("What a meeting of that level or above decided.")),
    LazyCommand("settle", _ACTS, _("The measure taken, and the evidence.")),
    LazyCommand("confirm", _ACTS, _("The enterprise agrees that it is settled.")),
    LazyCommand("reject", _ACTS, _("The enterprise does not.")),
    LazyCommand("approve", _ACTS, _("The bureau closes it out.")),
    LazyCommand("return", _ACTS, _("The bureau sends it back.")),
    LazyCommand("reopen", _ACTS, _("After it was closed, with the cause.")),
    LazyCommand("cancel", _ACTS, _("Recorded by mistake, or merged into another.")),
    LazyCommand("remind", _ACTS, _("Whoever has it.")),
    LazyCommand("supervise", _ACTS, _("A supervision finding.")),
    LazyCommand("take-back", f"{__name__}:take_back", _("The latest act, while nobody else has it.")),
    LazyCommand("tell", _ACTS, _("The enterprise, how it stands.")),
)
KINDS = ("difficulty", "problem", "request")
CALENDAR_UNKNOWN = N_("The holidays of {year} are not announced yet: Monday to Friday is assumed.")
ACT_HELP = {
    "department": N_("The department."),
    "with": N_("The other departments, ; between them; an empty text: none."),
    "owner": N_("The one person who settles it."),
    "due": N_("A day, or +3: three working days from today."),
    "waiting_for": N_("Whom it waits for; a time rule may pause for that."),
    "until": N_("The day until which it waits."),
    "reason": N_("Why."),
    "text": N_("What there is to say."),
    "measure": N_("The measure taken."),
    "evidence": N_("What shows it."),
    "meeting": N_("The meeting that decided."),
    "merged_into": N_("The issue that it goes on in."),
    "level": N_("1 the butler’s unit, 2 the lead leader, 3 the principal leader; one up if not given."),
    "cause": N_("Why it is opened again."),
    "at": N_("When it happened; now if not given."),
}
FILES_HELP = N_("A picture or paper that shows it; may be given several times.")
OPTION_FLAGS = {"level": "--to", "waiting_for": "--waiting-for", "merged_into": "--merged-into"}
OPTION_METAVARS = {
    "owner": "NAME",
    "due": "DATE",
    "until": "DATE",
    "at": "TIME",
    "merged_into": "ID",
    "with": '"A;B"',
}
OPTION_TYPES: Mapping[str, click.ParamType[object]] = {
    "level": WholeNumber(1, 3),
    "waiting_for": LabelChoice(WAITING_FOR, "issue_step.waiting_for"),
    "cause": LabelChoice(["dissatisfied", "supervision"], "issue_step.cause"),
}
SPEAKING_VERBS = ("opinion", "dispute")
"""These acts name a department that the issue has."""
_KNOWN_NAMES = frozenset({"department"})
LENIENT_VERBS = ("assign", "escalate", "extend")
"""These acts may leave out what the issue already has, the overdue rule proposes or a request asks for, so no
option is required before the issue has been read."""


class IssuePage(NamedTuple):
    """An issue with the deadlines that run now."""

    detail: IssueDetail
    deadlines: list[Deadline]
    files: int
    """So many files are attached to it and its steps."""

    @property
    def files_text(self) -> str | None:
        """How many files there are, and what lists them."""
        text = _("{n} (guanjia attachment list {id})").format(n=self.files, id=self.detail.row.number)
        return text if self.files else None

    def to_json(self) -> dict[str, object]:
        """The issue as ``guanjia issue show --json`` prints it."""
        return {**self.detail.to_json(), "clocks": [asdict(deadline) for deadline in self.deadlines]}


_ACT_WORDS = {label_in(LANGUAGES[0], "act", entry.name): entry.name for entry in ENTRIES if entry.target == _ACTS}
"""The acts by their Chinese words, as texts and screens name them."""


@click.group(
    cls=LazyGroup,
    entries=ENTRIES,
    aliases=_ACT_WORDS,
    help=_("The issue ledger: add, list, show, edit and every act."),
)
def issue() -> None:
    """The commands about issues."""


@issue.command("show", help=_("One issue with every step."))
@click.argument("issue", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def show_(run: CommandContext, issue: str) -> None:
    """Print one issue, named by number, title or id."""
    with home_session(run.home) as session, session.database.read() as connection:
        view = _read_view(session, connection, find_one(connection, "issue", issue))
    emit(run.output_format, view, _show_issue, IssuePage.to_json)


issue_options = with_options(
    click.option("--category", type=LabelChoice(CATEGORIES, "issue.category"), help=_("The field it is in.")),
    click.option("--urgency", type=LabelChoice(URGENCIES, "issue.urgency"), help=_("How urgent it is.")),
    click.option("--about", type=LabelChoice(["project", "enterprise"], "issue.about"), help=_("What it is about.")),
    click.option("--department", type=CLEAN_TEXT, help=_("The department proposed for it.")),
    click.option("--owner", type=CLEAN_TEXT, metavar="NAME", help=_("The one person who should settle it.")),
    click.option("--due", type=CLEAN_TEXT, metavar="DATE", help=_("A day, or +3: three working days from today.")),
    click.option(
        "--source", type=LabelChoice(["visit", "report", "meeting"], "issue.source"), help=_("Where it came up.")
    ),
    click.option("--source-id", type=CLEAN_TEXT, metavar="ID", help=_("The visit where it came up.")),
    click.option("--raised-at", type=CLEAN_TEXT, metavar="TIME", help=_("When it came up; now if not given.")),
    click.option("--text", type=CLEAN_TEXT, help=_("What there is to say.")),
    takes_new,
    takes_yes,
    takes_principal,
)


@click.command(cls=Command, help=_("Record a difficulty, problem or request of a project or its enterprise."))
@click.option("--project", required=True, type=CLEAN_TEXT, help=_("The project: number, name or id."))
@click.option("--title", required=True, type=CLEAN_TEXT, help=_("The issue in a few words."))
@click.option(
    "--kind", type=LabelChoice(KINDS, "issue.kind"), default="problem", show_default=True, help=_("What it is.")
)
@issue_options
@click.pass_obj
def add(run: CommandContext, /, project: str, title: str, **options: str | None) -> None:
    """Record an issue and print it."""
    from store.commands import issues as commands

    with write_session(run.home) as writing, in_place_of(run, writing):
        check_typed(run, writing, options)
        result = commands.record(writing.ledger, project=project, title=title, **drop_unset(options))
        _emit_changed(run, writing, result)


@click.command(cls=Command, help=_("Change what was recorded; an empty text removes a field. Acts are never edited."))
@click.argument("issue", metavar="ID", type=CLEAN_TEXT)
@click.option("--title", type=CLEAN_TEXT, help=_("The issue in a few words."))
@click.option("--kind", type=LabelChoice(KINDS, "issue.kind"), help=_("What it is."))
@issue_options
@click.pass_obj
def edit(run: CommandContext, /, issue: str, **options: str | None) -> None:
    """Change an issue and print it."""
    from store.commands import issues as commands

    with write_session(run.home) as writing, in_place_of(run, writing):
        check_typed(run, writing, options)
        _emit_changed(run, writing, commands.edit(writing.ledger, issue, **options))


@click.command(cls=Command, help=_("Why an issue has its light, today or on another day; checked without a network."))
@click.argument("issue", metavar="ID", type=CLEAN_TEXT)
@click.option("--on", type=CLEAN_TEXT, metavar="DATE", help=_("By what was written until the end of that day."))
@click.pass_obj
def explain(run: CommandContext, issue: str, on: str | None) -> None:
    """Print the proof of an issue's light."""
    from store.queries.light_proof import light_proof

    with home_session(run.home) as session, session.database.read() as connection:
        now = session.district_now(connection)
        day, moment = _moment_to_explain(on, now)
        issue_id = find_one(connection, "issue", issue)
        proof = light_proof(connection, issue_id, moment or day, now=now if day == now.date() and not moment else None)
        if proof is None:
            raise NotRecordedYet(number=issue, day=day.isoformat())
        names = {**author_names(connection, proof.people), **unit_names(connection, proof.departments)}
    emit(run.output_format, proof, partial(_show_proof, names), lambda shown: {**shown.to_json(), "names": names})


def _moment_to_explain(typed: str | None, now: datetime) -> tuple[date, datetime | None]:
    """The day that is asked for, and the moment of it where a time of day is named."""
    if typed is None:
        return now.date(), None
    try:
        return date.fromisoformat(parse_day(typed, now)), None
    except BadTime:
        moment = datetime.fromisoformat(parse_time(typed, now))
        return moment.date(), moment


@click.command(
    cls=Command, help=_("Take back the latest act on an issue, while it has not been sent; see “guanjia bin”.")
)
@click.argument("issue", metavar="ID", type=CLEAN_TEXT)
@click.pass_obj
def take_back(run: CommandContext, issue: str) -> None:
    """Take back an act and print the issue."""
    from store.commands import issues as commands

    with write_session(run.home) as writing:
        _emit_changed(run, writing, commands.take_back(writing.ledger, issue))


def _act_commands() -> dict[str, Command]:
    """A command for each verb of an issue's life, by its name."""
    from store.commands.issues import VERBS

    return {name: _act_command(name, verb) for name, verb in VERBS.items()}


def _act_command(name: str, verb: Verb) -> Command:
    unchecked = _KNOWN_NAMES if name in SPEAKING_VERBS else frozenset()

    def act(run: CommandContext, /, issue: str, files: tuple[Path, ...], **options: str | int | None) -> int:
        from store.commands import issues as commands
        from store.commands.attaching import attaching

        fields: dict[str, str | int] = drop_unset(options)
        with write_session(run.home) as writing, in_place_of(run, writing):
            named = {key: text for key, text in fields.items() if key not in unchecked}
            check_typed(run, writing, named, recorded_later=False)
            with attaching(writing.ledger, files) as attached:
                result = commands.act(writing.ledger, issue, name, read=None, **fields)
            _emit_changed(run, writing, result)
        for refused in attached.refused:
            print_error(refused.error, json_form=run.output_format is not OutputFormat.TEXT)
        return NEEDS_ATTENTION if attached.refused else OK

    help_text = next(entry.help for entry in ENTRIES if entry.name == name)
    options = [_act_option(field, required=name not in LENIENT_VERBS) for field in verb.needs]
    options += [_act_option(field, required=False) for field in (*verb.takes, "at")]
    options.append(
        click.Option(["--file", "files"], type=PATH_PARAM, multiple=True, metavar="FILE", help=_(FILES_HELP))
    )
    options += [*confirming_options({*verb.needs, *verb.takes} - unchecked), principal_option()]
    issue = click.Argument(["issue"], metavar="ID", type=CLEAN_TEXT)
    return Command(name, callback=click.pass_obj(act), params=[issue, *options], help=help_text)


def _act_option(field: str, *, required: bool) -> click.Option:
    flags = [OPTION_FLAGS.get(field, f"--{field}"), field]
    kind, metavar = OPTION_TYPES.get(field, CLEAN_TEXT), OPTION_METAVARS.get(field)
    return click.Option(flags, type=kind, required=required, metavar=metavar, help=_(ACT_HELP[field]))


def __getattr__(name: str) -> dict[str, Command]:
    """``ACTS``: the commands of the acts by name, made when the first is called, since listing issues needs none."""
    if name != "ACTS":
        raise AttributeError(name)
    return _act_commands()


def _emit_changed(run: CommandContext, writing: WriteSession, result: WriteResult) -> None:
    """Print the issue as it is after a change, and who was added by it."""
    report_new_people(run, result.added)
    with writing.session.database.read() as connection:
        view = _read_view(writing.session, connection, result.id)
    due = view.detail.row.due
    if due is not None:
        _say_of_due_date(due)
    emit(run.output_format, view, _show_issue, IssuePage.to_json)


def _say_of_due_date(due: str) -> None:
    """Say that a due date is a day off, or that nobody can know yet."""
    day = stored_day(due)
    if is_assumed(due):
        say(_(CALENDAR_UNKNOWN).format(year=due[:4]))
    elif day is not None and not is_workday(day):
        say(_("{day} is no working day.").format(day=day.isoformat()))


def _read_view(session: HomeSession, connection: Connection, issue_id: str) -> IssuePage:
    """One issue with its deadlines. Raises `LineNotFound` when it is not here."""
    detail = read_issue(connection, issue_id, session.light_thresholds(connection))
    if detail is None:
        raise LineNotFound(id=issue_id)
    clocks = clocks_of_rules(connection, issue_id)
    now, limits = session.district_now(connection), read_limits(connection)
    deadlines = list(running_deadlines(timeline_of(detail), now, limits, clocks))
    return IssuePage(detail, deadlines, len(attachments_of_issue(connection, issue_id)))


def _show_proof(names: Mapping[str, str | None], proof: LightProof) -> None:
    from tui.presenters.light_proof import proof_sections

    show(f"{proof.number} {proof.title}")
    for section in proof_sections(proof, names):
        show(f"\n{section.heading}")
        for text in section.sentences:
            show(f"  {text}")


def _show_issue(view: IssuePage) -> None:
    detail, row = view.detail, view.detail.row
    show_pairs(
        (
            (_("No."), row.number),
            (_("Issue"), row.title),
            (_("Project"), row.project),
            (_("Kind"), value_label("issue.kind", row.kind)),
            (_("Category"), row.category and value_label("issue.category", row.category)),
            (_("State"), value_label("state", row.state)),
            (_("Why"), row.because and value_label("because", row.because)),
            (_("Must act now"), _responsible_party(detail)),
            (_("Proposed"), _proposal(row.proposed)),
            (_("Light"), row.light and value_label("light", row.light)),
            (_("Level"), value_label("level", str(row.level))),
            (_("Department"), row.department),
            *((_("With"), co_handling_text(each)) for each in row.co_handlers),
            (_("Owner"), row.owner),
            (_("Urgency"), detail.urgency and value_label("issue.urgency", detail.urgency)),
            (_("Due"), row.due and (_("{due} (by a time rule)").format(due=row.due) if row.due_rule else row.due)),
            (_("Waiting until"), row.waiting_until),
            *((_("Limit"), _deadline_text(deadline)) for deadline in view.deadlines),
            (_("Close-out number"), row.close_number),
            (_("Provisional"), provisional_text(row.provisional)),
            (_("Text"), detail.text),
            (_("Attachments"), view.files_text),
            (_("First contact"), detail.first_contact),
            (_("By"), author_text(detail.author)),
            ("ID", row.id),
        )
    )
    show("")
    steps = (
        (step.at[:16].replace("T", " "), _act_text(step), author_text(step.author), _step_text(step))
        for step in detail.steps
    )
    show_table((_("When"), _("Act"), _("By"), _("What was said")), steps)


def _deadline_text(deadline: Deadline) -> str:
    """A running deadline: which, from when to when, how many working days are left or over."""
    days = _("{since} to {until}").format(since=deadline.since, until=until_text(deadline.until, deadline.at))
    return f"{value_label('clock', deadline.name)} {days} · {remaining_text(deadline)}"


def _responsible_party(detail: IssueDetail) -> str | None:
    if detail.row.must_act is None:
        return None
    role = value_label("duty", detail.row.must_act)
    return f"{role} {detail.acting}" if detail.acting else role


def _proposal(level: int | None) -> str | None:
    return _("escalate to level {level}: overdue").format(level=level) if level else None


def _act_text(step: Step) -> str:
    done = value_label("issue_step.act", step.act)
    return _("{act} (out of turn)").format(act=done) if step.out_of_turn else done


def _step_text(step: Step) -> str:
    level = value_label("level", str(step.level)) if step.level else None
    cause = value_label("issue_step.cause", step.cause) if step.cause else None
    whom = value_label("issue_step.waiting_for", step.waiting_for) if step.waiting_for else None
    values = (
        step.department, step.others, step.owner, step.due, step.until, whom, level, step.text, step.reason,
        step.measure, step.evidence, cause,
    )  # fmt: skip
    return " · ".join(str(value) for value in values if value is not None)
