"""Whose home it is, as ``init``, ``join`` and ``restore-backup`` print it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

from store.home.paths import Home
from tui.cli.output import show_pairs
from tui.i18n.sync_text import short_id
from tui.i18n.translate import _, value_label


class HomeIdentity(NamedTuple):
    """The person, device and district of a home."""

    person: str
    person_name: str
    device: str
    district: str
    district_name: str


class HomeReport(NamedTuple):
    """A home that was made, joined or restored; ``roles`` are those that a central gave, None without one."""

    identity: HomeIdentity
    home: Home
    roles: Sequence[Mapping[str, object]] | None = None

    def to_json(self) -> dict[str, object]:
        """The identity with the folder of the home, and the roles where there is a central."""
        roles = {} if self.roles is None else {"roles": self.roles}
        return {"home": str(self.home.path), **self.identity._asdict(), **roles}


def read_identity(facts: Mapping[str, str]) -> HomeIdentity:
    """The identity in the facts of a store."""
    return HomeIdentity(**{name: facts[name] for name in HomeIdentity._fields})


def show_home(report: HomeReport) -> None:
    """Print a home for people."""
    who = report.identity
    roles = _(", ").join(dict.fromkeys(value_label("role", str(role["role"])) for role in report.roles or ()))
    show_pairs(
        (
            (_("Person"), who.person_name),
            (_("District"), f"{who.district_name} ({who.district})"),
            (_("Device"), short_id(who.device)),
            (_("Roles"), roles or None),
            (_("Home"), str(report.home.path)),
        )
    )
