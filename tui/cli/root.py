"""The command ``guanjia`` and the table of all its commands. Without a command it opens the screens."""

from __future__ import annotations

import os
from collections.abc import Sequence

import click

from tui.cli import click_translation
from tui.cli.errors import OK, UserInterrupt, print_error, print_usage_error
from tui.cli.groups import CommandContext, LazyCommand, LazyGroup
from tui.i18n.register_labels import REGISTER_DESCRIPTIONS
from tui.i18n.translate import _

COMPLETE_VARIABLE = "_GUANJIA_COMPLETE"
"""Set by the shell's script when it asks for completions."""
COMMANDS = (
    LazyCommand("demo", "tui.cli.demo.command:demo", _("See it work: a central, two laptops and a sample district.")),
    LazyCommand("init", "tui.cli.commands.init:init", _("Start a home that works alone until it joins a central.")),
    LazyCommand("join", "tui.cli.commands.join:join", _("Enrol this device at a central with a one-time code.")),
    LazyCommand(
        "import",
        "tui.cli.commands.import_table:import_",
        _("Read a responsibility table (Word, Excel, WPS, CSV, text)."),
    ),
    LazyCommand(
        "template",
        "tui.cli.commands.template:template",
        _("A table to fill in that “import --as” reads: issues, visits …"),
    ),
    LazyCommand("today", "tui.cli.commands.today:today", _("What needs you now; your projects; what is unsent.")),
    LazyCommand("find", "tui.cli.commands.find:find", _("Look something up: characters, pinyin, numbers, phones.")),
    LazyCommand(
        "report", "tui.cli.commands.reports:report", _("Reports to hand in: ledgers, meeting sheets, summaries.")
    ),
    LazyCommand("project", "tui.cli.commands.projects:project", _("Projects: list, show, add, edit, adjust.")),
    LazyCommand(
        "person",
        "tui.cli.commands.address_book:GROUPS",
        _("People: list, show, add, edit, merge, retire, doubles."),
    ),
    LazyCommand(
        "unit",
        "tui.cli.commands.address_book:GROUPS",
        _("Units: list, show, add, edit, merge, retire, doubles."),
    ),
    LazyCommand("visit", "tui.cli.commands.visits:visit", _("The service log: add, list, show, edit.")),
    LazyCommand("issue", "tui.cli.commands.issues:issue", _("The issue ledger: add, list, show, edit and every act.")),
    LazyCommand(
        "approvals", "tui.cli.commands.approvals:approvals", _("What waits for the bureau’s approval, longest first.")
    ),
    *(LazyCommand(name, "tui.cli.commands.registers:GROUPS", _(text)) for name, text in REGISTER_DESCRIPTIONS.items()),
    LazyCommand("attach", "tui.cli.commands.attachments:attach", _("Attach pictures, papers, recordings to a line.")),
    LazyCommand(
        "attachment", "tui.cli.commands.attachments:attachment", _("Attached files: list, show, save, remove, queue.")
    ),
    LazyCommand(
        "evidence", "tui.cli.commands.evidence:evidence", _("An issue’s or project’s whole story in one file.")
    ),
    LazyCommand(
        "calendar", "tui.cli.commands.calendar:calendar", _("Due dates, meetings and visits due as an .ics file.")
    ),
    LazyCommand(
        "reminders", "tui.cli.commands.reminders:reminders", _("Of what you are reminded when; try the channels.")
    ),
    LazyCommand("verify", "tui.cli.commands.verify:verify", _("Check such a file: no network, no home.")),
    LazyCommand("holiday", "tui.cli.commands.holidays:holiday", _("Holidays of years not known: import, list.")),
    LazyCommand("limit", "tui.cli.commands.limits:limit", _("The district’s limits: list, set.")),
    LazyCommand("view", "tui.cli.commands.views:view", _("Your saved views of lists: list, show, save, remove.")),
    LazyCommand("stand-in", "tui.cli.commands.stand_ins:stand_in", _("Who acts for whom until a day: add, list, end.")),
    LazyCommand("sync", "tui.cli.commands.sync:sync", _("One round with the central, now.")),
    LazyCommand(
        "bundle",
        "tui.cli.commands.bundle:bundle",
        _("Sync by files on a stick, where there is no network: export, import."),
    ),
    LazyCommand("meet", "tui.cli.commands.meet:meet", _("Share unsent work with colleagues in the same room.")),
    LazyCommand("daemon", "tui.cli.commands.daemon:daemon", _("Rounds until stopped; “daemon install” sets it up.")),
    LazyCommand(
        "status", "tui.cli.commands.status:status", _("Whose home this is, what is unsent, when it last agreed.")
    ),
    LazyCommand("history", "tui.cli.commands.history:history", _("All versions of a line, and why each lost.")),
    LazyCommand("restore", "tui.cli.commands.history:restore", _("Bring a version back, as a new one.")),
    LazyCommand("bin", "tui.cli.commands.bin:bin_", _("What was deleted or taken back: list, restore.")),
    LazyCommand(
        "conflicts",
        "tui.cli.commands.conflicts:conflicts",
        _("Versions that lost to somebody: list, restore, dismiss."),
    ),
    LazyCommand(
        "rejected", "tui.cli.commands.rejected:rejected", _("Lines that the central refused: list, retry, drop.")
    ),
    LazyCommand("dump", "tui.cli.commands.dump:dump", _("Every line in canonical order.")),
    LazyCommand("backup", "tui.cli.commands.backup:backup", _("An encrypted copy, while in use.")),
    LazyCommand("restore-backup", "tui.cli.commands.backup:restore_backup", _("A home again from a backup.")),
    LazyCommand("doctor", "tui.cli.commands.doctor:doctor", _("Check everything and say what to do.")),
    LazyCommand("lock", "tui.cli.commands.lock:lock", _("A PIN that the screens and commands ask for: set, off.")),
    LazyCommand("settings", "tui.cli.commands.settings:settings", _("Each setting and where it came from; set one.")),
    LazyCommand(
        "admin", "tui.cli.commands.admin:admin", _("The bureau’s seat: codes, accounts, devices, the central’s audit.")
    ),
    LazyCommand(
        "central", "tui.cli.commands.central:central", _("Run a central: init, serve, invite, people, devices …")
    ),
    LazyCommand("help", "tui.cli.commands.help:help_", _("Help on the program, a command, or a topic of the guide.")),
    LazyCommand("completion", "tui.cli.completion:completion", _("A completion script for bash, zsh or fish.")),
)
ALIASES = {"losers": "conflicts"}
"""Former names of commands, which scripts may still use."""


def program_version() -> str:
    """The installed version, or ``source`` where the program runs from its source folder uninstalled."""
    from importlib import metadata  # takes 20 ms, and only --version needs it

    try:
        return metadata.version("guanjia")
    except metadata.PackageNotFoundError:
        return "source"


def _print_version(ctx: click.Context, param: click.Parameter, value: bool) -> None:
    if value and not ctx.resilient_parsing:
        click.echo(f"guanjia {program_version()}")
        ctx.exit()


@click.group(
    cls=LazyGroup,
    entries=COMMANDS,
    aliases=ALIASES,
    invoke_without_command=True,
    context_settings={"help_option_names": ["-h", "--help"]},
    help=_("The project butler's ledger. Without a command: the screens."),
)
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_print_version, help=_("Print the version.")
)
@click.pass_context
def guanjia(ctx: click.Context) -> int | None:
    """The command itself: opens the screens where no other command is named."""
    if ctx.invoked_subcommand is not None:
        return None
    return open_screens(ctx.ensure_object(CommandContext))


def open_screens(run: CommandContext) -> int:
    """Open the TUI on the home; Textual is imported here and nowhere else in the command line."""
    from tui.cli import open_app

    return open_app.open_screens(run.home)


def run_command_line(arguments: Sequence[str], *, as_json: bool) -> int:
    """Parse and run one command line; gives the exit code. Prints wrong usage; every other error is the caller's."""
    click_translation.install_translations()
    if COMPLETE_VARIABLE in os.environ:
        guanjia.main(list(arguments), prog_name="guanjia")
    try:
        # Not guanjia.main(): it would turn a reader that left (``| head``) into a failure.
        with guanjia.make_context("guanjia", list(arguments)) as context:
            outcome: object = guanjia.invoke(context)
    except click.exceptions.Exit as leaving:
        return leaving.exit_code
    except click.Abort:
        return print_error(UserInterrupt(), json_form=as_json)
    except click.ClickException as error:
        return print_usage_error(error, json_form=as_json)
    return outcome if isinstance(outcome, int) else OK
