"""``guanjia join``: enrol this device at a central; a home that worked alone keeps all its lines."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import click

from store.home.paths import resolve_home
from store.home.settings import load_settings
from sync.enrolment import JoinPlan, join_central, plan_join
from sync.exceptions import CentralUnreachable, NotJoined
from sync.protocol.bundle.keys import fingerprint
from sync.protocol.bundle.names import INVITATION_SUFFIX
from sync.round.join_by_file import make_invited_home, read_invitation, write_join
from tui.cli.groups import CLEAN_TEXT, PATH_PARAM, Command, CommandContext
from tui.cli.home_report import HomeIdentity, HomeReport, show_home
from tui.cli.output import OutputFormat, emit, say, show
from tui.cli.pin_prompt import unlock_home
from tui.cli.secret_input import read_secret
from tui.i18n.translate import _, ngettext, value_label


@click.command(cls=Command, help=_("Enrol this device at a central. A home that worked alone keeps all its lines."))
@click.argument("url", metavar="URL|FILE", type=CLEAN_TEXT)
@click.option(
    "--code",
    type=CLEAN_TEXT,
    help=_("The one-time code; without it, it is asked for or read from standard input."),
)
@click.option(
    "--code-file", type=PATH_PARAM, metavar="FILE", help=_("A file whose first line is the code; - is standard input.")
)
@click.option("--hand-over", is_flag=True, help=_("This home is handed over to the person whom the code is for."))
@click.option("--check", is_flag=True, help=_("Only say what joining would do; the code stays good."))
@click.option(
    "--out",
    type=PATH_PARAM,
    metavar="FILE|DIR",
    help=_("With an invitation file: where the file for the central goes; without it beside the invitation."),
)
@click.pass_obj
def join(
    run: CommandContext,
    /,
    url: str,
    code: str | None,
    code_file: Path | None,
    hand_over: bool,
    check: bool,
    out: Path | None,
) -> None:
    """Exchange the code for a token and print whose device this is; with an invitation file, write the join as a
    file."""
    if url.endswith(INVITATION_SUFFIX):
        _join_by_file(run, Path(url).expanduser(), out)
        return
    if code and code_file:
        raise click.UsageError(_("Only one of these at a time: {options}.").format(options="--code, --code-file"))
    code = code or read_secret(code_file, _("Code"), "guanjia join")
    home = resolve_home(run.home)
    unlock_home(home)
    settings = load_settings(home)
    with _explaining_join_failure():
        plan = plan_join(home, settings, url, code) if check or home.exists else None
    if check:
        emit(run.output_format, plan, _show_plan, _plan_json)
        return
    if plan is not None and plan.beyond_roles and (hand_over or not plan.former_name):
        say(lost_lines_warning(plan))
    with _explaining_join_failure():
        joined = join_central(home, settings, url, code, hand_over=hand_over)
    identity = HomeIdentity(joined.person, joined.person_name, joined.device, joined.district, joined.district_name)
    emit(run.output_format, HomeReport(identity, home, joined.roles), show_home, HomeReport.to_json)
    if joined.former_name:
        text = _(
            "This home was {former}'s until now and is {name}'s from now on. What was written here and not sent yet is "
            "sent under {name}'s name; what was sent stays as it is."
        )
        say(text.format(former=joined.former_name, name=joined.person_name))
    if run.output_format is OutputFormat.TEXT:
        say(_("Now “guanjia sync” brings what you may see."))


def _join_by_file(run: CommandContext, path: Path, out: Path | None) -> None:
    """Write the join as a file; a home that is not there yet is made, and works alone until the answer has come."""
    home = resolve_home(run.home)
    unlock_home(home)
    settings = load_settings(home)
    invitation = read_invitation(path)
    if not home.exists:
        make_invited_home(home, settings, invitation)
    file = write_join(home, settings, invitation, out or path.parent)
    sign = fingerprint(invitation.key)
    emit(run.output_format, {"file": str(file), "fingerprint": sign}, lambda told: show(told["file"]))
    say(
        _("The central’s fingerprint: {fingerprint}. Compare it with the one that the bureau names.").format(
            fingerprint=sign
        )
    )
    say(
        _(
            "Bring this file to the central of {district}. This home works alone until “guanjia bundle import” has "
            "taken in the answer."
        ).format(district=invitation.district_name)
    )


def lost_lines_warning(plan: JoinPlan) -> str:
    """What will happen to the lines that the roles of the code may not write."""
    count = sum(plan.beyond_roles.values())
    kinds = _(", ").join(f"{value_label('kind', kind)} {n}" for kind, n in plan.beyond_roles.items())
    text = ngettext(
        "{n} line here is of a kind that your role does not enter ({kinds}). It is proposed to the bureau and stays "
        "here; it counts for all once the bureau accepts it.",
        "{n} lines here are of kinds that your role does not enter ({kinds}). They are proposed to the bureau and stay "
        "here; they count for all once the bureau accepts them.",
        count,
    )
    return text.format(n=count, kinds=kinds)


def _plan_json(plan: JoinPlan | None) -> dict[str, object] | None:
    return None if plan is None else {**plan._asdict(), "text": lost_lines_warning(plan) if plan.beyond_roles else ""}


@contextlib.contextmanager
def _explaining_join_failure() -> Iterator[None]:
    """Say of a central that cannot be reached what that means for a join, which no next round makes up for."""
    try:
        yield
    except CentralUnreachable as error:
        raise NotJoined(error) from error


def _show_plan(plan: JoinPlan | None) -> None:
    if plan is None:
        show(_("This central is too old to tell whom a code is for."))
        return
    roles = "、".join(dict.fromkeys(value_label("role", role) for role in plan.roles))
    show(_("The code is for {name}: {roles}.").format(name=plan.name or _("nobody by name"), roles=roles))
    if plan.former_name:
        show(_("This home is {ours}'s until now: joining would hand it over.").format(ours=plan.former_name))
    if plan.beyond_roles:
        show(lost_lines_warning(plan))
