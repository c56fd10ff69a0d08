"""Bundles that a colleague's device carries: taken from a stick, handed in by its round, their answers brought back."""

from __future__ import annotations

import asyncio
import shutil
from pathlib import Path
from typing import Any

from pydantic import BaseModel

from sync.central.admin.bundle_folder import answer_folder
from sync.central.bundles import BundleResponder
from sync.daemon.bundle_folder import STATE_FILE, BundleFolder
from sync.device.others_bundles import others_bundles
from sync.exceptions import RequestTooLarge
from sync.protocol import HelloAnswer
from sync.protocol.bundle.names import bundles_in
from sync.round.by_file import export_bundle, import_bundles
from sync.steps.hand_in import hand_in
from tests.sync.central_fixture import Central
from tests.sync.laptops import Laptop, agree, project_of, visit
from tests.sync.rounds.test_carried import responder, written


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
