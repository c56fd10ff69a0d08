"""``guanjia admin`` (issue 13): the bureau's seat from its own device, by the contract of the command line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from store.commands.exceptions import PersonNotSent
from store.home.paths import Home
from sync.exceptions import LastBureauDevice, NotForThisRole, NothingWaits, SeatCallFailed
from tests.sync.central_fixture import running_central
from tests.sync.laptops import Laptop, bureau
from tui.cli.commands.admin import admin
from tui.cli.errors import BadUsage
from tui.cli.groups import CommandContext
from tui.cli.output import OutputFormat


class Seat:
    """A home whose person administers, or tries to."""

    def __init__(self, home: Home) -> None:
        self._home = home.path

    def json(self, *arguments: str, typed: str = "") -> Any:
        """What the command prints with ``--json``. Raises the error that it ends with."""
        context = CommandContext(home=self._home, output_format=OutputFormat.JSON)
        ended = CliRunner().invoke(admin, arguments, input=typed, obj=context)
        if ended.exception is not None:
            raise ended.exception
        return json.loads(ended.stdout)


def check_figures_and_decisions(seat: Seat) -> None:
    """Accounts are counted; what is to be decided is read line by line from standard input, for one of both alone."""
    assert seat.json("figures")["accounts"] == 2
    for name in ("--accept", "--reject"):
        with pytest.raises(NothingWaits, match="没有"):
            seat.json("waiting", name, "-", typed="12\n\n没有\n")
    with pytest.raises(BadUsage):
        seat.json("waiting", "--accept", "-", "--reject", "-")


def test_the_bureau_administers_from_its_own_device(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Invite, join, list, audit and stop without the server's shell: the code works on another laptop, which is listed
    with its version; what is to be decided is also read from standard input; once stopped it is refused, and the bureau
    cannot stop itself; a butler may do nothing of it. A central that is away is told without speaking of rounds."""
    monkeypatch.setenv("GUANJIA_CREDENTIALS", "file")
    with running_central(tmp_path) as central:
        home = bureau(tmp_path / "boss", central, "张局")
        seat = Seat(home.home)
        home.put("person", name="李管家")
        with pytest.raises(PersonNotSent):
            seat.json("invite", "李管家")
        home.sync()
        made = seat.json("invite", "李管家", "--hours", "48", "--role", "butler")
        assert made.keys() >= {"code", "expires_at"}
        assert "李管家" in [code["name"] for code in seat.json("codes")]
        butler = Laptop(tmp_path / "butler").join(central, made["code"])
        butler.sync()
        people = {one["name"]: one for one in seat.json("people")}
        assert [role["role"] for role in people["李管家"]["roles"]] == ["butler"]
        (device,) = seat.json("devices", "--person", "李管家")
        assert (device["account"], device["unsent"], device["revoked_at"]) == ("李管家", 0, None)
        assert device["program"]
        assert seat.json("devices", "--unseen", "1") == []
        check_figures_and_decisions(seat)
        with pytest.raises(NotForThisRole):
            Seat(butler.home).json("people")
        with pytest.raises(LastBureauDevice):
            seat.json("revoke", "张局")
        assert [one["account"] for one in seat.json("revoke", "李管家")] == ["李管家"]
        told = seat.json("audit", "--person", "张局", "--newest", "--limit", "3")
        assert told[0]["action"] == "revoke"
        out = tmp_path / "audit.csv"
        assert seat.json("audit", "--person", "张局", "--action", "出加入码", "--out", str(out)) == {
            "file": str(out),
            "entries": 1,
        }
    with pytest.raises(SeatCallFailed) as away:
        seat.json("codes")
    assert away.value.code == "unreachable"
    assert "{" not in str(away.value) and "next round" not in str(away.value)
