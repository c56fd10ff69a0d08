"""``guanjia central bundle``: answer the files that were brought to a central."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from sync.central.admin.bundle_folder import AnsweredFiles, answer_files
from sync.central.bundles import AnsweredBundle
from sync.exceptions import SyncError
from sync.transport.answers import refused_by_code
from tui.cli.commands.central import DATA, ENTRIES, central_folder
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import PATH_PARAM, Command, CommandContext
from tui.cli.output import emit, say, show
from tui.i18n.translate import _, error_text, ngettext

OUTCOMES = ("applied", "superseded", "rejected")
"""What may become of a line, as `sync.protocol.PushOutcome` names it."""


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "bundle"))
@click.argument("files", metavar="FILE|DIR…", type=PATH_PARAM, nargs=-1, required=True)
@click.option(
    "--out", type=PATH_PARAM, metavar="FILE|DIR", help=_("Where the answers go; without it beside the files.")
)
@DATA
@click.pass_obj
def bundle(run: CommandContext, files: tuple[Path, ...], out: Path | None, data: Path | None) -> int:
    """Answer them and print the answers; exits 3 where a file was not answered."""
    answered = answer_files(central_folder(data), files, out)
    told = [*map(_answer_json, answered.answers), *(_refused_json(path, error) for path, error in answered.refused)]
    emit(run.output_format, told, _show, lambda answers: {**_totals(answered), "answers": answers})
    return NEEDS_ATTENTION if answered.refused else OK


def _totals(answered: AnsweredFiles) -> dict[str, object]:
    """How many lines came with all of these files, and how many had which outcome."""
    outcomes = sum((Counter(each.outcomes) for each in answered.answers), Counter[str]())
    return {"lines": outcomes.total(), "outcomes": {name: outcomes[name] for name in OUTCOMES}}


def _answer_json(answer: AnsweredBundle) -> dict[str, object]:
    refused = answer.refused
    why = None if refused is None else refused_by_code(refused.status, refused.code, dict(refused.extra))
    return {**answer.to_json(), "text": "" if why is None else error_text(why)[0]}


def _refused_json(path: Path, error: SyncError) -> dict[str, object]:
    return {"file": None, "of": str(path), "code": error.code, "text": "\n".join(error_text(error))}


def _show(told: Sequence[Mapping[str, Any]]) -> None:
    for each in told:
        if each["file"] is None:
            say(each["text"])
        elif each["refused"]:
            show(each["file"])
            say(
                _("{name} is refused, and the answer says so: {why}").format(
                    name=each["person"] or "—", why=each["text"]
                )
            )
        else:
            show(each["file"])
            lines = ngettext("{name}: {n} line", "{name}: {n} lines", each["lines"])
            say(lines.format(name=each["person"], n=each["lines"]))
    if not told:
        say(_("No file for this central is there that was not answered yet."))


COMMANDS: dict[str, click.Command] = {"bundle": bundle}
"""The command by its name."""
