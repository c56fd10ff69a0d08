"""Bundles that a colleague's device carries: taken from a stick, handed in by its round, their answers brought back."""

from __future__ import annotations

import asyncio
import os
import shutil
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pydantic import BaseModel
from watchfiles import watch

from store.ledger.hlc import system_clock_ms
from sync.central.admin.bundle_folder import answer_folder
from sync.central.api.bundle_watch import watching
from sync.central.bundles import BundleResponder
from sync.daemon.bundle_folder import STATE_FILE, BundleFolder
from sync.device.others_bundles import forget_old, others_bundles
from sync.exceptions import RequestTooLarge
from sync.protocol import HelloAnswer
from sync.protocol.bundle.bundle_file import LIFETIME_MS, read_head
from sync.protocol.bundle.copies import answered_in
from sync.protocol.bundle.names import bundles_in
from sync.protocol.carried import HandedInAnswer
from sync.round.by_file import export_bundle, import_bundles
from sync.steps.hand_in import hand_in
from tests.sync.central_fixture import Central, running_central
from tests.sync.laptops import Laptop, agree, bureau, project, project_of, visit
from tests.sync.rounds.test_carried import responder, written

PATIENCE_S = 60.0


def test_a_colleague_takes_files_along_and_brings_the_answers(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """One laptop has no network. Its file goes along with a colleague's round, and the answer comes back on the stick;
    the colleague's home can read neither."""
    alone, courier = pair
    agree(alone, courier)
    seen = visit(alone, project_of(alone))
    stick = tmp_path / "stick"
    written(alone, stick)
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 1
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 0
    courier.sync()
    courier.sync()  # brings what the file had
    assert seen.id in courier.lines()
    assert export_bundle(courier.home, courier.settings, stick).carried == 1
    back = import_bundles(alone.home, alone.settings, [stick])
    assert [(each.result.pushed, each.imported.equal) for each in back.answers] == [(1, True)]
    assert back.refused == [] and alone.waits().lines == 0


def test_what_the_central_refuses_is_handed_in_once(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A damaged file, and one of a device that the central does not know, hold up neither the colleague's round nor
    other files; they are set aside and not handed in again."""
    alone, courier = pair
    stick = tmp_path / "stick"
    damaged = written(alone, stick)
    raw = damaged.read_bytes()
    damaged.write_bytes(raw[:-1] + bytes([raw[-1] ^ 1]))
    written(alone, stick)
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 2
    assert courier.sync().in_agreement
    folders = others_bundles(courier.home)
    assert [len(bundles_in(folder)) for folder in folders] == [0, 1, 1]
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 0


class GatewayOfSmallRequests:
    """A way to the central that takes no file as long as one of these."""

    def __init__(self) -> None:
        self.asked = 0

    async def ask(self, path: str, request: BaseModel, model: type[BaseModel]) -> BaseModel:
        """Refuse it, as a gateway does."""
        self.asked += 1
        raise RequestTooLarge(central="https://central", size=len(request.model_dump_json()), detail=path)


def test_a_file_that_does_not_pass_fails_no_round(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A gateway takes no request as long as the files of a colleague: one is tried, none that is longer; all stay for a
    stick, and the round of whoever carries them goes on."""
    alone, courier = pair
    stick = tmp_path / "stick"
    written(alone, stick)
    visit(alone, project_of(alone))
    written(alone, stick)
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 2
    gateway: Any = GatewayOfSmallRequests()
    with courier.open() as device:
        asyncio.run(hand_in(device, gateway, HelloAnswer.model_construct(agree="0" * 64)))
    assert (gateway.asked, len(bundles_in(others_bundles(courier.home).waiting))) == (1, 2)


def test_the_offices_machine_serves_a_stick_by_itself(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """The folder is looked at: the file is taken along and says not to unplug; after a round the answer lies beside it,
    and the file says that all is done. A folder that is not there is waited for."""
    alone, office = pair
    stick = tmp_path / "stick"
    requested: list[str] = []

    def look() -> None:
        with office.open() as device:
            asyncio.run(BundleFolder(device, stick, requested.append).look())

    look()
    visit(alone, project_of(alone))
    written(alone, stick)
    look()
    assert requested == ["bundles"]
    assert "不要拔出" in (stick / STATE_FILE).read_text("utf-8")
    office.sync()
    look()
    assert "可以拔出" in (stick / STATE_FILE).read_text("utf-8")
    assert len(bundles_in(stick)) == 2
    back = import_bundles(alone.home, alone.settings, [stick])
    assert [each.result.pushed for each in back.answers] == [1]


def test_a_centrals_folder_is_answered_once_and_links_are_not_followed(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Each message gets one answer beside it, whatever else lies there: another file, a link to a message elsewhere."""
    first, second = pair
    stick, elsewhere = tmp_path / "stick", tmp_path / "elsewhere"
    written(first, stick)
    (stick / "link.gjb").symlink_to(written(second, elsewhere))
    (stick / "notes.txt").write_text("x")
    shutil.copy(bundles_in(stick)[0], stick / "copy.gjb")
    with responder(at) as open_responder:
        assert len(_answered(open_responder, stick)) == 2  # it and its copy
        assert _answered(open_responder, stick) == []
    assert bundles_in(elsewhere) and not [path for path in bundles_in(elsewhere) if "回复" in path.name]


def _answered(open_responder: BundleResponder, folder: Path) -> list[Path]:
    done = answer_folder(open_responder, folder, lambda _path: False)
    assert done.refused == []
    return [each.file for each in done.answers]


# What is gone, changed or too old


class ForgetfulCentral:
    """A way to the central, on which somebody who looks at a stick removes every file that waits here."""

    def __init__(self, folder: Path, answer: HandedInAnswer) -> None:
        self._folder, self._answer = folder, answer

    async def ask(self, path: str, request: BaseModel, model: type[BaseModel]) -> BaseModel:
        """Answer, with the files gone."""
        for bundle in bundles_in(self._folder):
            bundle.unlink()
        return self._answer


@pytest.mark.parametrize("told", [HandedInAnswer(bundle="eA=="), HandedInAnswer(refused="bundle_damaged")])
def test_a_file_that_is_removed_meanwhile_fails_no_round(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path, told: HandedInAnswer
) -> None:
    """Two files wait. While the first is at the central both are removed, as those that are too old are: the first
    counts as handed in, the second is passed over."""
    alone, courier = pair
    stick = tmp_path / "stick"
    written(alone, stick)
    visit(alone, project_of(alone))
    written(alone, stick)
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 2
    forgetful: Any = ForgetfulCentral(others_bundles(courier.home).waiting, told)
    with courier.open() as device:
        asyncio.run(hand_in(device, forgetful, HelloAnswer.model_construct(agree="0" * 64)))
    assert [len(bundles_in(folder)) for folder in others_bundles(courier.home)] == [0, 1 if told.bundle else 0, 0]


def test_a_changed_head_makes_nobody_forget_a_file_nor_keep_it_for_ever(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A file whose head says by a change that it has long expired stays, since its signature is wrong; one that says
    that it is good for ever goes as long after it came as any file is good."""
    alone, courier = pair
    stick, folders = tmp_path / "stick", others_bundles(courier.home)
    message = written(alone, stick)
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 1
    kept = bundles_in(folders.waiting)[0]
    head, now = read_head(message), system_clock_ms()
    for expires in (head.made_at, 4_000_000_000_000):
        kept.write_bytes(message.read_bytes().replace(str(head.expires).encode(), str(expires).encode()))
        assert read_head(kept).expires == expires
        forget_old(folders, now)
        assert kept.exists()
    came = (now - LIFETIME_MS) / 1000 - 60
    os.utime(kept, (came, came))
    forget_old(folders, now)
    assert not kept.exists()


# What is watched


def _put_until(folder: Path, is_done: Callable[[], bool], source: Path) -> None:
    """Copy a file to a folder, and touch it again and again, since a watcher may begin after the first event."""
    copy = folder / source.name
    shutil.copy(source, copy)
    deadline = time.monotonic() + PATIENCE_S
    for _ in watch(folder, watch_filter=None, rust_timeout=250, yield_on_timeout=True, recursive=False):
        if is_done():
            return
        assert time.monotonic() < deadline, "nobody looked"
        copy.touch()


def test_a_served_folder_is_watched(tmp_path: Path, database_url: str | None) -> None:
    """A serving central, on SQLite and on PostgreSQL, answers what comes into its folder while it serves, and ends its
    watching with it."""
    folder, stick = tmp_path / "folder", tmp_path / "stick"
    folder.mkdir()
    with running_central(tmp_path, database_url) as at:
        laptop = bureau(tmp_path / "a", at)
        laptop.sync()
        made = project(laptop)
        message = written(laptop, stick)
        with responder(at) as open_responder, watching(open_responder, folder):
            _put_until(folder, lambda: bool(answered_in(folder, laptop.meta()["central_key"])), message)
        assert "bundles" not in {thread.name for thread in threading.enumerate()}
        back = import_bundles(laptop.home, laptop.settings, [folder])
        assert next(each.result.pushed for each in back.answers) == 1 and made.id in laptop.lines()


def test_the_offices_machine_watches_its_folder(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """What comes into the folder while the daemon watches it asks for a round, and the file there says what is done."""
    alone, office = pair
    stick, folder = tmp_path / "stick", tmp_path / "folder"
    folder.mkdir()
    visit(alone, project_of(alone))
    message = written(alone, stick)
    asked = threading.Event()

    async def serve() -> None:
        with office.open() as device:
            serving = asyncio.create_task(BundleFolder(device, folder, lambda _why: asked.set()).serve())
            await asyncio.to_thread(_put_until, folder, asked.is_set, message)
            serving.cancel()

    asyncio.run(serve())
    assert len(bundles_in(others_bundles(office.home).waiting)) == 1
    assert "不要拔出" in (folder / STATE_FILE).read_text("utf-8")
