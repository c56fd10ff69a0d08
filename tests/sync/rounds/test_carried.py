"""Rounds by file: what a message and its answer carry, and that they may come twice, late, in any order or never."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import update

from store.ledger.hlc import system_clock_ms
from store.ledger.line import Line
from store.queries.outbox import is_here_alone, is_unsent
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.bundles import AnsweredBundle, BundleResponder
from sync.central.db.tables import DISTRICT as DISTRICTS
from sync.central.exceptions import CentralNotReady
from sync.device.bundle_keys import bundle_keys
from sync.exceptions import DeviceRefused
from sync.protocol.bundle.bundle_file import LIFETIME_MS, BundleAddress, read_head, write_bundle
from sync.protocol.bundle.exceptions import (
    BundleExpired,
    BundleForOthers,
    BundleOfOtherDistrict,
    BundleOfStranger,
    CopyNeedsNetwork,
    NoBundleKeys,
)
from sync.protocol.bundle.keys import keys_from_seed
from sync.protocol.bundle.names import bundles_in
from sync.round.by_file import TakenAnswer, export_bundle, export_from, import_answer
from tests.examples import examples
from tests.sync.central_fixture import DISTRICT, Central, running_central
from tests.sync.laptops import Laptop, agree, project, project_of, visit

DAY_MS, HOUR_MS = 86_400_000, 3_600_000


@contextlib.contextmanager
def responder(at: Central) -> Iterator[BundleResponder]:
    """What answers bundles at the central."""
    database = open_database(at.data_dir)
    try:
        yield BundleResponder(database, clock_is_synchronised=lambda: True)
    finally:
        database.close()


def written(laptop: Laptop, stick: Path) -> Path:
    """The message of a laptop, on the stick."""
    stick.mkdir(exist_ok=True)
    return export_bundle(laptop.home, laptop.settings, stick).file


def answered(at: Central, message: Path) -> AnsweredBundle:
    """The central's answer to it, beside it."""
    with responder(at) as open_responder:
        return open_responder.answer(message, message.parent)


def taken(laptop: Laptop, answer: Path) -> TakenAnswer:
    """The answer, taken in."""
    return import_answer(laptop.home, laptop.settings, answer)


def edit(laptop: Laptop, line: Line, text: str) -> None:
    """Another text of a visit."""
    with laptop.open() as device:
        device.ledger.edit("visit", line.id, text=text)


def carried(laptop: Laptop, at: Central, stick: Path) -> TakenAnswer:
    """One round by stick."""
    return taken(laptop, answered(at, written(laptop, stick)).file)


def test_two_laptops_agree_by_stick_alone(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """What one wrote is on the other after a round by stick of each, and the central has found both equal."""
    first, second = pair
    agree(first, second)
    seen = visit(first, project_of(first))
    sent = carried(first, at, tmp_path / "stick")
    assert (sent.result.pushed, sent.result.pending, sent.imported.equal) == (1, 0, True)
    got = carried(second, at, tmp_path / "stick")
    assert (got.result.pulled, got.imported.equal) == (1, True)
    assert seen.id in second.lines()
    assert first.dump() == second.dump()
    agree(first, second)


@pytest.mark.parametrize("over", ["network", "stick"])
def test_a_clock_that_was_always_right_is_known_to_be(laptop: Laptop, at: Central, tmp_path: Path, over: str) -> None:
    """A home that worked alone before it joined, on a machine whose clock is right, has measured no offset: after one
    round, by network or stick, that there is none is known, and the next file is taken in."""
    with laptop.open() as device, device.ledger.database.write() as connection:
        connection.execute("DELETE FROM meta WHERE key = 'offset_ms'")
    if over == "network":
        laptop.sync()
    else:
        carried(laptop, at, tmp_path / "stick")
    visit(laptop, project_of(laptop))
    sent = carried(laptop, at, tmp_path / "stick")
    assert (sent.result.pushed, sent.result.pending, sent.imported.was_corrected) == (1, 0, False)


def test_all_that_was_written_here_may_be_sent_once_more(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """With ``--all`` a file also has what was sent before from this device, none of others'; nothing changes."""
    first, second = pair
    agree(first, second)
    visit(first, project_of(first))
    visit(second, project_of(first))
    agree(first, second)
    visit(first, project_of(first))
    before = first.dump()
    with first.open() as device:
        here = asyncio.run(device.facts()).device
    own = sum(line.device == here for line in first.all_lines())
    message = export_bundle(first.home, first.settings, tmp_path / "all.gjb", again=True)
    assert message.lines == own
    assert 4 <= own < len(first.all_lines())
    got = taken(first, answered(at, message.file).file)
    assert (got.result.pending, got.result.rejected, got.imported.equal, first.dump()) == (0, 0, True, before)
    agree(first, second)


# What is refused


def test_what_is_not_for_this_reader_is_refused_with_a_sentence(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """An answer for another device, a message brought to a device, an answer brought to a central, a message of another
    district's device: refused, and nothing is changed."""
    first, second = pair
    stick = tmp_path / "stick"
    message = written(first, stick)
    answer = answered(at, message).file
    before = second.dump(), second.waits()
    for path in (answer, message):
        with pytest.raises(BundleForOthers):
            taken(second, path)
    with responder(at) as open_responder, pytest.raises(BundleForOthers):
        open_responder.answer(answer, stick)
    with running_central(tmp_path / "other") as other:
        database = open_database(other.data_dir)
        with database.write() as connection:
            connection.execute(update(DISTRICTS).values(code="210999"))
        with pytest.raises(BundleOfOtherDistrict):
            BundleResponder(database).answer(message, stick)
        database.close()
    assert (second.dump(), second.waits()) == before


def test_a_stranger_is_refused_on_either_side(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A message signed with other keys than its device's, and an answer that the joined central did not sign."""
    first, second = pair
    with first.open() as device:
        device.ledger.save_facts(bundle_seed="11" * 32)
    with responder(at) as open_responder, pytest.raises(BundleOfStranger):
        open_responder.answer(written(first, tmp_path / "stick"), tmp_path)
    message = written(second, tmp_path / "stick")
    with second.open() as device:
        address = BundleAddress("answer", read_head(message).message, DISTRICT, bundle_keys(device).public.agree)
    forged, _ = write_bundle(tmp_path / "forged.gjb", address, keys_from_seed(b"3" * 32), system_clock_ms(), [b"{}"])
    with pytest.raises(BundleOfStranger):
        taken(second, forged)


def test_an_old_bundle_is_refused_and_nothing_is_lost(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """A message, or an answer, of more than sixty days ago is refused; a new message carries the same lines."""
    visit(laptop, project_of(laptop))
    message = written(laptop, tmp_path / "stick")
    database = open_database(at.data_dir)
    late = BundleResponder(database, lambda: system_clock_ms() + LIFETIME_MS + 60_000, lambda: True)
    with pytest.raises(BundleExpired):
        late.answer(message, tmp_path)
    database.close()
    answer = answered(at, message).file
    laptop.clock(LIFETIME_MS + 60_000)
    with pytest.raises(BundleExpired):
        taken(laptop, answer)
    laptop.clock(0)
    assert carried(laptop, at, tmp_path / "stick").result.pending == 0


def test_a_revoked_device_is_told_so_by_its_answer(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """The central takes nothing in from a device that it has stopped, as over a network; the answer says why, and all
    stays on the device."""
    kept = visit(laptop, project_of(laptop))
    message = written(laptop, tmp_path / "stick")
    admin.revoke(at.data_dir, laptop.meta()["device"])
    told = answered(at, message)
    assert told.refused is not None and (told.refused.code, told.lines) == ("revoked", 0)
    with pytest.raises(DeviceRefused):
        taken(laptop, told.file)
    assert laptop.waits().lines == 1 and kept.id in laptop.lines()
    assert orjson.loads(laptop.meta()["last_round"])["outcome"] == "revoked"


def test_a_home_without_the_keys_writes_no_file(laptop: Laptop, tmp_path: Path) -> None:
    """A home of an older version has to sync once; one that was copied has to become a device of its own."""
    with laptop.open() as device:
        device.ledger.save_facts(central_agree="")
    with pytest.raises(NoBundleKeys):
        written(laptop, tmp_path)
    laptop.sync()
    assert written(laptop, tmp_path).exists()
    with laptop.open() as device:
        device.ledger.save_facts(renew="1")
    with pytest.raises(CopyNeedsNetwork):
        written(laptop, tmp_path)


def test_a_central_that_is_not_able_now_leaves_no_answer(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """While the central's clock is in doubt it answers nothing, and the same message is answered later."""
    visit(laptop, project_of(laptop))
    message = written(laptop, tmp_path / "stick")
    database = open_database(at.data_dir)
    behind = BundleResponder(database, lambda: system_clock_ms() - 30 * 86_400_000)
    with pytest.raises(CentralNotReady):
        behind.answer(message, tmp_path / "stick")
    database.close()
    assert bundles_in(tmp_path / "stick") == [message]
    assert taken(laptop, answered(at, message).file).result.pushed == 1


# What comes late, twice, or never


def test_an_answer_counts_once(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """The same answer again, and a second answer to the same message, change nothing."""
    visit(laptop, project_of(laptop))
    message = written(laptop, tmp_path / "stick")
    first, again = answered(at, message).file, answered(at, message).file
    assert taken(laptop, first).imported.is_new
    before = laptop.dump(), laptop.meta()
    assert not taken(laptop, first).imported.is_new
    assert not taken(laptop, again).imported.is_new
    assert (laptop.dump(), laptop.meta()) == before


def test_an_answer_after_rounds_over_a_network_settles_nothing_wrongly(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A line left as a file, then was edited and sent over a network, replaced by somebody, and edited again. The late
    answer speaks of the first version: the last one still waits, and both sides agree after the next round."""
    first, second = pair
    agree(first, second)
    line = visit(first, project_of(first), "一")
    message = written(first, tmp_path / "stick")
    answer = answered(at, message).file
    edit(first, line, "二")
    first.sync()
    second.sync()
    edit(second, line, "三")
    agree(second, first)
    edit(first, line, "四")
    late = taken(first, answer)
    assert (late.imported.is_late, first.waits().lines) == (True, 1)
    assert first.lines()[line.id].body["text"] == "四"
    with first.open() as device:
        assert device.ledger.recompute_checksums() == []
    agree(first, second)
    assert second.lines()[line.id].body["text"] == "四"


def test_an_answer_is_not_late_since_the_centrals_clock_was_ahead(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """The central answered while its clock was hours ahead, and its clock is right again. The answer to a message that
    was made after that counts in full: what others wrote is taken in, and both sides are found equal. The answer to one
    that was made before may be older, and counts as late."""
    first, second = pair
    stick = tmp_path / "stick"
    early = written(first, stick)
    database = open_database(at.data_dir)
    ahead = BundleResponder(database, lambda: system_clock_ms() + 5 * HOUR_MS, lambda: True)
    taken(first, ahead.answer(written(first, stick), stick).file)
    database.close()
    assert taken(first, answered(at, early).file).imported.is_late
    seen = visit(second, project_of(second))
    second.sync()
    after = carried(first, at, stick)
    assert (after.imported.is_late, after.imported.equal) == (False, True)
    assert seen.id in first.lines()


def test_what_is_written_after_a_message_left_waits_for_the_next(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """The answer settles what was in the message. An edit of one of its lines, and a new line, wait."""
    line = visit(laptop, project_of(laptop), "一")
    message = written(laptop, tmp_path / "stick")
    edit(laptop, line, "二")
    visit(laptop, project_of(laptop), "新")
    assert taken(laptop, answered(at, message).file).result.pending == 2
    done = carried(laptop, at, tmp_path / "stick")
    assert (done.result.pending, done.imported.equal) == (0, True)


def test_what_left_as_a_file_cannot_be_taken_back_as_never_sent(laptop: Laptop, tmp_path: Path) -> None:
    """An act that was written to a file may have reached the central: it is no longer this device's alone."""
    before, edited = visit(laptop, project_of(laptop)), visit(laptop, project_of(laptop))
    with laptop.open() as device:
        assert is_here_alone(device.ledger.database.connection(), before.id)
    written(laptop, tmp_path / "stick")
    after = visit(laptop, project_of(laptop))
    edit(laptop, edited, "改过的")
    with laptop.open() as device:
        connection = device.ledger.database.connection()
        assert not is_unsent(connection, before.id)
        assert not is_unsent(connection, edited.id)  # its version from before the edit left
        assert is_here_alone(connection, after.id)


def test_a_large_store_travels_in_one_file(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A message with more lines than a page has, and an answer of several pages, are one file each."""
    first, second = pair
    agree(first, second)
    of = project_of(first)
    first.page_lines = second.page_lines = 10
    with first.open() as device:
        for n in range(25):
            device.ledger.put("visit", {"at": "2025-03-04T09:00+08:00", "how": "visit", "text": str(n)}, project=of.id)
        message = asyncio.run(export_from(device, tmp_path / "message.gjb")).file
    with responder(at) as open_responder:
        sent = taken(first, open_responder.answer(message, tmp_path / "answer.gjb").file)
    assert (sent.result.pushed, sent.imported.equal) == (25, True)
    with second.open() as device:
        message = asyncio.run(export_from(device, tmp_path / "message.gjb")).file
    with responder(at) as open_responder:
        got = taken(second, open_responder.answer(message, tmp_path / "answer.gjb").file)
    assert (got.result.pulled, got.imported.equal) == (25, True)


def test_a_granted_project_comes_whole_with_the_next_answer(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A butler who is given a project gets all that was written on it before, without a second file; one who loses it
    keeps nothing of it."""
    first, _ = pair
    shown = project_of(first)
    other = project(first, "另一个")
    seen = visit(first, other)
    first.sync()
    butler = Laptop(tmp_path / "butler").join(at, at.invite("王管家", "butler", projects=[shown.id]))
    butler.sync()
    assert seen.id not in butler.lines()
    admin.grant(at.data_dir, "王管家", "butler", projects=[other.id])
    got = carried(butler, at, tmp_path / "stick")
    assert got.imported.equal and seen.id in butler.lines()
    admin.withdraw(at.data_dir, "王管家", "butler", projects=[other.id])
    assert carried(butler, at, tmp_path / "stick").imported.equal
    assert seen.id not in butler.lines()


# Clocks


def test_a_clock_that_is_proven_wrong_is_corrected_and_the_lines_go_with_the_next_file(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A message from the future proves that its device's clock is ahead. Its lines are not taken in; the answer
    corrects the clock and their stamps, and the next message brings them."""
    first, second = pair
    agree(first, second)
    first.clock(HOUR_MS)
    line = visit(first, project_of(first))
    told = carried(first, at, tmp_path / "stick")
    assert told.imported.was_corrected and first.waits().lines == 1
    assert carried(first, at, tmp_path / "stick").result.pushed == 1
    agree(second, first)
    assert line.stamp - second.lines()[line.id].stamp > HOUR_MS // 2 << 16


def test_days_on_the_way_are_no_wrong_clock(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """A message that was made three days ago is taken in, and its device's clock is believed as before."""
    laptop.clock(-3 * DAY_MS)
    with laptop.open() as device:
        device.ledger.correct_clock(0)
    visit(laptop, project_of(laptop))
    message = written(laptop, tmp_path / "stick")
    laptop.clock(0)
    told = taken(laptop, answered(at, message).file)
    assert (told.result.pushed, told.result.clock_offset_ms, told.imported.was_corrected) == (1, 0, False)


# Any order


class Stick:
    """Two laptops, a central, and a stick with messages and answers that are carried as chance has it."""

    def __init__(self, laptops: tuple[Laptop, Laptop], at: Central, folder: Path) -> None:
        self.laptops, self.at, self.folder = laptops, at, folder
        self.messages: list[Path] = []
        self.answers: list[tuple[int, Path]] = []
        self.texts = 0

    def act(self, what: str, n: int) -> None:
        """One act of one of the laptops, or with one of the files."""
        who = n % 2
        if what == "write":
            visit(self.laptops[who], project_of(self.laptops[who]))
        elif what == "edit":
            lines = [line for line in self.laptops[who].lines().values() if line.kind == "visit"]
            if lines:
                self.texts += 1
                edit(self.laptops[who], min(lines, key=lambda line: line.id), f"改{self.texts}")
        elif what == "export":
            self.messages.append(written(self.laptops[who], self.folder))
        elif what == "answer" and self.messages:
            message = self.messages[n % len(self.messages)]
            device = read_head(message).writer
            whose = [laptop.meta()["keys_told"] for laptop in self.laptops].index(device)
            self.answers.append((whose, answered(self.at, message).file))
        elif what == "import" and self.answers:
            whose, answer = self.answers[n % len(self.answers)]
            taken(self.laptops[whose], answer)
        elif what == "network":
            self.laptops[who].sync()

    def by_stick(self) -> None:
        """Rounds by stick until both are equal."""
        for _ in range(3):
            told = [carried(laptop, self.at, self.folder) for laptop in self.laptops]
        assert all(each.imported.equal and not each.result.pending for each in told)


ACTS = st.lists(
    st.tuples(
        st.sampled_from(["write", "edit", "edit", "export", "answer", "answer", "import", "import", "network"]),
        st.integers(0, 9),
    ),
    max_size=20,
)


@settings(max_examples=examples(5), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(acts=ACTS)
def test_files_in_any_order_again_or_never_lead_to_the_same_store(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path, acts: list[tuple[str, int]]
) -> None:
    """Two laptops write, edit the same line, and send by stick and over a network in turns; files are answered and
    taken in twice, late, in any order or never. After that rounds by stick alone make both equal, byte for byte, with
    the running checksums right."""
    stick = Stick(pair, at, tmp_path / "stick")
    for what, n in acts:
        stick.act(what, n)
    stick.by_stick()
    first, second = pair
    assert first.dump() == second.dump()
    for laptop in pair:
        with laptop.open() as device:
            assert device.ledger.recompute_checksums() == []
    agree(first, second)
