"""Copied homes: the copy that syncs first goes on as a device of its own, and nothing of the other one is lost."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from store.queries.conflicts import unresolved_conflicts
from sync import protocol
from sync.exceptions import CentralUnreachable, DeviceReplaced
from tests.sync.central_fixture import Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, project_of, through, visit


@pytest.fixture
def copy(pair: tuple[Laptop, Laptop], tmp_path: Path) -> Laptop:
    """A copy of the first laptop, with a line of its own."""
    agree(*pair)
    shutil.copytree(pair[0].home.path, tmp_path / "copy")
    copy = Laptop(tmp_path / "copy")
    visit(copy, project_of(copy), "副本写的")
    return copy


def test_a_copied_home_becomes_a_device_of_its_own(pair: tuple[Laptop, Laptop], copy: Laptop, at: Central) -> None:
    """A home copied to another folder notices it and takes the original's place. The original is told so, keeps its
    unsent lines, and sends them after it joined with a new code."""
    first, second = pair
    result, asked = through(copy)
    assert (asked[0], result.verified) == ("renew", True)
    assert copy.meta()["device"] != first.meta()["device"]
    visit(first, project_of(first), "原本写的")
    with pytest.raises(DeviceReplaced):
        first.sync()
    assert first.waits().lines == 1
    first.join(at, at.invite("张甲"))
    agree(first, copy, second)
    assert through(copy)[1] == ["hello"]


def test_what_a_copy_and_its_original_changed_is_listed(pair: tuple[Laptop, Laptop], copy: Laptop) -> None:
    """Both changed one line before the copy synced and took over: the earlier change, which the original has sent,
    is listed as lost to the copy's; it is not replaced in silence as the same device's."""
    first, second = pair
    line = visit(first, project_of(first), "一起有的")
    agree(first, second)
    shutil.rmtree(copy.home.path)
    shutil.copytree(first.home.path, copy.home.path)
    for laptop, text in ((first, "原本改的"), (copy, "副本改的")):
        laptop.put("visit", **{**line.body, "text": text}, id=line.id, project=line.project)
    assert first.sync().verified
    agree(copy, second)
    assert copy.lines()[line.id].body["text"] == second.lines()[line.id].body["text"] == "副本改的"
    with copy.open() as device:
        lost = [conflict.line for conflict in unresolved_conflicts(device.ledger.database.connection())]
    assert lost == [line.id]


class LosesTheAnswer(ForwardingCentral):
    """The central renews, and its answer is lost."""

    async def renew(self, request: protocol.RenewRequest) -> protocol.RenewAnswer:
        """As `Central` has it."""
        await super().renew(request)
        raise CentralUnreachable(central="", detail="lost")


def test_a_lost_answer_is_asked_for_again(pair: tuple[Laptop, Laptop], copy: Laptop) -> None:
    """Whose new token never arrived asks with the old one for the same device, however often."""
    for _ in range(3):
        with pytest.raises(CentralUnreachable):
            through(copy, LosesTheAnswer)
    device = copy.meta()["renewing"]
    assert through(copy)[0].verified
    assert copy.meta()["device"] == device
    agree(copy, pair[1])


def test_a_kill_between_token_and_facts_loses_neither(copy: Laptop) -> None:
    """Killed after the new token was saved and before the home knew its new device, it goes on with that token."""
    before = copy.meta()
    assert through(copy)[0].verified
    device = copy.meta()["device"]
    with copy.open() as opened:
        opened.ledger.save_facts(device=before["device"], place=before["place"], renewing=device)
    result, asked = through(copy)
    assert (asked[0], result.verified, copy.meta()["device"]) == ("hello", True, device)


def test_the_owner_is_told_when_a_device_joins_in_their_name(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """Each device that joins is a notice on the others of that person, once, and no notice on anybody else's."""
    first, second = pair
    agree(first, second)
    at.enrol("张甲")
    for _ in range(2):
        agree(first, second)
    codes = [[row[0] for row in laptop.rows("SELECT code FROM notice")] for laptop in (first, second)]
    assert codes == [["device_joined"], []]
