"""An answer that came as a file, taken in by processes that are killed with SIGKILL at one step after the other."""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import ParamSpec, TypeVar

from store.home.paths import Home
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.bundles import BundleResponder
from sync.device.device import Device
from sync.round.by_file import export_from, import_into
from tests.kill.keeper import forking
from tests.kill.lives import settings_of
from tests.sync.central_fixture import running_central
from tests.sync.laptops import Laptop, bureau, project, visit

STRIDE = 6
DoParams = ParamSpec("DoParams")
DoResult = TypeVar("DoResult")


class DyingDevice(Device):
    """A device whose process is killed after so many steps in the store."""

    steps_left = 0

    async def run_in_store(
        self, operation: Callable[DoParams, DoResult], *args: DoParams.args, **named: DoParams.kwargs
    ) -> DoResult:
        """As of a device, and the last of the steps is the end."""
        result = await super().run_in_store(operation, *args, **named)
        self.steps_left -= 1
        if self.steps_left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
        return result


def take_in(path: Path, answer: Path, steps: int) -> None:
    """Take an answer in, in a process of its own, which dies after so many steps."""
    home = Home(path)
    with DyingDevice.open(home, settings_of(home), page_lines=10) as device:
        device.steps_left = steps
        asyncio.run(import_into(device, answer))


def test_an_import_that_is_killed_again_and_again_ends_as_if_it_had_not_been(tmp_path: Path) -> None:
    """A butler's answer settles lines, brings pages and a granted project whole. Whatever step its import dies at, the
    next one goes on: no line is lost, none waits any more, and the running checksums are right."""
    with running_central(tmp_path / "at") as at:
        first = bureau(tmp_path / "first", at, "甲")
        shown, granted = project(first, "一"), project(first, "二")
        first.sync()
        butler = Laptop(tmp_path / "butler").join(at, at.invite("王管家", "butler", projects=[shown.id]))
        butler.page_lines = 10
        butler.sync()
        own = [visit(butler, shown, f"自{n}").id for n in range(12)]
        others = [visit(first, of, f"他{n}").id for n in range(12) for of in (shown, granted)]
        first.sync()
        admin.grant(at.data_dir, "王管家", "butler", projects=[granted.id])
        with butler.open() as device:
            message = asyncio.run(export_from(device, tmp_path / "message.gjb")).file
        database = open_database(at.data_dir)
        answer = (
            BundleResponder(database, clock_is_synchronised=lambda: True).answer(message, tmp_path / "answer.gjb").file
        )
        database.close()
        ends: list[int | None] = []
        while not ends or ends[-1] == -signal.SIGKILL:
            steps = 1 + STRIDE * len(ends)
            process = forking().Process(target=take_in, args=(butler.home.path, answer, steps))
            process.start()
            process.join()
            ends.append(process.exitcode)
            assert {*own} <= butler.lines().keys()
        assert ends[-1] == 0 and len(ends) > 2, ends
        assert butler.waits().lines == 0
        assert {*own, *others} <= butler.lines().keys()
        with butler.open() as device:
            assert device.ledger.recompute_checksums() == []
        assert butler.sync().in_agreement
