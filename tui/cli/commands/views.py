"""``guanjia view``: how a person filters and sorts lists, kept under names (``;`` on the screens)."""

from __future__ import annotations

from collections.abc import Mapping

import click

from store.domain.issue_lifecycle import STATES
from store.domain.registers import REGISTERS, Register
from store.queries.saved_views import SavedViewRow, saved_views
from tui.cli.errors import BadUsage
from tui.cli.groups import CLEAN_TEXT, CommandContext, LazyGroup, TextChoice
from tui.cli.output import emit, show, show_table
from tui.cli.session import home_session, write_session
from tui.i18n.translate import N_, _

PLACES = {
    "issues": N_("Issues"),
    "projects": N_("Projects"),
    **{f"register:{name}": register.title for name, register in REGISTERS.items()},
    "address_book:person": N_("People"),
    "address_book:unit": N_("Units"),
}
"""The lists that have views, and what they are called."""
_LIST = click.option("--list", "place", type=TextChoice(PLACES), help=_("Of this list only."))


@click.group(cls=LazyGroup, help=_("Your saved views of lists, the same on all of your devices; ; on the screens."))
def view() -> None:
    """The commands about views."""


@view.command("list", help=_("Your views, by list and name."))
@_LIST
@click.pass_obj
def list_(run: CommandContext, place: str | None) -> None:
    """Print the views."""
    with home_session(run.home) as session, session.database.read() as connection:
        rows = saved_views(connection, place)
    emit(run.output_format, rows, _show_list, lambda listed: [row._asdict() for row in listed])


@view.command("show", lists=True, help=_("The list, as one of your views filters and sorts it."))
@click.argument("name", type=CLEAN_TEXT)
@_LIST
@click.pass_context
def show_(ctx: click.Context, name: str, place: str | None) -> object:
    """Print the list of a view."""
    from store.commands.saved_views import find

    with home_session(ctx.ensure_object(CommandContext).home) as session, session.database.read() as connection:
        found = find(saved_views(connection), name, place)
    group, options = list_command(found)
    return ctx.invoke(_command_of(ctx, group, found.place), **options)


def _command_of(ctx: click.Context, group: str, place: str) -> click.Command:
    """The command that shows the list ``place``."""
    root = ctx.find_root().command
    commands = root.get_command(ctx, group) if isinstance(root, LazyGroup) else None
    command = commands.get_command(ctx, "list") if isinstance(commands, LazyGroup) else None
    if command is None:
        raise BadUsage(detail=_("This version has no list “{place}”.").format(place=place), command="guanjia view")
    return command


@view.command("save", help=_("Keep a filter and an order under a name; one of that name is replaced."))
@click.argument("name", type=CLEAN_TEXT)
@click.option("--list", "place", type=TextChoice(PLACES), required=True, help=_("The list that it is of."))
@click.option(
    "--with", "choices", multiple=True, type=CLEAN_TEXT, metavar="NAME=VALUE",
    help=_("A choice of the filter, as “view list” shows it; repeatable."),
)  # fmt: skip
@click.pass_context
def save_(ctx: click.Context, name: str, place: str, choices: tuple[str, ...]) -> None:
    """Save a view and print it."""
    from store.commands import saved_views as commands

    pairs = [choice.partition("=") for choice in choices]
    if wrong := [name for name, equals, value in pairs if not (name and equals and value)]:
        raise BadUsage(
            detail=_("“{given}” is not of the form NAME=VALUE.").format(given=wrong[0]), command="guanjia view"
        )
    chosen, run = {name: value for name, _equals, value in pairs}, ctx.ensure_object(CommandContext)
    _check_choices(ctx, SavedViewRow("", place, name, chosen))
    with write_session(run.home) as writing:
        line = commands.save(writing.ledger, place, name, chosen)
        rows = [row for row in saved_views(writing.session.database.connection()) if row.id == line]
    emit(run.output_format, rows[0], lambda row: _show_list([row]), SavedViewRow._asdict)


class _ReadChoices(dict[str, str]):
    """The choices of a view; ``read`` are the names that were asked for."""

    def __init__(self, choices: Mapping[str, str]) -> None:
        super().__init__(choices)
        self.read = set[str]()

    def get(self, key: str, default: object = None, /) -> object:  # type: ignore[override]
        """The choice, which is noted as read."""
        self.read.add(key)
        return super().get(key, default)


def _check_choices(ctx: click.Context, row: SavedViewRow) -> None:
    """Refuse a choice that the list does not have: the view would show what nobody asked for."""
    chosen = _ReadChoices(row.choices)
    group, options = list_command(row._replace(choices=chosen))
    if unknown := sorted(chosen.keys() - chosen.read):
        names = ", ".join(sorted(chosen.read))
        text = _("This list has no choice “{name}”. It has: {names}").format(name=unknown[0], names=names)
        raise BadUsage(detail=text, command="guanjia view")
    for param in _command_of(ctx, group, row.place).params:
        if options.get(param.name or "") not in (None, False):
            param.type_cast_value(ctx, options[param.name or ""])


@view.command("remove", help=_("Delete a view, on all of your devices; the bin has it."))
@click.argument("name", type=CLEAN_TEXT)
@_LIST
@click.pass_obj
def remove_(run: CommandContext, name: str, place: str | None) -> None:
    """Delete a view and say which."""
    from store.commands import saved_views as commands

    with write_session(run.home) as writing:
        removed = commands.remove(writing.ledger, name, place)
    emit(run.output_format, {"name": removed}, lambda _value: show(_("Deleted: {text}").format(text=removed)))


def _show_list(rows: list[SavedViewRow]) -> None:
    columns = (_("List"), _("Name"), _("Filter and order"))
    show_table(
        columns,
        (
            (_(PLACES[row.place]) if row.place in PLACES else row.place, row.name, _choices_text(row.choices))
            for row in rows
        ),
    )


def _choices_text(choices: Mapping[str, str]) -> str:
    return " ".join(f"{name}={value}" for name, value in choices.items())


def list_command(row: SavedViewRow) -> tuple[str, dict[str, object]]:
    """The group whose ``list`` shows what a view shows on the screen, and that command's options."""
    kind, _colon, name = row.place.partition(":")
    chosen = row.choices
    turned = {"reverse": bool(chosen.get("reverse"))}
    if kind == "issues":
        return "issue", {**_issue_options(chosen), **turned}
    if kind == "projects":
        same = {each: chosen.get(each) for each in ("category", "stage", "light", "lacks")}
        flags = {each: bool(chosen.get(each)) for each in ("mine", "silent")}
        served = {each: chosen.get(f"{each}_id") for each in ("unit", "person")}
        return "project", {**same, **flags, **served, **turned, "order": chosen.get("order") or "table"}
    if kind == "register" and name in REGISTERS:
        return name, {**_register_options(REGISTERS[name], chosen), **turned}
    own: dict[str, object] = {"role": chosen.get("role"), "find": chosen.get("words")}
    own |= {"unit": chosen.get("unit_id")} if name == "person" else {}
    return name, {**own, "retired": bool(chosen.get("retired"))}


def _issue_options(chosen: Mapping[str, str]) -> dict[str, object]:
    state = chosen.get("state")
    same = {each: chosen.get(each) for each in ("light", "category", "since", "until")}
    named = {each: chosen.get(f"{each}_id") for each in ("department", "project", "owner")}
    return {
        **same, **named, "state": state if state in STATES else None, "unfinished": state == "unfinished",
        "owed": state == "owed", "text": chosen.get("words"), "supervised": bool(chosen.get("supervised")),
        "order": chosen.get("order") or "light",
    }  # fmt: skip


def _register_options(register: Register, chosen: Mapping[str, str]) -> dict[str, object]:
    options: dict[str, object] = {"sort": chosen.get("order")}
    options |= {name: chosen[name] for name in ("since", "until") if chosen.get(name)}
    options |= {"project": chosen["project_id"]} if chosen.get("project_id") else {}
    for field in register.fields:
        value = chosen.get(field.name if field.type == "choice" else f"{field.name}_id")
        options |= {field.name: value} if value else {}
    return options
