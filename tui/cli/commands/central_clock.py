"""``guanjia central clock``: whether the central's clock is believed, the operator's word for it, and the repair of
what a wrong one has stamped."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import click

from sync.central.admin import clock_status
from tui.cli.commands.central import DATA, ENTRIES, central_folder
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, say, show_pairs, show_table
from tui.i18n.sync_text import duration_text
from tui.i18n.translate import _, ngettext


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "clock"))
@click.option("--confirm", is_flag=True, help=_("This machine’s present time is right: take lines in again."))
@click.option("--repair", is_flag=True, help=_("Restamp the lines that are stamped in the future."))
@click.option("--district", type=CLEAN_TEXT, metavar="CODE", help=_("Which district, where there are several."))
@DATA
@click.pass_obj
def clock(run: CommandContext, confirm: bool, repair: bool, district: str | None, data: Path | None) -> None:
    """Print what is known of the clock; with ``--confirm``, believe it; with ``--repair``, repair what a wrong one has
    stamped."""
    folder = central_folder(data)
    facts = clock_status.confirm_clock(folder, district=district) if confirm else {}
    if repair:
        facts = clock_status.repair_future(folder, district=district)
    facts = facts or clock_status.read_clock(folder, district=district)
    emit(run.output_format, facts, _show)
    say_clock_doubt(facts)
    if facts["stamped_ahead"]:
        count = int(str(facts["stamped_ahead"]))
        text = ngettext(
            "{n} line is stamped in the future. Once the clock is right: guanjia central clock --repair",
            "{n} lines are stamped in the future. Once the clock is right: guanjia central clock --repair",
            count,
        )
        say(text.format(n=count))


def clock_doubt(folder: Path, district: str | None) -> dict[str, object]:
    """``clock_doubtful`` and ``clock_off_ms`` of a central, for the commands that tell its state."""
    facts = clock_status.read_clock(folder, district=district)
    return {name: facts[name] for name in ("clock_doubtful", "clock_off_ms")}


def say_clock_doubt(facts: Mapping[str, object]) -> None:
    """Tell the operator on stderr that the clock is not believed; nothing where it is."""
    if facts["clock_doubtful"]:
        text = _(
            "The central’s clock is wrong ({off}), as its devices or its latest write say: nothing is taken in. "
            "Devices can read; what they have to send waits on them. Set this machine’s clock. If it is right, the "
            "next device with the same time ends this, or “guanjia central clock --confirm”."
        )
        say(text.format(off=_off_text(facts["clock_off_ms"])))


def _show(facts: Mapping[str, object]) -> None:
    believed = _("no") if facts["clock_doubtful"] else _("yes")
    synchronised = _("yes") if facts["system_synchronised"] else _("no")
    show_pairs(
        (
            (_("Now"), facts["now"]),
            (_("Latest write"), facts["latest_write"] or _("never")),
            (_("Believed"), believed),
            (_("Set by a time server"), synchronised),
        )
    )
    if facts.get("repaired") is not None:
        show_pairs([(_("Restamped lines"), facts["repaired"])])
    devices = facts["devices"]
    if isinstance(devices, list) and devices:
        columns = (_("Device"), _("Person"), _("When"), _("The central’s clock"))
        show_table(columns, ((d["name"], d["account"], d["at"], _off_text(d["off_ms"])) for d in devices))


def _off_text(off_ms: object) -> str:
    """By how much the central's clock is ahead (negative: behind), in words."""
    ms = int(str(off_ms or 0))
    text = _("about {size} behind") if ms < 0 else _("about {size} ahead")
    return text.format(size=duration_text(abs(ms)))
