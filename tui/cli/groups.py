"""What all commands share: the options that stand before or after any command, and groups that load lazily."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple

import click
from click.shell_completion import CompletionItem

from store.values.text import sanitize
from tui.cli.early_options import is_valid_path
from tui.cli.output import OutputFormat
from tui.i18n import translate
from tui.i18n.translate import _

LANGUAGES = ("zh", "en")


@dataclass
class CommandContext:
    """What was asked for, whatever the command: which home, and how data is printed."""

    home: Path | None = None
    output_format: OutputFormat = OutputFormat.TEXT


class LazyCommand(NamedTuple):
    """A command that is loaded when it is called: its name, ``module:attribute`` (a command, or a dict of
    commands by name) and the line that help shows."""

    name: str
    target: str
    help: str


class CleanText(click.ParamType[str]):
    """Text that a person typed: characters that act on terminals are dropped at the entrance."""

    name = "text"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """The text without forbidden characters."""
        return sanitize(str(value))


class PathParam(click.Path):
    """A path; what no file can be called is wrong usage and not an error of the system."""

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        """The path, as it was typed."""
        if not is_valid_path(str(value)):
            self.fail(_("This cannot be a path."), param, ctx)
        return super().convert(value, param, ctx)


CLEAN_TEXT = CleanText()
PATH_PARAM = PathParam(path_type=Path)


class Command(click.Command):
    """A command that also takes the shared options."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.params.extend(shared_options())


class LazyGroup(click.Group):
    """A group whose ``entries`` are imported only when called, so that one command never pays for another's parts."""

    command_class = Command
    group_class = type

    def __init__(self, *args: Any, entries: Sequence[LazyCommand] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {entry.name: entry for entry in entries}
        self.params.extend(shared_options())

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, loaded or not."""
        return [*self.entries, *(name for name in self.commands if name not in self.entries)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name, imported now if it has not been."""
        if cmd_name not in self.commands and cmd_name in self.entries:
            module, _colon, attribute = self.entries[cmd_name].target.partition(":")
            found = getattr(import_module(module), attribute)
            self.commands[cmd_name] = found[cmd_name] if isinstance(found, dict) else found
        return self.commands.get(cmd_name)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        """As click does, but a misspelt name is compared with the commands that are not loaded, too."""
        names = self.list_commands(ctx)
        if args[0] not in names and not args[0].startswith("-") and not ctx.resilient_parsing:
            raise click.NoSuchCommand(args[0], possibilities=names, ctx=ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """The list of commands in help, from the table: nothing is imported for it."""
        rows = [(name, self.help_line(ctx, name)) for name in self.list_commands(ctx)]
        with formatter.section(_("Commands")):
            formatter.write_dl(rows)

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Completions from the table: pressing Tab imports nothing."""
        names = [name for name in self.list_commands(ctx) if name.startswith(incomplete)]
        items = [CompletionItem(name, help=self.help_line(ctx, name)) for name in names]
        return items + click.Command.shell_complete(self, ctx, incomplete)

    def help_line(self, ctx: click.Context, name: str) -> str:
        """One line about a command."""
        if name in self.entries:
            return self.entries[name].help
        return self.commands[name].get_short_help_str(limit=100)


def shared_options() -> list[click.Option]:
    """The options that every command takes, before its name or after it; whichever comes last counts."""
    return [
        _option(
            ["--home"], _set_home, type=PATH_PARAM, metavar="DIR", help=_("The home to use: one person on one device.")
        ),
        _option(["--json"], _set_form(OutputFormat.JSON), is_flag=True, help=_("Print data as one JSON value.")),
        _option(
            ["--ndjson"], _set_form(OutputFormat.NDJSON), is_flag=True, help=_("Print data as one JSON value a line.")
        ),
        _option(["--lang"], _set_language, type=click.Choice(LANGUAGES), help=_("The language of texts: zh or en.")),
    ]


def _option(names: list[str], callback: Any, **attributes: Any) -> click.Option:
    return click.Option(names, callback=callback, expose_value=False, **attributes)


def _set_home(ctx: click.Context, param: click.Parameter, value: Path | None) -> None:
    if value is not None:
        ctx.ensure_object(CommandContext).home = value


def _set_form(form: OutputFormat) -> Any:
    def remember(ctx: click.Context, param: click.Parameter, value: bool) -> None:
        run = ctx.ensure_object(CommandContext)
        if value:
            run.output_format = form

    return remember


def _set_language(ctx: click.Context, param: click.Parameter, value: str | None) -> None:
    if value is not None:
        translate.set_language(value)
