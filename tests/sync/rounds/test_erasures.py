"""`person erase` over whole rounds: every device and the central, whoever was away, and a central that was set back."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from store.commands.erasures import erase, plan_erasure
from store.commands.exceptions import ErasureNamesPerson, PersonErased
from store.domain.erasures import ERASED
from store.home.credentials import open_credentials
from store.queries.doubles import doubles
from store.queries.lines import version_history
from store.search.history import record_search
from sync.central.admin import admin
from tests.store.raw_pages import raw_pages
from tests.sync.laptops import Laptop, agree, bureau
from tests.sync.rounds.test_healing import Office

CANARY, PHONE = "金丝雀", "19912345678"


def tells(data: bytes) -> bool:
    """Whether bytes have the name or the phone in them."""
    return CANARY.encode() in data or PHONE.encode() in data


def files_of(laptop: Laptop) -> bytes:
    """All bytes of a home: the two encrypted files decrypted, the others as they are."""
    key = open_credentials(laptop.home, "file").key()
    paths = [path for path in laptop.home.path.rglob("*") if path.is_file()]
    encrypted = [path for path in paths if path.suffix in (".db", ".device")]
    return b"".join([*(raw_pages(path, key) for path in encrypted), *(path.read_bytes() for path in paths)])


def central_files(office: Office) -> bytes:
    """All bytes of the central's folder."""
    return b"".join(path.read_bytes() for path in office.data_dir.rglob("*") if path.is_file())


def erase_person(laptop: Laptop, person: str) -> None:
    """Erase on this laptop, as the command does it."""
    with laptop.open() as device:
        plan = plan_erasure(device.ledger.database.connection(), person)
        with pytest.raises(ErasureNamesPerson):
            erase(device.ledger, plan, f"{CANARY}本人申请")
        erase(device.ledger, plan, "本人申请")
        with pytest.raises(PersonErased):
            plan_erasure(device.ledger.database.connection(), person)


def two_records(laptop: Laptop) -> tuple[str, str]:
    """A person with a phone and an older version, and another record of theirs, merged into it; their ids."""
    who = laptop.put("person", name=CANARY, title="科长").id
    twin = laptop.put("person", name=f"{CANARY}同志").id
    laptop.put("merge", what="person", from_id=twin, into_id=who)
    laptop.put("contact", person_id=who, phone=PHONE)
    laptop.put("person", id=who, name=CANARY, note=f"{CANARY}的备注")
    return who, twin


@pytest.mark.proves("R50")
def test_erased_everywhere_at_the_next_round(tmp_path: Path) -> None:
    """The bureau erases a person who is two records: after a round of each no file of the central or of a laptop has
    the name or phone, though one was away with an edit and a new phone of its own. A copy of a laptop from before is
    erased at its first round. A central that is set back to before gets the erasure from the laptops."""
    office = Office(tmp_path)
    with office.serving():
        boss = bureau(tmp_path / "boss", office)
        clerk, away = (bureau(tmp_path / name, office, name) for name in ("李乙", "王丙"))
        who, twin = two_records(boss)
        agree(boss, clerk, away)
        shutil.copytree(clerk.home.path, tmp_path / "earlier")
        away.put("person", id=who, name=f"{CANARY}戊", title="局长")
        away.put("contact", further_of=who, phone=f"{PHONE}9")
    office.copy()
    with office.serving():
        erase_person(boss, who)
        office.sync(boss, clerk, away)
        office.sync(boss, clerk, away)
        assert boss.dump() == clerk.dump() == away.dump()
        earlier = Laptop(tmp_path / "earlier")
        office.sync(earlier)
        assert not any(tells(files_of(each)) for each in (boss, clerk, away, earlier))
        assert not tells(central_files(office))
        assert boss.rows("SELECT name FROM person WHERE id IN (?, ?)", who, twin) == [(ERASED,)] * 2
        with clerk.open() as device:
            connection = device.ledger.database.connection()
            assert {each.reason for each in version_history(connection, who)} == {None, "erased"}
            assert doubles(connection, "person", "2026-01-01") == []
        events = [entry["detail"] or {} for entry in admin.audit_page(office.data_dir) if entry["action"] == "erased"]
        assert events[0]["people"] == sorted((who, twin))
        assert admin.check_audit(office.data_dir).breaks == []
    office.put_back()
    with office.serving():
        assert tells(central_files(office))
        office.sync(boss, clerk)
        office.sync(boss, clerk)
        assert boss.rows("SELECT name FROM person WHERE id = ?", who) == [(ERASED,)]
        assert not tells(files_of(boss))
        assert not tells(central_files(office))


def test_an_officer_who_signs_in_is_erased_too(tmp_path: Path) -> None:
    """An officer with an account, a device and a home of their own, whom others have in drafts and searches, is erased:
    no file of their home, of the bureau's or of the central has the name or phone. Their device goes on, as nobody's;
    drafts keep what is not about them."""
    office = Office(tmp_path)
    with office.serving():
        boss = bureau(tmp_path / "boss", office)
        own = Laptop(tmp_path / "own").join(office, office.invite(CANARY, "auditor"))
        office.sync(own, boss)
        who = own.meta()["person"]
        boss.put("contact", person_id=who, phone=PHONE)
        admin.withdraw(office.data_dir, CANARY, "auditor")
        admin.grant(office.data_dir, CANARY, "auditor")
        office.sync(boss, own)
        with boss.open() as device:
            said = {"who": f"{CANARY}、别人", "text": f"电话{PHONE}，谈供水", "_ids": {CANARY: who}}
            device.ledger.save_draft("visit:new", said)
            record_search(device.ledger.device_state, f"@{CANARY}", who)
        assert tells(files_of(boss)) and tells(files_of(own)) and tells(central_files(office))
        erase_person(boss, who)
        office.sync(boss, own)
        office.sync(boss, own)
        assert not tells(files_of(boss)) and not tells(files_of(own)) and not tells(central_files(office))
        assert (own.meta()["person_name"], own.meta()["device_name"]) == (ERASED, ERASED)
        with boss.open() as device:
            assert device.ledger.load_draft("visit:new") == {
                "who": f"{ERASED}、别人", "text": f"电话{ERASED}，谈供水", "_ids": {},
            }  # fmt: skip
        assert {each["name"] for each in admin.list_accounts(office.data_dir)} == {"张局", ERASED}
        assert admin.check_audit(office.data_dir).breaks == []
        assert admin.check_integrity(office.data_dir)["buckets"] == []
