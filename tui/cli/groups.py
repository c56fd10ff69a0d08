"""Building blocks of all commands: the shared options, parameter types, and groups that import commands when called."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path
from typing import Any, NamedTuple, TypeVar

import click
from click.shell_completion import CompletionItem

from tui.cli.help_layout import WideContext, translate_placeholder
from tui.cli.options import SHARED_OPTIONS, OptionSpec
from tui.cli.output import OutputFormat, emit, tables_to
from tui.cli.param_types import (
    CLEAN_TEXT,
    PATH_PARAM,
    YUAN,
    CleanText,
    LabelChoice,
    PathParam,
    TextChoice,
    WholeNumber,
    WordChoice,
)
from tui.cli.usage_text import MISSING
from tui.i18n import translate
from tui.i18n.translate import LANGUAGES, _

__all__ = [
    "CLEAN_TEXT", "PATH_PARAM", "YUAN", "CleanText", "Command", "CommandContext", "LabelChoice", "LazyCommand",
    "LazyGroup", "PathParam", "TextChoice", "WholeNumber", "drop_unset", "shared_options", "with_options",
]  # fmt: skip
Decorated = TypeVar("Decorated", bound=Callable[..., object])
Value = TypeVar("Value")
LIST = "list"
"""The name of every command that prints a list, which it can write to a file."""


@dataclass
class CommandContext:
    """What the shared options say: which home, and how data is printed; what was confirmed beforehand (``--new``,
    ``--yes``); the name of the person in whose place it is written (``--for``); and of a list, to which file it goes
    (``--out``), which it may replace (``--overwrite``)."""

    home: Path | None = None
    output_format: OutputFormat = OutputFormat.TEXT
    accepts_new_names: bool = False
    accepts_days: bool = False
    principal: str | None = None
    list_out: Path | None = None
    list_overwrite: bool = False


class LazyCommand(NamedTuple):
    """A command that is imported when it is called: its name, ``module:attribute`` (a command, or a dict of
    commands by name) and the line that help shows."""

    name: str
    target: str
    help: str


class Command(click.Command):
    """A command that also takes the shared options; one that is called ``list``, or ``lists``, also those by which its
    table goes to a file."""

    context_class = WideContext

    def __init__(self, *args: Any, lists: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.lists = lists or self.name == LIST
        if self.lists:
            self.params += list_options()
        prepare_params(self.params)

    def invoke(self, ctx: click.Context) -> Any:
        """Run it; a list that goes to a file tells which was written instead of being printed."""
        run = ctx.ensure_object(CommandContext)
        if not self.lists or run.list_out is None:
            return super().invoke(ctx)
        from tui.cli.list_file import ListFile, WrittenFile, show_written

        file = ListFile(run.list_out, overwrite=run.list_overwrite)
        with tables_to(file):
            result = super().invoke(ctx)
        if file.written is not None:
            emit(run.output_format, file.written, show_written, WrittenFile._asdict)
        return result

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; wrong usage knows its command (`named_usage`), and all that is missing of what it needs."""
        typed = list(args)
        with named_usage(ctx):
            try:
                return super().parse_args(ctx, args)
            except click.MissingParameter:
                ctx.meta[MISSING] = self._missing(ctx, typed)
                raise

    def _missing(self, ctx: click.Context, typed: list[str]) -> list[click.Parameter]:
        values = self.make_parser(ctx).parse_args(typed)[0]
        required = [each for each in self.get_params(ctx) if each.required]
        return [each for each in required if each.value_is_missing(each.consume_value(ctx, values)[0])]

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands behind the command's name in its usage line."""
        self.options_metavar = _("[OPTIONS]")
        return super().collect_usage_pieces(ctx)


class LazyGroup(click.Group):
    """A group whose ``entries`` are imported only when called, so that one command never pays for another's imports.
    ``aliases`` are former names of commands: they work, and neither help nor completion shows them."""

    command_class = Command
    context_class = WideContext
    group_class = type

    def __init__(
        self,
        *args: Any,
        entries: Sequence[LazyCommand] = (),
        aliases: Mapping[str, str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.entries = {entry.name: entry for entry in entries}
        self.aliases = aliases or {}
        prepare_params(self.params)

    def collect_usage_pieces(self, ctx: click.Context) -> list[str]:
        """What stands behind the group's name in its usage line."""
        self.options_metavar, self.subcommand_metavar = _("[OPTIONS]"), _("COMMAND [ARGUMENTS]…")
        return super().collect_usage_pieces(ctx)

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """As click does; wrong usage knows its group (`named_usage`)."""
        with named_usage(ctx):
            return super().parse_args(ctx, args)

    def list_commands(self, ctx: click.Context) -> list[str]:
        """The names of all commands, loaded or not."""
        return [*self.entries, *(name for name in self.commands if name not in self.entries)]

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """The command of a name or alias, imported now if it has not been."""
        cmd_name = self.aliases.get(cmd_name, cmd_name)
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
        if (
            args[0] not in names
            and args[0] not in self.aliases
            and not args[0].startswith("-")
            and not ctx.resilient_parsing
        ):
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


@contextmanager
def named_usage(context: click.Context) -> Iterator[None]:
    """Errors of click's parser name the command whose options they are about; click leaves some without."""
    try:
        yield
    except click.UsageError as error:
        error.ctx = error.ctx or context
        raise


def with_options(*options: Callable[[Decorated], Decorated]) -> Callable[[Decorated], Decorated]:
    """Several click options as one decorator; help shows them in this order."""

    def decorate(command: Decorated) -> Decorated:
        for option in reversed(options):
            command = option(command)
        return command

    return decorate


def drop_unset(options: Mapping[str, Value | None]) -> dict[str, Value]:
    """The options that were given: those that are not None."""
    return {name: value for name, value in options.items() if value is not None}


def prepare_params(params: list[click.Parameter]) -> None:
    """Put a command's options into the person's language, and add the shared ones."""
    for param in params:
        word = param.metavar
        if isinstance(param, click.Argument) and word is None and not isinstance(param.type, click.Choice):
            word = str(param.name).upper() if param.nargs == 1 else f"{str(param.name).upper()}…"
            word = word if param.required else f"[{word}]"
        param.metavar = translate_placeholder(word)
        if isinstance(param, click.Option) and isinstance(param.type, LabelChoice) and param.show_default is True:
            param.show_default = param.type.label(str(param.default))
    params.extend(shared_options())


def list_options() -> list[click.Option]:
    """The options by which a list goes to a file."""

    def remember(name: str, ctx: click.Context, _param: click.Parameter, value: object) -> None:
        setattr(ctx.ensure_object(CommandContext), name, value)

    text = _("Write the list to this file (.xlsx, .docx, .csv, .json, .md) instead of printing it.")
    out = click.Option(
        ["--out"],
        type=PATH_PARAM,
        metavar="FILE",
        expose_value=False,
        callback=partial(remember, "list_out"),
        help=text,
    )
    overwrite = click.Option(
        ["--overwrite"],
        is_flag=True,
        expose_value=False,
        callback=partial(remember, "list_overwrite"),
        help=_("Replace the file where there is one already."),
    )
    return [out, overwrite]


def shared_options() -> list[click.Option]:
    """The options that every command takes, before its name or after it; whichever comes last counts."""
    return [_shared_option(spec) for spec in SHARED_OPTIONS]


def _shared_option(spec: OptionSpec) -> click.Option:
    kind, metavar = _TYPES.get(spec.name, (None, None))
    setter = _SETTERS[spec.name]

    def remember(ctx: click.Context, param: click.Parameter, value: object) -> None:
        run = ctx.ensure_object(CommandContext)  # every command gets one, whichever options were typed
        if value:
            setter(run, value)

    return click.Option(
        [spec.flag],
        type=kind,
        metavar=translate_placeholder(metavar),
        is_flag=spec.is_plain is None,
        callback=remember,
        expose_value=False,
        help=_(spec.help),
    )


def _set_home(run: CommandContext, value: object) -> None:
    run.home = Path(str(value))


def _set_json(run: CommandContext, _value: object) -> None:
    run.output_format = OutputFormat.JSON


def _set_ndjson(run: CommandContext, _value: object) -> None:
    run.output_format = OutputFormat.NDJSON


def _set_language(_run: CommandContext, value: object) -> None:
    translate.set_language(str(value))


_TYPES: dict[str, tuple[click.ParamType[object], str | None]] = {
    "home": (PATH_PARAM, "DIR"),
    "language": (WordChoice(LANGUAGES), None),
}
_SETTERS: dict[str, Callable[[CommandContext, object], None]] = {
    "home": _set_home,
    "json": _set_json,
    "ndjson": _set_ndjson,
    "language": _set_language,
}
"""What each shared option sets, by its name in `SHARED_OPTIONS`."""
