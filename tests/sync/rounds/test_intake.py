"""Devices remember the central's signed log of what it took in: a past that was changed is told, a restored one too."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import orjson
import pytest
from sqlalchemy import Connection, delete, select, update

from store.ledger.line import digest_of
from store.ledger.row_mapping import to_signed
from store.queries.intake import FAULT, HEADS, LOG_RESTORED, LogState, log_state
from store.queries.status import notifications
from sync.central.admin import admin
from sync.central.admin.setup import open_database
from sync.central.db.intake_log import LogTail, append_entry, decode_numbers
from sync.central.db.tables import DISTRICT as DISTRICTS
from sync.central.db.tables import INTAKE, LINE, VERSION, IntakeRow
from sync.protocol.documents import ExchangeAnswer, ExchangeMessage
from tests.sync.central_fixture import DISTRICT, Central
from tests.sync.laptops import ForwardingCentral, Laptop, agree, project_of, visit
from tests.sync.rounds.test_carried import carried


def log_of(laptop: Laptop) -> LogState:
    """What a laptop knows of the log."""
    state = log_state(laptop.meta())
    assert state is not None
    return state


def tamper(at: Central, change: Callable[[Connection], None]) -> None:
    """Do to the database what only somebody past the central can."""
    database = open_database(at.data_dir)
    with database.write() as connection:
        change(connection)
    database.close()


def write_log_anew(connection: Connection, *, less: int = 0) -> None:
    """Make the whole log again over the texts as they are now, as somebody with the district's secret can; without the
    last entries."""
    secret = connection.execute(select(DISTRICTS.c.secret).where(DISTRICTS.c.code == DISTRICT)).scalar_one()
    rows = [IntakeRow(*row) for row in connection.execute(select(INTAKE).order_by(INTAKE.c.n))]
    texts = {
        seq: wire for table in (LINE, VERSION) for seq, wire in connection.execute(select(table.c.seq, table.c.wire))
    }
    connection.execute(delete(INTAKE))
    tail = LogTail()
    for row in rows[: len(rows) - less]:
        accepted = {seq: texts[seq] for seq in decode_numbers(row.numbers)}
        tail = append_entry(connection, DISTRICT, secret, tail, accepted, row.at)
    connection.execute(update(DISTRICTS).values(intake=tail.to_text()))


def change_a_visit(connection: Connection) -> None:
    """Another text in place of one that was taken in, with all checksums of the row as if it had been so always."""
    line_id, wire = connection.execute(select(LINE.c.id, LINE.c.wire).where(LINE.c.kind == "visit").limit(1)).one()
    changed = wire.replace("看见裂缝", "一切正常")
    assert changed != wire
    row = {"wire": changed, "digest": to_signed(digest_of(changed.encode()))}
    connection.execute(update(LINE).where(LINE.c.id == line_id).values(row))


def test_laptops_of_one_central_know_one_log(pair: tuple[Laptop, Laptop]) -> None:
    """After each round a laptop knows the head with what it pushed in it; two that are in step know the same, and of
    the older heads some are kept."""
    first, second = pair
    agree(first, second)
    before = log_of(first)
    visit(first, project_of(first), "看见裂缝")
    first.sync()
    assert log_of(first).size == before.size + 1
    second.sync()
    assert (log_of(first), log_of(first).fault) == (log_of(second), None)
    assert len(orjson.loads(first.meta()[HEADS])) == 2


@pytest.mark.parametrize("less", [0, 1], ids=["as long", "shorter"])
@pytest.mark.parametrize("goes_on", [False, True], ids=["at once", "after more"])
def test_a_past_that_was_changed_is_told(pair: tuple[Laptop, Laptop], at: Central, less: int, goes_on: bool) -> None:
    """Somebody changes what was taken in and makes the whole log anew, with every key of the central: whoever has
    synced before is told, with both signed statements, and lines go on."""
    first, second = pair
    visit(first, project_of(first), "看见裂缝")
    agree(first, second)
    tamper(at, change_a_visit)
    tamper(at, lambda connection: write_log_anew(connection, less=less))
    if goes_on:
        visit(second, project_of(second), "以后的")
        assert second.sync().pushed == 1
    visit(first, project_of(first), "还能同步")
    assert first.sync().pushed == 1
    assert log_of(first).fault == "rewritten"
    fault = orjson.loads(first.meta()[FAULT])
    assert fault["kept"]["signature"] != fault["shown"]["signature"]
    assert first.sync().pending == 0 and log_of(first).fault == "rewritten"


def test_a_round_by_file_brings_the_head_too(laptop: Laptop, at: Central, tmp_path: Path) -> None:
    """An answer on a stick has the head with what its message brought, and a past that was changed is told by it."""
    laptop.sync()
    before = log_of(laptop)
    visit(laptop, project_of(laptop), "看见裂缝")
    carried(laptop, at, tmp_path / "one")
    assert log_of(laptop).size == before.size + 1
    tamper(at, change_a_visit)
    tamper(at, write_log_anew)
    visit(laptop, project_of(laptop), "以后的")
    carried(laptop, at, tmp_path / "two")
    assert log_of(laptop).fault == "rewritten"


def test_a_restored_central_is_told_as_such(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """A central that was restored from a backup has lost the end of its log and says so in its head. It is compared as
    far as it goes: a notice, no fault."""
    first, second = pair
    agree(first, second)
    first_size = log_of(first).size
    visit(first, project_of(first), "备份以后的")
    agree(first, second)

    def lose(connection: Connection) -> None:
        last = connection.execute(select(INTAKE).order_by(INTAKE.c.n.desc()).limit(1)).one()
        numbers = decode_numbers(IntakeRow(*last).numbers)
        connection.exec_driver_sql("DROP TRIGGER line_no_delete")
        connection.execute(delete(LINE).where(LINE.c.seq.in_(numbers)))
        write_log_anew_before(connection)

    def write_log_anew_before(connection: Connection) -> None:
        write_log_anew(connection, less=1)
        at_copy = connection.execute(select(LINE.c.seq).order_by(LINE.c.seq.desc()).limit(1)).scalar_one()
        connection.execute(update(DISTRICTS).values(seq=at_copy))

    tamper(at, lose)
    at.begin_restored()
    first.sync()
    assert log_of(first).fault is None
    with first.open() as device:
        codes = [each.code for each in notifications(device.ledger.database.connection(), include_seen=True)]
    assert LOG_RESTORED in codes
    first.sync()
    assert log_of(first).size >= first_size and log_of(first).fault is None


def test_the_log_is_kept_whole_by_all_that_the_central_does(pair: tuple[Laptop, Laptop], at: Central) -> None:
    """Edits, late versions and deletions leave a log that holds, with a commitment of every version."""
    first, second = pair
    made = visit(first, project_of(first), "看见裂缝")
    agree(first, second)
    for laptop, text in ((first, "甲改"), (second, "乙改")):
        with laptop.open() as device:
            device.ledger.edit("visit", made.id, text=text)
    agree(second, first)
    with first.open() as device:
        device.ledger.delete("visit", made.id)
    first.sync()
    report = admin.check_log(at.data_dir)
    assert report.holds and report.versions >= 6
    assert log_of(first).size == report.entries and report.root.startswith(log_of(first).root)


class OtherKeys(ForwardingCentral):
    """Forwards, with a head that some other key has signed."""

    async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
        """The answer with another signature."""
        answer = await self.inner.exchange(message, lines)
        if answer is None or answer.intake is None:
            return answer
        signed = answer.intake.signed.model_copy(update={"signature": "0" * 128})
        return answer.model_copy(update={"intake": answer.intake.model_copy(update={"signed": signed})})


def test_a_head_by_another_key_is_told(laptop: Laptop) -> None:
    """A head that the central which was joined has not signed is not kept, and told; the next good one ends that."""
    laptop.sync()
    known = log_of(laptop)
    visit(laptop, project_of(laptop), "看见裂缝")
    laptop.sync_through(OtherKeys)
    assert log_of(laptop) == known._replace(fault="unsigned", fault_at=log_of(laptop).fault_at)
    laptop.sync()
    assert log_of(laptop).fault is None and log_of(laptop).size > known.size


def test_documents_tell_nothing_of_the_log_where_it_is_known(laptop: Laptop) -> None:
    """Where nothing was taken in since, the central says nothing of the log."""
    told = list[object]()

    class Listening(ForwardingCentral):
        async def exchange(self, message: ExchangeMessage, lines: list[bytes]) -> ExchangeAnswer | None:
            answer = await self.inner.exchange(message, lines)
            told.append(answer and answer.intake)
            return answer

    laptop.sync()
    laptop.sync_through(Listening)
    assert told == [None]
