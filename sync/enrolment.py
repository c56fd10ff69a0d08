"""Enrolment of a device: trade a one-time code for a token, and make the home one of a district's.

A home that worked alone keeps all its lines and sends them with its first round. Everything that can fail on this side
(address, credentials, the home itself) is tried before the code is used.
"""

from __future__ import annotations

import asyncio
from typing import NamedTuple

import orjson

from store.db.device_facts import read_device_facts
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home
from store.home.settings import Settings
from store.ledger.line import new_id
from store.queries.outbox import outbox_snapshot
from store.values.plausible_time import is_plausible
from store.values.text import normalize_name
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import create_store, open_store
from sync.device.device import device_clock, device_name
from sync.device.fingerprint import is_copy, store_fingerprint
from sync.exceptions import CentralClockWrong, DistrictMismatch, SyncError
from sync.protocol import DeviceName, JoinAnswer, JoinRequest, PersonName
from sync.transport.client import HttpCentral
from sync.transport.endpoint import check_address


class JoinResult(NamedTuple):
    """Person, device, district and roles of the joined home, as ``guanjia join`` prints them. Where the home was
    somebody else's by name until now, ``former_name`` is theirs: what was not sent yet is under the new name since."""

    person: str
    person_name: str
    device: str
    district: str
    district_name: str
    roles: list[dict[str, str]]
    former_name: str = ""


def join_central(home: Home, settings: Settings, address: str, code: str) -> JoinResult:
    """Enrol this device at the central at ``address``; creates the home if there is none.

    Raises `BadAddress`, `InsecureAddress`, `BadInvite`, `DistrictMismatch`, `CentralUnreachable`, or an error of
    opening the home or its credentials; then nothing was changed."""
    address = check_address(address)
    home.create()
    credentials = open_credentials(home, settings.credentials)
    known = _known_facts(home, credentials)
    try:
        answer, wall_ms = asyncio.run(_request_join(address, settings, _request(code, known)))
    except SyncError as error:
        raise type(error)(**{**error.values, "pending": _unsent(home, credentials)}) from error
    if known.get("district", answer.district.code) != answer.district.code:
        raise DistrictMismatch(ours=known["district"], theirs=answer.district.code)
    if not is_plausible(answer.time):
        raise CentralClockWrong.off_by_ms(answer.time - wall_ms, pending=_unsent(home, credentials))
    facts = _new_facts(known, answer, address, wall_ms)
    credentials.save_token(answer.token)
    _store_facts(home, credentials, settings, known, facts)
    if answer.introduce:
        _write_person_line(home, credentials, settings, answer.person)
    roles = orjson.loads(facts.pop("roles"))
    former = known.get("person_name", "")
    is_same = normalize_name(former) in ("", normalize_name(answer.person.name))
    identity = {name: facts[name] for name in ("person", "person_name", "device", "district", "district_name")}
    return JoinResult(roles=roles, former_name="" if is_same else former, **identity)


def _write_person_line(home: Home, credentials: Credentials, settings: Settings, person: PersonName) -> None:
    """Write the person line of somebody whom the ledger does not know yet, so that others see who wrote what."""
    database = open_store(home.database, credentials.key())
    try:
        ledger = SyncLedger(database, wall_clock=device_clock(settings))
        ledger.put("person", {"name": person.name}, id=person.id)
    finally:
        database.close()


def _known_facts(home: Home, credentials: Credentials) -> dict[str, str]:
    """The device state of the home; for a new home only the future device. Reads or creates the key."""
    if not home.exists:
        credentials.key_for_new_store()
        return {"device": new_id(), "device_name": device_name()}
    database = open_store(home.database, credentials.key())
    try:
        known = {"device_name": device_name(), **read_device_facts(database.connection())}
        return known | {"device": new_id()} if is_copy(known, store_fingerprint(home.database)) else known
    finally:
        database.close()


def _unsent(home: Home, credentials: Credentials) -> int:
    """How many unsent lines the home has, for the text of an error."""
    if not home.exists:
        return 0
    database = open_store(home.database, credentials.key())
    try:
        return outbox_snapshot(database.connection()).lines
    finally:
        database.close()


def _request(code: str, known: dict[str, str]) -> JoinRequest:
    person = PersonName(id=known["person"], name=known["person_name"][:80]) if "person" in known else None
    device = DeviceName(id=known["device"], name=known["device_name"])
    return JoinRequest(code=code, device=device, person=person, district=known.get("district"))


async def _request_join(address: str, settings: Settings, request: JoinRequest) -> tuple[JoinAnswer, int]:
    """The answer, and this machine's clock when it arrived, so that closing the connection does not count as offset."""
    async with HttpCentral(address, None, ca_file=settings.ca_file) as central:
        return await central.join(request), device_clock(settings)()


def _new_facts(known: dict[str, str], answer: JoinAnswer, address: str, wall_ms: int) -> dict[str, str]:
    """The new device state. At another central than before, the cursor is reset. A new store uses the central's clock
    from its first line; an existing one corrects its clock in its first round."""
    roles = [role.model_dump(exclude_none=True) for role in answer.roles]
    facts = {
        "device": known["device"],
        "device_name": known["device_name"],
        "person": answer.person.id,
        "person_name": answer.person.name,
        "district": answer.district.code,
        "district_name": answer.district.name,
        "roles": orjson.dumps(roles).decode(),
        "central": address,
        "central_id": answer.central,
        "central_key": answer.key or "",
        "joined": district_time(answer.time).isoformat(timespec="milliseconds"),
    }
    if known.get("central_id") != answer.central:
        facts["cursor"] = facts["epoch"] = ""
    if not known.get("person"):
        facts["offset_ms"] = str(answer.time - wall_ms)
    return facts


def _store_facts(
    home: Home, credentials: Credentials, settings: Settings, known: dict[str, str], facts: dict[str, str]
) -> None:
    is_new = not home.exists
    database = (
        create_store(home.database, credentials.key(), facts)
        if is_new
        else open_store(home.database, credentials.key())
    )
    try:
        ledger = SyncLedger(database, wall_clock=device_clock(settings))
        if known.get("person", facts["person"]) != facts["person"]:
            ledger.change_person(facts["person"], facts["person_name"])
        ledger.save_facts(**facts, renew="", place=str(store_fingerprint(home.database)))
    finally:
        database.close()
