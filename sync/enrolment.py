"""Enrolment of a device: trade a one-time code for a token, and make the home one of a district's.

A home that worked alone keeps all its lines and sends them with its first round. The code is spent last: whom it is for
is asked first, and everything that can fail on this side (address, credentials, disk, the home itself) is tried before.
Where the answer is lost or cannot be kept all the same, the same device may use the code once more.
"""

from __future__ import annotations

import asyncio
import contextlib
import errno
import secrets
from typing import NamedTuple

import orjson

from store.db.device_facts import read_device_facts
from store.domain.permissions import may_write
from store.exceptions import DiskFull, FileFailure
from store.home.credentials import Credentials, open_credentials
from store.home.paths import Home, write_private
from store.home.settings import Settings
from store.ledger.line import is_id, new_id
from store.queries.lines import current_line
from store.queries.outbox import outbox_snapshot, unsent_by_kind
from store.values.file_causes import file_cause
from store.values.plausible_time import is_plausible
from store.values.text import fold_code, normalize_name
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import create_store, open_store
from sync.device.bundle_keys import SEED
from sync.device.device import device_clock, device_name
from sync.device.fingerprint import joins_anew, store_fingerprint
from sync.exceptions import CentralClockWrong, DistrictMismatch, HandOver, SyncError
from sync.protocol import (
    DeviceName,
    InvitationAnswer,
    InvitationRequest,
    JoinAnswer,
    JoinRequest,
    PersonName,
)
from sync.protocol.bundle.keys import SEED_BYTES, BundleKeys, keys_from_seed
from sync.transport.authority import ask_authority, parse_join_address, trusting, with_pin
from sync.transport.client import HttpCentral

UNINTRODUCED = "unintroduced"
"""The fact of a home that began with an invitation file: it has no line of its person yet."""
_NEW_STORE_BYTES = 1 << 20
"""About what a new store needs: whether there is room for it is tried before a code is spent."""


class JoinPlan(NamedTuple):
    """What joining would do: the ``name`` that the code is for (empty where it names nobody) and its ``roles``. Where
    the home is somebody else's by name until now, ``former_name`` is theirs. Of the ``unsent`` lines, ``beyond_roles``
    are those, by kind, that none of the roles may write: the bureau is asked about them."""

    name: str
    roles: tuple[str, ...]
    former_name: str
    unsent: int
    beyond_roles: dict[str, int]


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


def plan_join(home: Home, settings: Settings, address: str, code: str) -> JoinPlan | None:
    """What joining would do; the code stays unused and the home unchanged. None where the central is too old to tell.
    Raises as `join_central` does."""
    joined = parse_join_address(address)
    known = known_facts(home, open_credentials(home, settings.credentials)) if home.exists else {}
    with trusting(settings, ask_authority(joined)) as trusted:
        answer = asyncio.run(_ask_invitation(joined.address, trusted, fold_code(code), known))
    return None if answer is None else _plan(home, settings, known, answer)


def join_central(home: Home, settings: Settings, address: str, code: str, *, hand_over: bool = False) -> JoinResult:
    """Enrol this device at the central at ``address``, which may carry the pin of its key; creates the home if there is
    none. ``hand_over``: a home that is somebody else's by name until now becomes that of the person whom the code is
    for.

    Raises `BadAddress`, `InsecureAddress`, `BadInvite`, `DistrictMismatch`, `HandOver`, `CentralUnreachable`, or an
    error of opening the home or its credentials; then nothing was changed, and the code stays good."""
    joined, code = parse_join_address(address), fold_code(code)
    home.create()
    credentials = open_credentials(home, settings.credentials)
    known = known_facts(home, credentials)
    try:
        authority = ask_authority(joined)
        with trusting(settings, authority) as trusted:
            invitation = asyncio.run(_ask_invitation(joined.address, trusted, code, known))
            if invitation is not None and not hand_over:
                _require_same_name(_plan(home, settings, known, invitation))
            _try_to_store(home, credentials, settings, known)
            answer, wall_ms = asyncio.run(_request_join(joined.address, trusted, join_request(code, known)))
    except SyncError as error:
        raise type(error)(**{**error.values, "pending": _unsent(home, credentials)}) from error
    if authority:
        told = with_pin(joined.address, answer.key) if answer.key else joined.address
        known = {**known, "central_authority": authority, "told_address": told}
    elif known.get("central_id") != answer.central:
        known = {**known, "central_authority": "", "told_address": ""}
    return finish_join(home, settings, credentials, known, answer, joined.address, wall_ms)


def finish_join(
    home: Home,
    settings: Settings,
    credentials: Credentials,
    known: dict[str, str],
    answer: JoinAnswer,
    address: str,
    wall_ms: int,
) -> JoinResult:
    """Keep what the central's answer gives, which was made when this machine's clock was ``wall_ms``. Raises
    `DistrictMismatch`, `CentralClockWrong`, or an error of the store."""
    if known.get("district", answer.district.code) != answer.district.code:
        raise DistrictMismatch(ours=known["district"], theirs=answer.district.code)
    if not is_plausible(answer.time):
        raise CentralClockWrong.off_by_ms(answer.time - wall_ms, pending=_unsent(home, credentials))
    facts = _new_facts(known, answer, address, wall_ms)
    credentials.save_token(answer.token)
    _store_facts(home, credentials, settings, known, facts)
    former = _former_name(known, answer.person.name)
    if answer.introduce or (former and known.get("person") == answer.person.id) or known.get(UNINTRODUCED):
        _write_person_line(home, credentials, settings, answer.person)
    roles = orjson.loads(facts.pop("roles"))
    home.joining_device.unlink(missing_ok=True)
    identity = {name: facts[name] for name in ("person", "person_name", "device", "district", "district_name")}
    return JoinResult(roles=roles, former_name=former, **identity)


def _former_name(known: dict[str, str], name: str) -> str:
    """Whose the home is until now, where that is somebody else by name; empty where it has no owner yet, or the name is
    nobody's."""
    former = known.get("person_name", "")
    return former if name and normalize_name(former) != normalize_name(name) else ""


async def _ask_invitation(
    address: str, settings: Settings, code: str, known: dict[str, str]
) -> InvitationAnswer | None:
    request = InvitationRequest(
        code=code, device=known.get("device"), person=_owner(known), district=known.get("district")
    )
    async with HttpCentral(address, None, ca_file=settings.ca_file) as central:
        return await central.invitation(request)


def _plan(home: Home, settings: Settings, known: dict[str, str], invitation: InvitationAnswer) -> JoinPlan:
    unsent = _unsent_by_kind(home, settings)
    beyond = {kind: n for kind, n in unsent.items() if not may_write(invitation.roles, kind)}
    former = "" if invitation.own else _former_name(known, invitation.name)
    return JoinPlan(invitation.name, tuple(invitation.roles), former, sum(unsent.values()), beyond)


def _require_same_name(plan: JoinPlan) -> None:
    if plan.former_name:
        raise HandOver(ours=plan.former_name, theirs=plan.name, unsent=plan.unsent)


def _unsent_by_kind(home: Home, settings: Settings) -> dict[str, int]:
    if not home.exists:
        return {}
    database = open_store(home.database, open_credentials(home, settings.credentials).key())
    try:
        return unsent_by_kind(database.connection())
    finally:
        database.close()


def _try_to_store(home: Home, credentials: Credentials, settings: Settings, known: dict[str, str]) -> None:
    """Try that what joining gives can be kept here, before the code is spent: the token in its place, the store on its
    disk. The future device of a new home is noted, by which it may use the code once more. Raises the error of what
    fails."""
    device = known["device"].encode()
    try:
        credentials.try_to_save()
        if not home.exists:
            write_private(home.joining_device, device.ljust(_NEW_STORE_BYTES))
            write_private(home.joining_device, device)
    except OSError as error:
        if error.errno in (errno.ENOSPC, errno.EDQUOT):
            raise DiskFull from None
        raise FileFailure(path=home.path, detail=file_cause(error.errno)) from None
    if home.exists:
        database = open_store(home.database, credentials.key())
        try:
            SyncLedger(database, wall_clock=device_clock(settings)).save_facts(device_name=known["device_name"])
        finally:
            database.close()


def _write_person_line(home: Home, credentials: Credentials, settings: Settings, person: PersonName) -> None:
    """Write the person line of somebody whom the ledger does not know yet, or not by this name, so that others see who
    wrote what."""
    database = open_store(home.database, credentials.key())
    try:
        ledger = SyncLedger(database, wall_clock=device_clock(settings))
        line = current_line(database.connection(), person.id)
        ledger.put("person", {**(line.body if line else {}), "name": person.name}, id=person.id)
    finally:
        database.close()


def known_facts(home: Home, credentials: Credentials) -> dict[str, str]:
    """The device state of the home; for a new home only the future device. Reads or creates the key."""
    if not home.exists:
        credentials.key_for_new_store()
        return {"device": _joining_device(home), "device_name": device_name(), SEED: _new_seed()}
    database = open_store(home.database, credentials.key())
    try:
        known = {"device_name": device_name(), **read_device_facts(database.connection())}
        if joins_anew(known, store_fingerprint(home.database)):
            known |= {"device": new_id(), SEED: ""}
        return known | {SEED: known.get(SEED) or _new_seed()}
    finally:
        database.close()


def _new_seed() -> str:
    """What the device's keys for bundles follow from."""
    return secrets.token_hex(SEED_BYTES)


def _joining_device(home: Home) -> str:
    """The device that a new home will be: the one of an attempt that was interrupted, else a new one."""
    with contextlib.suppress(OSError, UnicodeDecodeError):
        noted = home.joining_device.read_bytes().decode().strip()
        if is_id(noted):
            return noted
    return new_id()


def _unsent(home: Home, credentials: Credentials) -> int:
    """How many unsent lines the home has, for the text of an error."""
    if not home.exists:
        return 0
    database = open_store(home.database, credentials.key())
    try:
        return outbox_snapshot(database.connection()).lines
    finally:
        database.close()


def join_request(code: str, known: dict[str, str]) -> JoinRequest:
    """The join of a home of which this is known."""
    device = DeviceName(id=known["device"], name=known["device_name"], keys=_keys(known).public)
    return JoinRequest(code=code, device=device, person=_owner(known), district=known.get("district"))


def _keys(known: dict[str, str]) -> BundleKeys:
    return keys_from_seed(bytes.fromhex(known[SEED]))


def _owner(known: dict[str, str]) -> PersonName | None:
    return PersonName(id=known["person"], name=known["person_name"][:80]) if "person" in known else None


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
        "central_agree": answer.agree or "",
        "central_authority": known.get("central_authority", ""),
        "told_address": known.get("told_address", ""),
        "keys_told": _keys(known).public.sign if answer.agree else "",
        SEED: known[SEED],
        "joined": district_time(answer.time).isoformat(timespec="milliseconds"),
    }
    if known.get("central_id") != answer.central:
        facts["cursor"] = facts["epoch"] = facts["exchange_refused"] = ""
    if known.get("person") and not known.get("central"):
        facts["alone_until"] = str(answer.time)
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
        ledger.save_facts(**facts, renew="", **{UNINTRODUCED: ""}, place=str(store_fingerprint(home.database)))
    finally:
        database.close()
