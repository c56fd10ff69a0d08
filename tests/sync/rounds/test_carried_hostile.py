"""Bundles of somebody who means harm, and sticks that fail: others' files are carried and answered beside them."""

from __future__ import annotations

import asyncio
import os
import threading
from pathlib import Path

import orjson
import pytest

from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from sync.central.admin import admin
from sync.central.admin.bundle_folder import answer_folder
from sync.central.admin.setup import open_database
from sync.central.api.bundle_watch import Watcher
from sync.central.bundles import AnsweredBundle, BundleResponder
from sync.daemon.bundle_folder import STATE_FILE, BundleFolder
from sync.device.bundle_keys import bundle_keys
from sync.device.others_bundles import others_bundles
from sync.protocol.bundle.bundle_file import LIFETIME_MS, BundleAddress, BundleHead, read_head, write_bundle
from sync.protocol.bundle.copies import copy_bundles
from sync.protocol.bundle.exceptions import BundleDamaged, BundleUnwritten
from sync.protocol.bundle.keys import fingerprint, keys_from_seed
from sync.protocol.bundle.names import bundles_in
from sync.round.by_file import import_bundles
from tests.sync.central_fixture import DISTRICT, Central
from tests.sync.laptops import Laptop
from tests.sync.rounds.test_carried import responder, written


def signed(laptop: Laptop, path: Path, document: object, made_at: int = 0, district: str = DISTRICT) -> Path:
    """A bundle that a joined device has signed, with this document behind its opening."""
    path.parent.mkdir(exist_ok=True)
    with laptop.open() as device:
        keys, facts = bundle_keys(device), laptop.meta()
    address = BundleAddress("message", new_id(), district, facts["central_agree"])
    opening = orjson.dumps({"device": facts["device"], "buckets": []})
    return write_bundle(path, address, keys, made_at or system_clock_ms(), [opening, orjson.dumps(document)])[0]


def look(office: Laptop, folder: Path) -> str:
    """What the office's machine says in the folder, once it has looked."""
    with office.open() as device:
        asyncio.run(BundleFolder(device, folder, lambda _why: None).look())
    return (folder / STATE_FILE).read_text("utf-8")


@pytest.mark.soak(turns=3)
@pytest.mark.parametrize(
    "document", [{"message": "x"}, {"message": None}, {"message": 1}, {"message": []}, {"message": {"lines": {}}}, []]
)
def test_a_message_of_another_form_holds_up_no_other(
    document: object, pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A colleague signs nonsense: the central refuses it with a sentence and answers what lies beside it, and the round
    of whoever carries it goes on."""
    hostile, courier = pair
    stick = tmp_path / "stick"
    bad = signed(hostile, stick / "a.gjb", document)
    written(hostile, stick)
    assert import_bundles(courier.home, courier.settings, [stick]).carried == 2
    assert courier.sync().in_agreement
    assert [len(bundles_in(folder)) for folder in others_bundles(courier.home)] == [0, 1, 1]
    with responder(at) as open_responder:
        done = answer_folder(open_responder, stick, lambda _path: False)
    assert [(path, type(error)) for path, error in done.refused] == [(bad, BundleDamaged)]
    assert len(done.answers) == 1


def test_what_is_never_carried_does_not_keep_a_stick_in(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A message of two months ago and one of another district are counted as not handled, the office's own message is
    left to its rounds: the stick can be unplugged once the rest is answered."""
    alone, office = pair
    stick = tmp_path / "stick"
    signed(alone, stick / "old.gjb", {}, made_at=system_clock_ms() - LIFETIME_MS - 1_000)
    signed(alone, stick / "other.gjb", {}, district="210999")
    written(office, stick)
    written(alone, stick)
    assert "不要拔出" in look(office, stick)
    office.sync()
    told = look(office, stick)
    assert "可以拔出" in told and "回复 1 份" in told and "不能处理的 2 份" in told


def test_whatever_lies_under_the_name_of_the_state_file_is_replaced(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A file in another encoding, a pipe that nobody writes to, a link: none stops the daemon, and what a link leads to
    is left alone."""
    alone, office = pair
    stick, elsewhere = tmp_path / "stick", tmp_path / "elsewhere.txt"
    written(alone, stick)
    state = stick / STATE_FILE
    state.write_bytes("已处理完".encode("gb18030"))
    assert "不要拔出" in look(office, stick)
    state.unlink()
    os.mkfifo(state)
    assert "不要拔出" in look(office, stick)
    state.unlink()
    elsewhere.write_text("x", encoding="utf-8")
    state.symlink_to(elsewhere)
    assert "不要拔出" in look(office, stick)
    assert elsewhere.read_text("utf-8") == "x" and not state.is_symlink()


def test_a_stick_with_countless_files_is_read_once(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """However many files lie there, each is opened once, and a device carries no more than it can."""
    source, target = tmp_path / "stick", tmp_path / "waiting"
    target.mkdir()
    first = signed(laptop, source / "0.gjb", {})
    for n in range(1, 40):
        signed(laptop, source / f"{n}.gjb", {})
    asked: list[str] = []

    def is_wanted(head: BundleHead, _size: int) -> bool:
        asked.append(head.message)
        return True

    assert [path.name for path in copy_bundles(source, target, is_wanted, most=10)][:1] == [first.name]
    assert (len(asked), len(bundles_in(target))) == (10, 10)
    assert copy_bundles(source, target, is_wanted, most=10) == [] and len(asked) == 10


def test_a_forged_or_half_copied_answer_answers_nothing(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """An answer that was cut short while it was copied, and one that only claims to be the central's: the message is
    answered and carried as if they did not lie there, and the office's machine does not say that all is done."""
    alone, office = pair
    stick = tmp_path / "stick"
    message = written(alone, stick)
    asked = read_head(message)
    address = BundleAddress("answer", asked.message, asked.district, asked.writer)
    write_bundle(stick / "forged.gjb", address, keys_from_seed(b"x" * 32), system_clock_ms(), [b"{}"])
    with responder(at) as open_responder:
        answer = open_responder.answer(message, stick).file
        whole = answer.read_bytes()
        answer.write_bytes(whole[:-100])
        assert "不要拔出" in look(office, stick)
        assert [len(bundles_in(folder)) for folder in others_bundles(office.home)] == [1, 0, 0]
        assert len(answer_folder(open_responder, stick, lambda _path: False).answers) == 1
        assert answer_folder(open_responder, stick, lambda _path: False).answers == []
    assert "可以拔出" in look(office, stick)


def test_a_full_stick_is_answered_once_it_has_room(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """An answer that cannot be written leaves its message as new, while a damaged file is told of once."""
    stick = tmp_path / "stick"
    (stick / "a.gjb").parent.mkdir()
    (stick / "bad.gjb").write_bytes(b"x")
    message = written(laptop, stick)
    seen: list[Path] = []

    class FullResponder(BundleResponder):
        """A responder whose disk is full."""

        def answer(self, path: Path, out: Path) -> AnsweredBundle:
            """As the base class; what could be answered cannot be written."""
            seen.append(path)
            if path == message:
                raise BundleUnwritten(file=path, detail="no_space")
            return super().answer(path, out)

    database = open_database(at.data_dir)
    watcher = Watcher(FullResponder(database), stick, threading.Event())
    watcher.answer()
    watcher.answer()
    database.close()
    assert seen.count(message) == 2 and seen.count(stick / "bad.gjb") == 1


def test_other_keys_of_a_device_are_in_the_audit(laptop: Laptop, at: Central) -> None:
    """Whoever gives a device other keys could read its answers: the audit tells both fingerprints, once; a device that
    comes with the same keys is not told of."""
    laptop.sync()
    before = laptop.meta()["keys_told"]
    with laptop.open() as device:
        device.ledger.save_facts(bundle_seed="11" * 32)
        after = bundle_keys(device).public.sign
    laptop.sync()
    laptop.sync()
    events = [each for each in admin.audit_page(at.data_dir) if each["action"] == "device_keys"]
    assert [(each["device"], each["detail"]) for each in events] == [
        (laptop.meta()["device"], {"before": fingerprint(before), "fingerprint": fingerprint(after)})
    ]
    assert laptop.meta()["keys_told"] == after
    assert admin.check_audit(at.data_dir).breaks == []
