"""Man pages made from the commands: one for the program and one for each of its commands, with all below it.

``python -m release.man_pages FOLDER LANGUAGE`` writes them. The texts are those of ``guanjia help``, which a process
has in the language that was set when the commands were loaded.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import click

from store.values.version import VERSION
from tui.i18n.translate import _, set_language

PROGRAM = "guanjia"


def escaped(text: str) -> str:
    """Text as roff prints it: no letter of it is an instruction."""
    text = text.replace("\\", "\\e").replace("-", "\\-")
    return "\n".join(f"\\&{line}" if line.startswith((".", "'")) else line for line in text.splitlines())


def pages() -> Iterator[tuple[str, str]]:
    """The name of each page's command, and the page."""
    from tui.cli import click_translation  # noqa: PLC0415 - after the language was set
    from tui.cli.root import guanjia  # noqa: PLC0415

    click_translation.install_translations()
    context = guanjia.context_class(guanjia, info_name=PROGRAM)
    yield PROGRAM, page(guanjia, context, whole=False)
    for name in guanjia.list_commands(context):
        command = guanjia.get_command(context, name)
        if command is not None and not command.hidden:
            below = command.context_class(command, info_name=name, parent=context)
            yield f"{PROGRAM}-{name}", page(command, below, whole=True)


def page(command: click.Command, context: click.Context, *, whole: bool) -> str:
    """The page of a command; ``whole``, with the commands below it."""
    name = context.command_path.replace(" ", "-")
    first = (command.get_short_help_str(200) or name).strip()
    parts = [
        f'.TH "{name.upper()}" "1" "" "{PROGRAM} {VERSION}" ""',
        ".ad l",
        ".nh",
        ".SH NAME",
        f"{escaped(f'{name} - {first}')}",
    ]
    parts += _body(command, context, ".SH")
    if isinstance(command, click.Group):
        parts += _commands(command, context, whole)
    return "\n".join([*parts, ""])


def _body(command: click.Command, context: click.Context, heading: str) -> list[str]:
    """Synopsis, what it does, and its options."""
    usage = " ".join([context.command_path, *command.collect_usage_pieces(context)])
    parts = [f"{heading} {escaped(usage)}" if heading == ".SS" else f".SH SYNOPSIS\n.B {escaped(usage)}"]
    if heading == ".SH":
        parts.append(".SH DESCRIPTION")
    for paragraph in (command.help or "").split("\n\n"):
        parts += [".PP", escaped(paragraph.replace("\b", "").strip())]
    records = [record for param in command.get_params(context) if (record := param.get_help_record(context))]
    if records and heading == ".SH":
        parts.append(".SH OPTIONS")
    for term, text in records:
        parts += [".TP", f".B {escaped(term)}", escaped(text) or "\\&"]
    return parts


def _commands(group: click.Group, context: click.Context, whole: bool) -> list[str]:
    """The commands below a group: named in the program's page, described in a command's own."""
    parts = [f".SH {escaped(_('Commands').upper())}"]
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        below = command.context_class(command, info_name=name, parent=context)
        if whole:
            parts += _body(command, below, ".SS")
        else:
            short = escaped(command.get_short_help_str(200)) or "\\&"
            parts += [".TP", f".BR {escaped(f'{PROGRAM}-{name}')} (1)", short]
        if whole and isinstance(command, click.Group):
            parts += [line for line in _commands(command, below, whole) if not line.startswith(".SH")]
    return parts


def main(folder: Path, language: str) -> None:
    """Write every page into a folder."""
    set_language(language)
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages():
        (folder / f"{name}.1").write_text(text, "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
