"""``guanjia central healing``: how far a central that was set back has been healed, and what the bureau decides."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import click

from sync.central.admin.healing import ClaimJson, HealingDeviceJson, HealingJson, decide_claims, healing_report
from sync.central.writes.decisions import DecisionResult
from tui.cli.commands.central import DATA, DISTRICT, ENTRIES, central_folder, say_left
from tui.cli.errors import NEEDS_ATTENTION, OK
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext
from tui.cli.output import emit, say, show, show_table
from tui.i18n.translate import _, ngettext, value_label


@click.command(cls=Command, help=next(entry.help for entry in ENTRIES if entry.name == "healing"))
@click.option(
    "--accept", multiple=True, type=CLEAN_TEXT, metavar="ID", help=_("Accept what waits of this line; may be repeated.")
)
@click.option(
    "--reject", multiple=True, type=CLEAN_TEXT, metavar="ID", help=_("Reject what waits of this line; may be repeated.")
)
@click.option("--all", "everything", is_flag=True, help=_("Accept everything that waits."))
@DISTRICT
@DATA
@click.pass_obj
def healing(
    run: CommandContext,
    accept: tuple[str, ...],
    reject: tuple[str, ...],
    everything: bool,
    district: str | None,
    data: Path | None,
) -> int:
    """Carry out the decisions, if there are any, and print the report; exit code 3 while it is not whole, something
    waits for a decision, or devices were refused that perhaps joined after the backup."""
    folder = central_folder(data)
    result = DecisionResult(0, 0)
    if accept or reject or everything:
        result = decide_claims(folder, None if everything else accept, reject, district=district)
    report = healing_report(folder, district=district)
    emit(run.output_format, report, _show_report)
    if result.decided:
        say(ngettext("{n} version decided.", "{n} versions decided.", result.decided).format(n=result.decided))
    say_left(result.left)
    left = report["doubled_numbers"] or report["unknown_tokens"] or report["claims"]
    return OK if report["whole"] and not left else NEEDS_ATTENTION


def _show_report(report: HealingJson) -> None:
    if report["epoch"] == 1:
        show(_("This central was never set back."))
    else:
        show(_("Set back {n}×, last at {time}.").format(n=report["epoch"] - 1, time=report["begun_at"]))
        show(_("Regained from the devices: {n} versions.").format(n=report["regained"]))
        _show_devices(report["devices"])
        _show_missing(report)
    if report["unknown_tokens"]:
        count = report["unknown_tokens"]
        refused = ngettext(
            "A device that this central does not know was refused {n} time since.",
            "Devices that this central does not know were refused {n} times since.",
            count,
        )
        show(refused.format(n=count))
        say(
            _(
                "Perhaps somebody who joined after the backup: they are known again once a computer of the bureau that "
                "has synced since then is back. If not, invite them again; they keep all their lines."
            )
        )
    for number, issues in report["doubled_numbers"].items():
        show(_("Close-out number {number} is claimed by several issues: {issues}").format(
            number=number, issues="、".join(issues)
        ))  # fmt: skip
    _show_claims(report["claims"])


def _show_devices(devices: Sequence[HealingDeviceJson]) -> None:
    columns = (_("Device"), _("Person"), _("Back"), _("Equal"), _("Regained"), _("Seen"))
    show_table(columns, map(_device_cells, devices))


def _device_cells(device: HealingDeviceJson) -> tuple[object, ...]:
    came = (device["back"], device["equal"], device["regained"])
    return device["name"], device["person"], *came, device["seen_at"]


def _show_missing(report: HealingJson) -> None:
    missing = report["missing"]
    if report["whole"]:
        show(_("Whole: every device that this central knows has come back, and its checksums are equal."))
        return
    if missing["devices"]:
        show(_("Not back or not equal yet: {names}").format(names="、".join(missing["devices"])))
        say(_("A device that is lost for good is revoked: guanjia central revoke ID."))
    if missing["numbers"]:
        show(_("Close-out numbers without an issue: {numbers}").format(numbers="、".join(missing["numbers"])))
    if missing["lines"]:
        show(_("Projects, issues or procedures of which only parts are here: {ids}").format(
            ids="、".join(missing["lines"])
        ))  # fmt: skip


def _show_claims(claims: Sequence[ClaimJson]) -> None:
    if not claims:
        return
    show(_("Versions without a receipt, which wait for the bureau’s decision:"))
    columns = ("ID", _("Kind"), _("By"), _("Written"), _("Brought by"), _("What it says"))
    show_table(columns, map(_claim_cells, claims))
    say(_("Take in what is right: guanjia central healing --accept ID, or --all."))


def _claim_cells(claim: ClaimJson) -> tuple[object, ...]:
    says = "，".join(str(value) for value in claim["body"].values())
    return claim["id"], value_label("kind", claim["kind"]), claim["author"], claim["written"], claim["person"], says
