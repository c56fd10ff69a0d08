"""heal at the central: only its own receipts count; what is forged, foreign, moved or hidden gets nothing and tells
nothing."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import insert, select, text

from store.ledger.hlc import hlc_from_ms, system_clock_ms
from store.ledger.line import DISPLACED_FROM, Line, canonical_json, new_id, parse_line
from store.ledger.merge import version_key
from sync.admin_protocol import DECIDE, WAITING
from sync.central.accounts.roster import seal
from sync.central.admin import admin
from sync.central.admin.healing import decide_claims, healing_report
from sync.central.admin.setup import open_database, read_central, write_central
from sync.central.db.tables import ACCOUNT, CLAIM, ROLE, AccountRow, ClaimRow, RoleRow
from sync.central.db.tables import DISTRICT as DISTRICT_TABLE
from sync.central.exceptions import ContradictingDecision, NoSuchClaim
from sync.central.receipts import ReceiptKey
from sync.central.request import RequestContext
from sync.central.steps.heal import answer_heal
from sync.central.steps.join import answer_join
from sync.central.steps.push import answer_push
from sync.central.writes.claims import MAX_CLAIM_BYTES
from sync.protocol import RECEIPT_BYTES, DeviceName, HealRequest, JoinRequest
from tests.examples import examples
from tests.sync.central.ledger import project, step, visit
from tests.sync.central_fixture import DISTRICT, Central, Laptop, create_central

EXAMPLES = examples(10)
NONE = bytes(RECEIPT_BYTES)
Sent = Sequence[tuple[Line, bytes]]


def key_of(central: Central) -> ReceiptKey:
    """The key of the central's receipts."""
    database = open_database(central.data_dir)
    with database.read() as connection:
        secret = connection.execute(select(DISTRICT_TABLE.c.secret)).scalar_one()
    database.close()
    return ReceiptKey(secret)


def receipt(key: ReceiptKey, line: Line) -> bytes:
    """The receipt of a line, as the central would have given it."""
    return key.receipt(canonical_json(line))


def heal(laptop: Laptop, sent: Sent, **more: Any) -> list[str]:
    """Send versions with receipts; gives the outcomes."""
    lines = b",".join(canonical_json(line) for line, _ in sent)
    receipts = base64.b64encode(b"".join(tag for _, tag in sent)).decode()
    rest = orjson.dumps({"receipts": receipts, "epoch": None, **more})
    outcomes: list[str] = laptop.ask("/v1/heal", b'{"lines":[' + lines + b"]," + rest[1:])["outcomes"]
    return outcomes


def stored(laptop: Laptop, line_id: str) -> list[Line]:
    """Every version that the central has of a line, as one who may read it is told."""
    answer = laptop.client.get(f"/v1/history/{line_id}")
    return [parse_line(each["line"]) for each in answer.json().get("versions", [])]


def test_receipts_come_with_every_version(central: Central) -> None:
    """A push, a pull and a fetch hand out the same receipt of a line; a refused line gets none."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    foreign = visit(office, own.id)._replace(author=other.person)
    other.pull_all()
    from_push = office.ask("/v1/push", orjson.dumps({"lines": [own._asdict(), foreign._asdict()]}))["receipts"]
    fetched = other.ask("/v1/fetch", {"buckets": [f"h:{own.id}"]})["receipts"]
    wanted = base64.b64encode(receipt(key_of(central), own)).decode()
    assert from_push == fetched == other.pull()["receipts"] == wanted


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("forged", [bytes([1]) * RECEIPT_BYTES, None], ids=["another receipt", "another district"])
def test_a_forged_receipt_brings_nothing(central: Central, forged: bytes | None) -> None:
    """A line under somebody else's name is not taken in with a made-up receipt, nor with one of another district, nor
    with that of another version of the line."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    office.push([own])
    line = visit(office, own.id)._replace(author=other.person)
    tags = [forged or receipt(ReceiptKey("another secret"), line), receipt(key_of(central), own)]
    assert [heal(office, [(line, tag)]) for tag in tags] == [["refused"]] * 2
    assert stored(office, line.id) == [] and healing_report(central.data_dir)["regained"] == 0


def test_a_receipt_is_of_one_version_in_one_place(central: Central) -> None:
    """A version that was changed in any part, or put into another project, is not the one that the receipt proves."""
    office = central.enrol("局长")
    own, another = project(office, "一"), project(office, "二")
    office.push([own, another])
    line = visit(office, own.id)
    tag = receipt(key_of(central), line)
    changed = [line._replace(project=another.id), line._replace(stamp=line.stamp + 1), line._replace(deleted=True)]
    assert heal(office, [(each, tag) for each in changed]) == ["refused"] * 3
    assert heal(office, [(line, tag)]) == ["taken"]
    assert heal(office, [(line._replace(project=another.id), receipt(key_of(central), changed[0]))]) == ["refused"]
    assert stored(office, line.id) == [line]


def test_hidden_missing_and_known_look_alike(central: Central) -> None:
    """A butler brings versions of a project that they may not read: taken in or known, with a receipt all get one
    answer, and so do all without one."""
    office = central.enrol("局长")
    here, hidden = project(office, "一"), project(office, "二")
    office.push([here, hidden])
    butler = central.enrol("刘丁", "butler", projects=[here.id])
    known, lost, nowhere = (visit(office, at) for at in (hidden.id, hidden.id, project(office, "三").id))
    office.push([known])
    key = key_of(central)
    assert heal(butler, [(each, NONE) for each in (known, lost, nowhere)]) == ["claimed"] * 3
    assert heal(butler, [(each, receipt(key, each)) for each in (known, lost, nowhere)]) == ["taken"] * 3
    assert stored(office, lost.id) == [lost] and stored(butler, lost.id) == []


def test_a_valid_receipt_of_a_lost_version_begins_an_epoch(central: Central) -> None:
    """A version that the central has given and does not have proves that it was set back: that begins an epoch, once;
    the audit says who brought what, and that they did not write it."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    office.push([own])
    line = visit(office, own.id)
    before = other.hello()["epoch"]
    assert heal(other, [(line, receipt(key_of(central), line))], epoch=before) == ["taken"]
    after = other.hello()["epoch"]
    assert after != before
    assert heal(other, [(line, receipt(key_of(central), line))], epoch=after, done=True) == ["taken"]
    assert other.hello()["epoch"] == after
    entries = [entry for entry in admin.audit_page(central.data_dir) if entry["line"] == line.id]
    assert [(entry["action"], entry["name"]) for entry in entries] == [("regained", "副局长")]


def test_claims_wait_until_the_bureau_decides(central: Central) -> None:
    """A version without a receipt is in no pull; the bureau sees what it says and takes it in, or does not. A line of
    which nothing waits is named as such."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    office.push([own])
    good, bad = visit(office, own.id, "真的"), visit(office, own.id, "假的")
    for _ in range(2):
        assert heal(other, [(good, NONE), (bad, NONE)]) == ["claimed"] * 2
    forged = good._replace(id=new_id(), body={**good.body, DISPLACED_FROM: own.id})
    assert heal(other, [(forged, NONE)]) == ["refused"]
    claims = healing_report(central.data_dir)["claims"]
    assert [(claim["body"]["text"], claim["person"]) for claim in claims] == [("真的", "副局长"), ("假的", "副局长")]
    with pytest.raises(NoSuchClaim):
        decide_claims(central.data_dir, [good.id, own.id], [bad.id])
    with pytest.raises(ContradictingDecision):
        decide_claims(central.data_dir, [good.id], [bad.id, good.id])
    assert len(healing_report(central.data_dir)["claims"]) == 2
    assert decide_claims(central.data_dir, None, [bad.id]) == (2, 0)
    assert (stored(office, good.id), stored(office, bad.id)) == ([good], [])
    assert healing_report(central.data_dir)["claims"] == []


def test_a_renewed_role_stays_where_its_predecessor_was_ended_before_the_set_back(central: Central) -> None:
    """The bureau renews an assignment and then ends the one before; the central loses both, and devices bring them
    back. Nobody has taken the role since: the officer keeps it."""
    office, officer = central.enrol("局长"), central.enrol("刘丁", "auditor")
    own = project(office)
    hour_ago = system_clock_ms() - 3_600_000
    term = {"role": "butler", "person_id": officer.person}
    former, renewed, over = (
        office.line("assignment", body, own.id)._replace(stamp=hlc_from_ms(hour_ago + n))
        for n, body in enumerate((term, term, {**term, "to_date": "2020-12-31"}))
    )
    office.push([own, former])
    central.begin_restored()
    key = key_of(central)
    ending = over._replace(id=former.id, base=former.stamp)
    assert heal(office, [(line, receipt(key, line)) for line in (ending, renewed)]) == ["taken", "taken"]
    assert stored(office, renewed.id) == [renewed]


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("order", [("roster", "line"), ("line", "roster")], ids="-".join)
@pytest.mark.parametrize("end_s", [1, 3], ids=["renewed after", "written before"])
def test_a_role_that_was_renewed_after_its_end_comes_back(central: Central, order: tuple[str, str], end_s: int) -> None:
    """A role was taken and given again, and the central forgets both. A roster of between the two ends it, and the line
    that gives it again gives it, in whichever order they come; a line of before the end gives nothing."""
    office, officer = central.enrol("局长"), central.enrol("刘丁", "butler")
    own, hour_ago = project(office), system_clock_ms() - 3_600_000
    term = {"role": "butler", "person_id": officer.person}
    former, again = (
        office.line("assignment", term, own.id)._replace(stamp=hlc_from_ms(hour_ago + n)) for n in (0, 2_000)
    )
    office.push([own, former])
    central.begin_restored()
    with write_central(central.data_dir) as connection:
        account = AccountRow(*connection.execute(select(ACCOUNT).where(ACCOUNT.c.person == officer.person)).one())
        role = RoleRow(*connection.execute(select(ROLE).where(ROLE.c.project == own.id)).one())
        secret = connection.execute(select(DISTRICT_TABLE.c.secret)).scalar_one()
    taken = role._replace(withdrawn_at=hour_ago + 1_000 * end_s)
    kept = {"accounts": [account._asdict()], "roles": [taken._asdict()], "devices": []}
    sealed = seal(secret, {"epoch": "9-lost", "seq": 99, **kept})
    for name in order:
        if name == "roster":
            assert heal(office, [], roster=sealed) == []
        else:
            assert heal(office, [(again, receipt(key_of(central), again))]) == ["taken"]
    assert (own.id in {line.id for line in map(parse_line, officer.pull()["lines"])}) == (end_s == 1)


@pytest.mark.soak(turns=4)
@pytest.mark.parametrize("order", [(0, 1), (1, 0)], ids=["role first", "end first"])
def test_what_was_taken_between_two_set_backs_stays_taken(central: Central, order: tuple[int, int]) -> None:
    """The central forgets a role; the bureau then ends another assignment of the same; the central forgets that, too.
    Devices bring both back, in whichever order: the role was taken when nobody here knew of the other assignment, so
    it is over."""
    office, officer = central.enrol("局长"), central.enrol("刘丁", "auditor")
    own = project(office)
    term = {"role": "butler", "person_id": officer.person}
    hour_ago = hlc_from_ms(system_clock_ms() - 3_600_000)
    former = office.line("assignment", term, own.id)._replace(stamp=hour_ago)
    forgotten = office.line("assignment", term, own.id)._replace(stamp=hour_ago + 1)
    office.push([own, former])
    central.begin_restored()
    over = {**term, "to_date": "2020-12-31"}
    ending = office.line("assignment", over, own.id, id=former.id, base=former.stamp)
    central.begin_restored()
    key = key_of(central)
    back = [(line, receipt(key, line)) for line in (forgotten, ending)]
    for n in order:
        assert heal(office, [back[n]]) == ["taken"]
    now = stored(office, forgotten.id)[0]
    assert now.deleted or now.body.get("to_date")
    assert f"p:{own.id}" not in officer.pull()["granted"]


def test_an_older_version_that_comes_back_ends_nothing(central: Central) -> None:
    """Somebody has a role by two assignments and the bureau ends one of them. A device that then brings back an
    earlier version of the other one, which is known, ends nothing: only what was forgotten can have been taken."""
    office, officer = central.enrol("局长"), central.enrol("刘丁", "auditor")
    own = project(office)
    term = {"role": "butler", "person_id": officer.person}
    hour_ago = hlc_from_ms(system_clock_ms() - 3_600_000)
    earlier = office.line("assignment", term, own.id)._replace(stamp=hour_ago)
    kept = earlier._replace(stamp=hour_ago + 1, base=earlier.stamp, body={**term, "note": "续任"})
    other = office.line("assignment", term, own.id)._replace(stamp=hour_ago + 2)
    office.push([own, kept, other])
    central.begin_restored()
    ending = {"id": other.id, "base": other.stamp}
    assert office.push([office.line("assignment", {**term, "to_date": "2020-12-31"}, own.id, **ending)])
    assert heal(office, [(earlier, receipt(key_of(central), earlier))]) == ["taken"]
    assert stored(office, kept.id)[0] == kept


def test_the_bureau_decides_claims_from_its_own_device(central: Central) -> None:
    """What waits is told with whoever brought it and what the ledger says now; a device of the bureau accepts and
    rejects by number, and hello says how much is left."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    present = visit(office, own.id, "现在")
    office.push([own, present])
    good, edit, bad = visit(office, own.id, "真的"), visit(office, own.id, "改的"), visit(office, own.id, "假的")
    edit = edit._replace(id=present.id)
    heal(other, [(good, NONE), (edit, NONE), (bad, NONE)])
    assert office.hello()["waiting"] == 3
    told = office.client.post(WAITING, json={}).json()["lines"]
    assert {(one["source"], one["person"], one["late"]) for one in told} == {("claim", "副局长", False)}
    assert [(one["body"]["text"], (one["present"] or {}).get("text")) for one in told] == [
        ("真的", None), ("改的", "现在"), ("假的", None),
    ]  # fmt: skip
    numbers = [one["seq"] for one in told]
    assert other.ask(DECIDE, {"accept": numbers}) == {"decided": 0, "left": 3, "gone": 0}  # what it brought itself
    decided = office.ask(DECIDE, {"accept": numbers[:2], "reject": numbers[2:]})
    assert decided == {"decided": 3, "left": 0, "gone": 0}
    assert (stored(office, good.id), stored(office, edit.id)[:1], stored(office, bad.id)) == ([good], [edit], [])
    assert office.hello()["waiting"] == 0


def test_a_claim_that_cannot_be_taken_in_is_not_called_accepted(central: Central) -> None:
    """The id is a line's of another project by now: the claim waits until it is rejected, and the line stays."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own, elsewhere = project(office), project(office)
    claimed = visit(office, own.id, "旧的")
    assert heal(other, [(claimed, NONE)]) == ["claimed"]
    stays = visit(office, elsewhere.id, "新的")._replace(id=claimed.id)
    office.push([own, elsewhere, stays])
    assert decide_claims(central.data_dir, None) == (0, 1)
    assert len(healing_report(central.data_dir)["claims"]) == 1
    assert decide_claims(central.data_dir, (), [claimed.id]) == (1, 0)
    assert stored(office, stays.id) == [stays]


def test_claims_of_a_person_have_a_bound_in_bytes(central: Central) -> None:
    """Whoever claims long versions fills no disk: what waits of one person has a bound, over all their devices; those
    of another wait as before, and what is known is answered as before."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    office.push([own])
    with write_central(central.data_dir) as connection:
        length, whose = MAX_CLAIM_BYTES - 500, account_of(central, "副局长")
        held = ClaimRow(DISTRICT, 1_000, own.id, 1, "x" * length, whose, "d", 0, None)
        connection.execute(insert(CLAIM).values(held._asdict()))
    short, more = visit(office, own.id, "短"), visit(office, own.id, "再一条")
    assert heal(other, [(short, NONE), (more, NONE)]) == ["claimed", "refused"]
    assert heal(other, [(short, NONE)]) == heal(office, [(more, NONE)]) == ["claimed"]


def account_of(central: Central, name: str) -> str:
    """The id of somebody's account."""
    with read_central(central.data_dir) as connection:
        chosen = select(ACCOUNT.c.id).where(ACCOUNT.c.name == name)
        return str(connection.execute(chosen).scalar_one())


def test_one_device_begins_one_epoch_an_hour(central: Central) -> None:
    """Each epoch makes every device send what it holds. A device that shows lost versions again and again has them
    taken in, and begins no second epoch within an hour; another device does."""
    office, other = central.enrol("局长"), central.enrol("副局长")
    own = project(office)
    office.push([own])
    seen, told = other.hello()["epoch"], list[str]()
    for laptop in (other, other, office):
        line = visit(office, own.id)
        assert heal(laptop, [(line, receipt(key_of(central), line))], epoch=seen) == ["taken"]
        seen = other.hello()["epoch"]
        told.append(seen.partition("-")[0])
    assert told == ["2", "2", "3"]


def test_serials_go_on_above_every_number_that_was_shown(central: Central) -> None:
    """The highest number that comes back raises the year's serial; two issues with one number are told."""
    office = central.enrol("局长")
    own = project(office)
    office.push([own])
    lines = [number(office, own, 7), number(office, own, 7), number(office, own, 3)]
    assert heal(office, [(line, receipt(key_of(central), line)) for line in lines]) == ["taken"] * 3
    report = healing_report(central.data_dir)
    assert list(report["doubled_numbers"]) == ["2026-0007"] and "2026-0005" in report["missing"]["numbers"]
    assert admin.check_integrity(central.data_dir)["doubled_numbers"] == report["doubled_numbers"]
    database = open_database(central.data_dir)
    with database.read() as connection:
        assert connection.execute(text("SELECT year, serial FROM close_serial")).all() == [(2026, 7)]
    database.close()


def number(laptop: Laptop, of: Line, serial: int) -> Line:
    """A close-out number of an issue that nothing else is known of."""
    approval = step(laptop, of, "approved")
    body = {"issue_id": approval.id, "approval_id": approval.id, "year": 2026, "serial": serial}
    return laptop.line("close_out", {**body, "number": f"2026-{serial:04}"}, of.id)


Knowledge = tuple[list[tuple[int, int]], list[int], list[list[int]]]


@st.composite
def knowledges(draw: st.DrawFn) -> Knowledge:
    """Versions, each of a line (0 to 2) and with a stamp of its own; which of them the copy has; and what the devices
    bring back, each what it knows, in the order in which they come."""
    stamps = draw(st.lists(st.integers(1, 40), min_size=1, max_size=8, unique=True))
    versions = [(draw(st.integers(0, 2)), stamp) for stamp in stamps]
    some = st.lists(st.integers(0, len(versions) - 1), max_size=8)
    return versions, draw(some), draw(st.lists(some, min_size=1, max_size=4))


def test_healing_never_loses_and_never_forges(tmp_path: Path) -> None:
    """Whatever the copy has, and whatever part of the versions each device brings back, in any order and repeatedly,
    together with forged ones: the central has exactly the versions that were shown to it, and of each line the current
    one is the one that the merge rule chooses among them."""
    with bench(tmp_path) as (laptop, context, key):

        @settings(max_examples=EXAMPLES)
        @given(knowledges())
        def holds(knowledge: Knowledge) -> None:
            places, copied, brought = knowledge
            of = project(laptop)
            lines = [visit(laptop, of.id), visit(laptop, of.id), visit(laptop, of.id)]
            versions = [lines[n]._replace(stamp=lines[n].stamp - stamp, device=new_id()) for n, stamp in places]
            answer_push(context, [versions[n]._asdict() for n in sorted(set(copied))])
            forged = visit(laptop, of.id)
            for known in brought:
                sent = [*(versions[n] for n in known), forged]
                tags = [*(key.receipt(canonical_json(versions[n])) for n in known), bytes([7]) * RECEIPT_BYTES]
                request = HealRequest(receipts=base64.b64encode(b"".join(tags)).decode())
                answer_heal(context, request, [each._asdict() for each in sent])
            shown = [versions[n] for n in {*copied, *(n for known in brought for n in known)}]
            assert all_versions(context, [*lines, forged]) == {
                line.id: sorted((each for each in shown if each.id == line.id), key=version_key, reverse=True)
                for line in [*lines, forged]
            }

        holds()


def all_versions(context: RequestContext, lines: Iterable[Line]) -> dict[str, list[Line]]:
    """What the central has of these lines, the current version first, then by the merge rule's order."""
    found = {}
    with context.read() as reads:
        for line in lines:
            versions = [parse_line(orjson.loads(version.wire)) for version in reads.history(line.id)]
            found[line.id] = versions[:1] + sorted(versions[1:], key=version_key, reverse=True)
    return found


@contextmanager
def bench(folder: Path) -> Iterator[tuple[Laptop, RequestContext, ReceiptKey]]:
    """A central that is called without HTTP, by a device of the bureau."""
    code = create_central(folder / "central")
    database, laptop = open_database(folder / "central"), Laptop("http://unused")
    answer = answer_join(
        RequestContext(database, None), JoinRequest(code=code, device=DeviceName(id=laptop.device, name="x"))
    )
    laptop.person = answer.person.id
    context = RequestContext(database, answer.token)
    yield laptop, context, ReceiptKey(context.caller().secret)
    database.close()


def test_a_healing_may_be_as_long_as_a_page_and_a_roster(central: Central) -> None:
    """A device brings hundreds of versions in one message, and a roster of many thousand bytes: both are read."""
    office = central.enrol("局长")
    own = project(office)
    office.push([own])
    key = key_of(central)
    lines = [visit(office, own.id, f"第{n}次") for n in range(300)]
    sent = [(line, receipt(key, line)) for line in lines]
    assert set(heal(office, sent, roster="A" * 500_000)) == {"taken"}


def test_a_store_that_became_another_device_after_its_healing_is_back(central: Central) -> None:
    """A laptop that healed the epoch takes another device id (its home was copied): it is found equal under that one,
    asked once, and the district can be whole."""
    office = central.enrol("局长")
    assert heal(office, [], epoch=central.begin_restored(), done=True) == []
    copy = Laptop(central.url)
    copy.token = office.ask("/v1/renew", {"device": {"id": copy.device, "name": "副本"}})["token"]
    copy.client.headers["authorization"] = f"Bearer {copy.token}"
    copy.pull_all()
    epoch = copy.hello()["epoch"]
    copy.ask("/v1/hello", {**copy.greeting(), "epoch": epoch})
    report = healing_report(central.data_dir)
    assert (report["whole"], [bool(device["equal"]) for device in report["devices"]]) == (True, [True])


def test_a_token_that_was_never_used_keeps_no_district_from_being_whole(central: Central) -> None:
    """A laptop asked for another device id and was killed before it used that: nobody waits for a device that never
    was. Until the laptop itself is back, it is named as missing and the district is not called whole."""
    office = central.enrol("局长")
    central.begin_restored()
    report = healing_report(central.data_dir)
    assert (report["whole"], len(report["missing"]["devices"])) == (False, 1)
    assert [(device["person"], device["back"], device["equal"]) for device in report["devices"]] == [
        ("局长", None, None)
    ]
    office.ask("/v1/renew", {"device": {"id": new_id(), "name": "副本"}})
    office.pull_all()
    office.ask("/v1/hello", {**office.greeting(), "epoch": office.hello()["epoch"]})
    report = healing_report(central.data_dir)
    assert (report["whole"], report["missing"]["devices"], len(report["devices"])) == (True, [], 1)
