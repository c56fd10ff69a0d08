"""``guanjia init``: a home that works alone until it joins a central."""

from __future__ import annotations

import click
import orjson

from store.exceptions import HomeExists
from store.home.credentials import open_credentials
from store.home.paths import Home, resolve_home
from store.home.settings import Settings, load_settings
from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from store.writer.upgrade import create_store
from sync.device.device import device_name
from tui.cli.groups import CLEAN_TEXT, Command, CommandContext, LabelChoice
from tui.cli.home_report import HomeIdentity, HomeReport, read_identity, show_home
from tui.cli.output import emit, say
from tui.i18n.translate import _

ROLES = ("butler", "lead_leader", "department", "bureau", "supervision_office", "principal_leader")


@click.command(cls=Command, help=_("Start a home that works alone until it joins a central."))
@click.option(
    "--district", required=True, type=CLEAN_TEXT, metavar="CODE", help=_("The district's code, such as 210903.")
)
@click.option("--district-name", type=CLEAN_TEXT, help=_("The district's name; its code stands in for it."))
@click.option("--name", required=True, type=CLEAN_TEXT, help=_("Your own name."))
@click.option(
    "--role", type=LabelChoice(ROLES, "role"), default="butler", show_default=True, help=_("What you are there.")
)
@click.pass_obj
def init(run: CommandContext, district: str, district_name: str | None, name: str, role: str) -> None:
    """Make the home, its key and its ledger, and record the person whose home it is."""
    home = resolve_home(run.home)
    facts = {"district": district, "district_name": district_name or district, "person": new_id(), "person_name": name}
    identity = make_home(home, {**facts, "roles": orjson.dumps([{"role": role}]).decode()})
    emit(run.output_format, HomeReport(identity, home), show_home, HomeReport.to_json)
    say(_("This home works alone. “guanjia join” makes it one of a district’s."))
    say(key_copy_text())


def key_copy_text() -> str:
    """How to keep a copy of the key of a new home."""
    return _(
        "Only its key opens this ledger. Make a copy of the key now and keep it elsewhere: guanjia backup FILE "
        "--key-file KEYFILE"
    )


def make_home(home: Home, facts: dict[str, str]) -> HomeIdentity:
    """Create a ledger that knows ``facts``, with the person's own line in it. Raises `HomeExists` before anything is
    touched."""
    from store.writer.local_writes import Ledger

    if home.exists:
        raise HomeExists(home=home.path)
    home.create()
    settings = load_settings(home)
    key = open_credentials(home, settings.credentials).key_for_new_store()
    facts = {"device": new_id(), "device_name": device_name(), **facts}
    database = create_store(home.database, key, facts)
    try:
        ledger = Ledger(database, wall_clock=lambda: _wall_clock_ms(settings))
        ledger.put("person", {"name": facts["person_name"]}, id=facts["person"])
    finally:
        database.close()
    return read_identity(facts)


def _wall_clock_ms(settings: Settings) -> int:
    return system_clock_ms() + settings.test_clock_offset_ms
