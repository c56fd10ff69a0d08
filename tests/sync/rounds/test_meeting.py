"""Meetings without a network: what devices give each other, what is taken in, and that it leaves no trace."""

from __future__ import annotations

import os
from pathlib import Path
from random import Random

import orjson
import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from store.exceptions import ActSent
from store.ledger.hlc import system_clock_ms
from store.ledger.line import new_id
from store.queries.bin import bin_entries
from store.queries.outbox import is_unsent, judged_before
from store.queries.provisional import ProvisionalEntry, provisional_entries
from store.writer.provisional import MAX_PROVISIONAL
from sync.central.accounts.cards import judged_until
from sync.central.admin import admin
from sync.central.admin.setup import write_central
from sync.device.bundle_keys import bundle_keys
from sync.device.device import Device
from sync.protocol import DeviceKeys
from sync.protocol.bundle.bundle_file import BundleAddress, write_bundle
from sync.protocol.bundle.exceptions import BundleNotRead, NoCard
from sync.protocol.bundle.names import CARD_SUFFIX, bundles_in
from sync.protocol.meeting import CARD_LIFE_MS, read_card
from sync.round.meeting import MAX_PAGES, MeetingResult, meet_in_folder, take
from tests.sync.central_fixture import DISTRICT, Central, running_central
from tests.sync.laptops import Laptop, agree, bureau, moved, project, project_of, visit
from tests.sync.rounds.test_carried import edit

_ORDER_8 = (
    325606250916557431795983626356110631294008115727848805560023387167927233504,
    39382357235489614581723060781553021112529911719440698176882885853963445705823,
)
THREE = ("张甲", "李乙", "王丙")


def met(laptop: Laptop, folder: Path) -> MeetingResult:
    """The laptop meets others in a folder."""
    return meet_in_folder(laptop.home, laptop.settings, folder)


def provisional(laptop: Laptop) -> list[ProvisionalEntry]:
    """What the laptop shows as given by others and not judged yet."""
    with laptop.open() as device:
        return provisional_entries(device.ledger.database.connection())


def meet_all(folder: Path, *laptops: Laptop) -> list[MeetingResult]:
    """Each meets the others, twice: the first time shows the cards."""
    folder.mkdir(exist_ok=True)
    return [met(laptop, folder) for _ in range(2) for laptop in laptops]


def agree_but_for_what_waits(*laptops: Laptop) -> None:
    """All sync, twice: what waits for the bureau goes on to."""
    for laptop in laptops * 2:
        laptop.sync()


def _of_central(laptop: Laptop) -> tuple[str, str, int]:
    """By what the laptop judges a card."""
    return laptop.meta()["central_key"], DISTRICT, system_clock_ms()


def state(laptop: Laptop) -> tuple[bytes, list[tuple[object, ...]], list[tuple[object, ...]]]:
    """What a central can see of a laptop: its lines, what it would send, and its checksums."""
    unsent = laptop.rows("SELECT id, wire, base_digest, base_stamp, state FROM outbox ORDER BY id")
    return laptop.dump(), unsent, laptop.rows("SELECT * FROM agreement WHERE lines > 0 ORDER BY bucket")


def test_laptops_agree_in_a_meeting_room_until_the_central_has_judged(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """What one wrote is shown on the other as provisional, beside the ledger: lines, outbox and checksums are as
    before. Once the central's version arrives the provisional one is gone, and both stores are equal."""
    first, second = pair
    agree(first, second)
    seen = visit(first, project_of(first))
    before = state(first), state(second)
    results = meet_all(tmp_path / "room", first, second)
    assert [(each.name, each.given, each.taken) for each in results[-1].met] == [("张甲", 0, 1)]
    assert (state(first), state(second)) == before
    shown = provisional(second)
    assert [(each.line, each.kind, each.author, each.project, each.is_here) for each in shown] == [
        (seen.id, "visit", "张甲", "示范项目", False)
    ]
    assert provisional(first) == []
    agree(first, second)
    assert provisional(second) == [] and seen.id in second.lines()
    assert second.rows("SELECT * FROM provisional") == []


def test_what_is_more_than_one_bundle_is_given_whole_and_what_has_no_room_is_told(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Unsent lines beyond one file lie in further ones, up to what a device keeps; what is left out, on either side, is
    told with its number, and files that are there already are not written again."""
    first, second = pair
    agree(first, second)
    written = {visit(first, project_of(first), f"看第{n}次").id for n in range(5)}
    room = tmp_path / "room"
    room.mkdir()
    results = [
        meet_in_folder(laptop.home, laptop.settings, room, page_lines=page)
        for laptop, page in ((second, 9), (first, 2), (second, 9), (first, 2), (first, 1))
    ]
    assert [(met.given, met.taken, met.left_out) for result in results for met in result.met] == [
        (5, 0, 0), (0, 5, 0), (0, 0, 0), (MAX_PAGES, 0, 1)
    ]  # fmt: skip
    assert {each.line for each in provisional(second)} == written
    with second.open() as device:
        line = first.lines()[min(written)]
        author, device_id = line.author, line.device
        later = [line._replace(id=new_id(), stamp=line.stamp + n) for n in range(MAX_PROVISIONAL - 3)]
        assert device.ledger.take_provisional(later, device_id, author) == (MAX_PROVISIONAL - 5, 2)


def test_what_the_central_refuses_stays_where_it_can_be_seen(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """A colleague got a line that the central then refuses to its author: while nobody knows, it stays provisional;
    once the author's device has said that it is judged, it is in the colleague's bin, told and restorable, and nothing
    provisional is left."""
    first, second = pair
    agree(first, second)
    with first.open() as device:
        line = device.ledger.put("assignment", {"role": "bureau", "person_id": second.meta()["person"]})
        device.ledger.edit("assignment", line.id, to_date="2020-01-01")
    meet_all(tmp_path / "room", first, second)
    assert [each.line for each in provisional(second)] == [line.id]
    at_risk = first.lines()[line.id]
    with first.open() as device:  # what its author's device says of a line that was refused
        change = "UPDATE outbox SET state = 'rejected', code = 'forbidden' WHERE id = ?"
        with device.ledger.database.write() as connection:
            connection.execute(change, (line.id,))
    second.sync()
    assert [each.line for each in provisional(second)] == [line.id]
    first.sync()
    second.sync()
    assert provisional(second) == []
    with second.open() as device:
        found = bin_entries(device.ledger.database.connection())
    assert [(each.line, each.what, each.body) for each in found] == [(line.id, "rejected", at_risk.body)]
    assert [row[0] for row in second.rows("SELECT code FROM notice")] == ["provisional_refused"]


def test_what_was_edited_since_is_not_told_as_refused(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A line that was given is edited before it was sent, and its later version waits for the bureau: the colleague's
    stays provisional, since nobody has judged it. A line that was begun later says nothing of it."""
    first, second = pair
    agree(first, second)
    seen = visit(first, project_of(first))
    meet_all(tmp_path / "room", first, second)
    edit(first, seen, "改过的")
    with first.open() as device:
        change = "UPDATE outbox SET state = 'rejected', code = 'proposed' WHERE id = ?"
        with device.ledger.database.write() as connection:
            connection.execute(change, (seen.id,))
    agree_but_for_what_waits(first, second)
    assert [each.line for each in provisional(second)] == [seen.id]
    assert second.rows("SELECT code FROM notice") == []
    first.put("policy", title="后来的", text="全文", id=new_id(system_clock_ms() + 2 * 3_600_000))
    with first.open() as device:
        connection = device.ledger.database.connection()
        gave = int(first.meta()["gave"])
        assert judged_before(connection, gave) == 0
        with device.ledger.database.write() as written:
            written.execute("DELETE FROM outbox WHERE id = ?", (seen.id,))
        assert judged_before(connection, gave) == gave


def test_what_a_revoked_device_gave_is_not_waited_for(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A laptop was lost after a meeting, and revoked: the central will take in nothing of it, and it will never say so
    itself. What it gave is in the colleague's bin, where it can be restored."""
    first, second = pair
    agree(first, second)
    seen = visit(first, project_of(first))
    meet_all(tmp_path / "room", first, second)
    second.sync()
    assert [each.line for each in provisional(second)] == [seen.id]
    admin.revoke(at.data_dir, first.meta()["device"])
    second.sync()
    assert provisional(second) == []
    with second.open() as device:
        found = bin_entries(device.ledger.database.connection())
    assert [(each.line, each.what) for each in found] == [(seen.id, "rejected")]


def test_what_was_given_at_a_meeting_is_not_taken_back_as_if_nobody_had_it(
    pair: tuple[Laptop, Laptop], tmp_path: Path
) -> None:
    """What a colleague has is not withdrawn in silence: neither after it was edited, nor once the clock was corrected
    or the home has become another device. What was written since the meeting still is."""
    first, second = pair
    agree(first, second)
    given, edited = (visit(first, project_of(first)) for _ in range(2))
    meet_all(tmp_path / "room", first, second)
    edit(first, edited, "改过的")
    since = visit(first, project_of(first))

    def is_refused(device: Device) -> bool:
        for line in (given, edited):
            with pytest.raises(ActSent):
                device.ledger.withdraw("visit", line.id)
            assert is_unsent(device.ledger.database.connection(), line.id)
        return True

    with first.open() as device:
        assert is_refused(device)
        device.ledger.withdraw("visit", since.id)
        assert device.ledger.correct_clock(3_600_000) == 2
        assert is_refused(device)
        device.ledger.become_twin(new_id())
        assert is_refused(device)


def test_what_is_told_late_of_what_is_judged_takes_nothing_back(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A file may arrive after a round that was later: the central keeps the latest that a device has said, and a
    central that was set back is told again."""
    first, _second = pair
    for told in (7, 9, 8):
        with first.open() as device:
            device.ledger.save_facts(gave=str(told), gave_judged="")
        first.sync(), first.sync()
    with write_central(at.data_dir) as connection:
        assert set(judged_until(connection, DISTRICT, [first.meta()["device"]]).values()) == {9}
    with first.open() as device:
        device.ledger.finish_healing("2-x")
    assert first.meta()["gave_judged"] == ""


def test_a_withdrawn_project_leaves_with_what_colleagues_gave_of_it(at: Central, tmp_path: Path) -> None:
    """Once a butler's project is withdrawn nothing that was given of it at meetings is there: neither an issue that the
    central has never named, nor a line that it has refused."""
    office = bureau(tmp_path / "office", at)
    own, other = project(office, "甲项目"), project(office, "乙项目")
    office.sync()
    butler = Laptop(tmp_path / "butler").join(at, at.invite("王管", "butler", projects=[own.id, other.id]))
    for _ in range(3):
        office.sync(), butler.sync()
    office.put("issue", number="1", title="缺水", kind="problem", project=own.id)
    refused, kept = visit(office, own), visit(office, other)
    meet_all(tmp_path / "room", office, butler)
    given = {each.line: each for each in provisional(butler)}
    assert len(given) == 3
    with butler.open() as device:
        device.ledger.settle_provisional({})
        with device.ledger.database.write() as connection:
            connection.execute("DELETE FROM provisional WHERE id = ?", (refused.id,))
            connection.execute(
                "INSERT INTO history (id, stamp, device_id, author_id, kind, project_id, deleted, body, base, reason, "
                "at) VALUES (?, ?, ?, ?, 'visit', ?, 0, '{}', 0, 'rejected', 1)",
                (refused.id, refused.stamp, refused.device, refused.author, own.id),
            )
    admin.withdraw(at.data_dir, "王管", "butler", projects=[own.id])
    butler.sync()
    assert [each.line for each in provisional(butler)] == [kept.id]
    assert butler.rows("SELECT id FROM history WHERE id = ?", refused.id) == []


def test_both_edit_the_same_line_and_meet(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """Each shows the other's later version beside its own, which stays what it is until the central has merged both."""
    first, second = pair
    seen = visit(first, project_of(first))
    agree(first, second)
    for laptop, text in ((first, "甲改的"), (second, "乙改的")):
        edit(laptop, seen, text)
    meet_all(tmp_path / "room", first, second)
    assert [each.body["text"] for each in provisional(first)] == ["乙改的"]
    assert provisional(second) == []  # what is older than its own says nothing new
    assert first.lines()[seen.id].body["text"] == "甲改的"
    agree(first, second)
    assert (provisional(first), first.lines()[seen.id].body["text"]) == ([], "乙改的")


# Who may see what


def test_each_gets_what_its_roles_cover_and_nothing_about_people(at: Central, tmp_path: Path) -> None:
    """A butler of one project gets its unsent lines and the district's, of another project nothing; and what is about
    people goes to nobody."""
    office = bureau(tmp_path / "office", at)
    own, other = project(office, "甲项目"), project(office, "乙项目")
    office.sync()
    code = at.invite("王管", "butler", projects=[own.id])
    butler = Laptop(tmp_path / "butler").join(at, code)
    for _ in range(3):
        office.sync(), butler.sync()
    mine, theirs = visit(office, own), visit(office, other)
    office.put("person", name="赵新")
    policy = office.put("policy", title="新政策", text="全文")
    meet_all(tmp_path / "room", office, butler)
    assert {each.line for each in provisional(butler)} == {mine.id, policy.id}
    assert theirs.id.encode() not in b"".join(row[0] for row in butler.rows("SELECT wire FROM provisional"))


def test_without_a_card_nothing_is_given(pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path) -> None:
    """A device without a card is refused with a sentence; a card that was changed, has expired, or is of another
    central gets nothing, and no file for it is written."""
    first, second = pair
    room = tmp_path / "room"
    room.mkdir()
    with first.open() as device:  # as of a home that has not synced since it was upgraded
        device.ledger.save_facts(card="", card_at="")
    with pytest.raises(NoCard):
        met(first, room)
    agree(first, second)
    visit(first, project_of(first))
    met(second, room)
    card = bundles_in(room, CARD_SUFFIX)[0]
    good = card.read_text("utf-8")
    assert "bureau" in good
    forged = good.replace("bureau", "butler")
    card.write_text(forged, "utf-8")
    assert met(first, room).met == []
    card.write_text(good, "utf-8")
    first.clock(CARD_LIFE_MS + 60_000)
    with pytest.raises(NoCard):
        met(first, room)
    first.clock(0)
    assert bundles_in(room) == []
    assert [each.given for each in met(first, room).met] == [1]


def test_hostile_documents_are_judged_line_by_line_and_bounded(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Of what a device with a card gives only valid lines of its own are taken in: none of another author or device,
    from the future, about a person, or of a form that the central takes from nobody. A file that says something else
    than it should is refused, and nothing changes."""
    first, second = pair
    agree(first, second)
    good = visit(first, project_of(first))
    stranger = new_id()
    hostile: list[object] = [
        good._replace(id=new_id(), author=stranger)._asdict(),
        good._replace(id=new_id(), device=stranger)._asdict(),
        good._replace(id=new_id(), stamp=good.stamp + (3_600_000 << 16))._asdict(),
        good._replace(id=new_id(), kind="person", project=None, body={"name": "某人"})._asdict(),
        good._replace(id=new_id(), body={**good.body, "text": "\x1b]52;c;eA==\x07"})._asdict(),
        good._replace(id=new_id(), project=None)._asdict(),
        {"id": 1}, None, [], "x", good._asdict() | {"more": 1},
        good._asdict(),
    ]  # fmt: skip
    room = tmp_path / "room"
    room.mkdir()
    meet_all(room, second)
    for documents, taken, refused in (
        ([orjson.dumps({"lines": hostile})], 1, 0),
        ([b'{"lines":1}'], 0, 1),
        ([b"[]"], 0, 1),
        ([b"{"], 0, 1),
    ):
        for path in bundles_in(room):
            path.unlink()
        met(first, room)
        for path in bundles_in(room):
            path.unlink()
        with first.open() as device, second.open() as reader:
            address = BundleAddress("meeting", new_id(), DISTRICT, bundle_keys(reader).public.agree)
            write_bundle(room / "x.gjb", address, bundle_keys(device), system_clock_ms(), documents)
        result = met(second, room)
        assert ([each.taken for each in result.met], len(result.refused)) == ([taken], refused)
    assert [each.line for each in provisional(second)] == [good.id]


def test_a_small_file_that_is_huge_once_read_is_refused(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """Of what a colleague's file has in it, decompressed, only so much is read."""
    first, second = pair
    agree(first, second)
    room = tmp_path / "room"
    meet_all(room, first, second)
    for path in bundles_in(room):
        path.unlink()
    with first.open() as device, second.open() as reader:
        address = BundleAddress("meeting", new_id(), DISTRICT, bundle_keys(reader).public.agree)
        long = b'{"lines":[],"more":"' + bytes(9_000_000).replace(b"\0", b"x") + b'"}'
        write_bundle(room / "x.gjb", address, bundle_keys(device), system_clock_ms(), [long] * 4)
    assert [error.code for _path, error in met(second, room).refused] == ["bundle_damaged"]


def test_a_file_that_a_stick_has_damaged_is_written_anew(
    pair: tuple[Laptop, Laptop], at: Central, tmp_path: Path
) -> None:
    """What lies in the folder already is written once, unless it is damaged; one that goes while it is read is told."""
    first, second = pair
    agree(first, second)
    visit(first, project_of(first))
    room = tmp_path / "room"
    meet_all(room, first, second)
    (given,) = (path for path in bundles_in(room) if path.name.startswith("张甲"))
    assert [each.given for each in met(first, room).met] == [0]
    damaged = bytearray(given.read_bytes())
    damaged[-100] ^= 1
    given.write_bytes(damaged)
    assert [each.given for each in met(first, room).met] == [1]
    result = met(second, room)
    assert [error.code for _path, error in result.refused] == ["bundle_damaged"]
    assert len(provisional(second)) == 1
    with second.open() as device:
        card = read_card(next(iter(bundles_in(room, CARD_SUFFIX))).read_bytes(), *_of_central(second))
        assert card is not None
        with pytest.raises(BundleNotRead):
            take(device, card, room / "gone.gjb")


@pytest.mark.parametrize("point", [0, 1, -1, 2**255 - 19, 2**255, *_ORDER_8])
def test_a_key_that_nothing_can_be_written_for_is_none(point: int) -> None:
    """A device may tell the central any key: one of small order is refused, so that nobody who would write for this
    device fails by it. It is one that the library refuses too."""
    key = (point % (2**255 - 19) if point < 0 else point).to_bytes(32, "little")
    with pytest.raises(ValueError, match="small order"):
        DeviceKeys(sign="1" * 64, agree=key.hex())
    with pytest.raises(ValueError):
        X25519PrivateKey.generate().exchange(X25519PublicKey.from_public_bytes(key))


# Whatever meets whom


@pytest.mark.soak(turns=2)
@pytest.mark.parametrize("seed", range(int(os.environ.get("GUANJIA_SEEDS", "2"))))
def test_meetings_leave_no_trace(begun_with_three: Path, tmp_path: Path, seed: int) -> None:
    """Three laptops write, edit, meet in any order by folder, and sync now and then. After all have synced with the
    central every store equals what it is without the meetings, and nothing provisional is left."""
    chance = Random(seed)
    plan = [(chance.choice(("visit", "edit", "meet", "sync")), chance.sample(range(3), 2)) for _ in range(14)]
    ends = []
    for with_meetings in (True, False):
        folder = tmp_path / str(with_meetings)
        with running_central(folder, begun=begun_with_three) as at:
            laptops = [moved(begun_with_three / name, folder / name, at) for name in THREE]
            for step, (what, who) in enumerate(plan):
                _play(what, [laptops[i] for i in who], folder / f"room{step}", f"第{step}步", with_meetings)
            for _ in range(4):
                for laptop in laptops:
                    laptop.sync()
            agree(*laptops)
            assert [laptop.rows("SELECT * FROM provisional") for laptop in laptops] == [[], [], []]
            assert all(laptop.waits().lines == 0 for laptop in laptops)
            ends.append([_texts(laptop) for laptop in laptops])
    assert ends[0] == ends[1]


def _play(what: str, who: list[Laptop], room: Path, text: str, with_meetings: bool) -> None:
    first, _second = who
    visits = sorted(line.id for line in first.lines().values() if line.kind == "visit")
    if what == "meet" and with_meetings:
        before = [state(laptop) for laptop in who]
        meet_all(room, *who)
        assert [state(laptop) for laptop in who] == before
    elif what == "sync":
        first.sync()
    elif what == "edit" and visits:
        edit(first, first.lines()[visits[0]], text)
    elif what in ("visit", "edit"):
        visit(first, project_of(first), text)


def _texts(laptop: Laptop) -> list[str]:
    """What a laptop's visits say and what became of every version, without ids and stamps, which differ."""
    now = sorted(str(line.body["text"]) for line in laptop.lines().values() if line.kind == "visit")
    past = laptop.rows("SELECT reason, body FROM history WHERE kind = 'visit'")
    return now + sorted(f"{reason} {orjson.loads(body)['text']}" for reason, body in past)


@pytest.fixture(scope="module")
def begun_with_three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A central and three laptops of the bureau in step, with one project."""
    folder = tmp_path_factory.mktemp("three")
    with running_central(folder) as running:
        laptops = [bureau(folder / name, running, name) for name in THREE]
        project(laptops[0])
        agree(*laptops)
    return folder
