"""Join a central by files: an invitation file names it, a join goes to it, and its answer brings the token.

The home works alone until then. An invitation is worth what the code in it is: whoever has it can join, and whoever can
replace it can make a home join another central. Both sides show the central's fingerprint, to be compared.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

import orjson
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from store.db.device_facts import read_device_facts
from store.home.credentials import open_credentials
from store.home.paths import Home, require_home
from store.home.settings import Settings
from store.ledger.line import new_id
from store.values.file_causes import file_cause
from store.values.times import district_time
from store.writer.sync_writes import SyncLedger
from store.writer.upgrade import create_store, open_store
from sync.device.bundle_keys import SEED
from sync.device.device import device_clock, device_name
from sync.enrolment import UNINTRODUCED, JoinResult, finish_join, join_request, known_facts
from sync.exceptions import DistrictMismatch
from sync.protocol.bundle.bundle_file import BundleAddress, open_bundle, read_head, write_bundle
from sync.protocol.bundle.copies import heads_in
from sync.protocol.bundle.exceptions import (
    BundleDamaged,
    BundleForOthers,
    BundleNotRead,
    BundleOfStranger,
    NoInvitation,
)
from sync.protocol.bundle.keys import keys_from_seed
from sync.protocol.bundle.names import SUFFIX, bundle_name
from sync.protocol.carried import CarriedJoin, CarriedJoinAnswer, InvitationFile, invitation_message
from sync.round.by_file import check_date
from sync.transport.answers import refused_by_code
from sync.transport.endpoint import check_address

JOINING = "joining"
"""The fact that holds a join which left as a file and was not answered yet."""
MAX_INVITATION_BYTES = 1 << 14


class PendingJoin(NamedTuple):
    """A join that left as a file: its id, when by this machine's clock (milliseconds since 1970), the seed of the keys
    and the device that it is for, and the central's keys and address."""

    id: str
    wall_ms: int
    seed: str
    device: str
    key: str
    agree: str
    address: str


def read_invitation(path: Path) -> InvitationFile:
    """The invitation in a file, whole as its central signed it. Raises `BundleNotRead`, `NoInvitation`."""
    try:
        with path.open("rb") as file:
            invitation = InvitationFile.model_validate_json(file.read(MAX_INVITATION_BYTES))
        key = Ed25519PublicKey.from_public_bytes(bytes.fromhex(invitation.key))
        key.verify(bytes.fromhex(invitation.signature), invitation_message(invitation))
    except OSError as error:
        raise BundleNotRead(file=path, detail=file_cause(error.errno)) from None
    except (ValueError, InvalidSignature):
        raise NoInvitation(file=path) from None
    return invitation


def make_invited_home(home: Home, settings: Settings, invitation: InvitationFile) -> None:
    """A home for whom the invitation is for, which works alone until the central has answered."""
    home.create()
    facts = {
        "district": invitation.district,
        "district_name": invitation.district_name,
        "person": new_id(),
        "person_name": invitation.name,
        "device": new_id(),
        "device_name": device_name(),
        UNINTRODUCED: "1",
    }
    create_store(home.database, open_credentials(home, settings.credentials).key_for_new_store(), facts).close()


def write_join(home: Home, settings: Settings, invitation: InvitationFile, out: Path) -> Path:
    """Write the join of this home as a file for the central. Raises `DistrictMismatch`, `BadAddress`,
    `BundleUnwritten`, or an error of opening the home; the code stays unused until the central has the file."""
    address, credentials = check_address(invitation.address), open_credentials(home, settings.credentials)
    require_home(home)
    credentials.try_to_save()
    known = known_facts(home, credentials)
    if known["district"] != invitation.district:
        raise DistrictMismatch(ours=known["district"], theirs=invitation.district)
    now_ms, message = device_clock(settings)(), new_id()
    pending = PendingJoin(
        message, now_ms, known[SEED], known["device"], invitation.key, invitation.agree, address,
    )  # fmt: skip
    _save_pending(home, settings, pending)
    name = bundle_name(known["person_name"], "join", district_time(now_ms))
    target = out / name if out.is_dir() or out.suffix != SUFFIX else out
    document = orjson.dumps(CarriedJoin(request=join_request(invitation.code, known)).model_dump(exclude_none=True))
    where = BundleAddress("join", message, invitation.district, invitation.agree)
    return write_bundle(target, where, keys_from_seed(bytes.fromhex(known[SEED])), now_ms, [document])[0]


def _save_pending(home: Home, settings: Settings, pending: PendingJoin | None) -> None:
    database = open_store(home.database, open_credentials(home, settings.credentials).key())
    try:
        written = "" if pending is None else orjson.dumps(list(pending)).decode()
        SyncLedger(database, wall_clock=device_clock(settings)).save_facts(**{JOINING: written})
    finally:
        database.close()


def pending_join(home: Home, settings: Settings) -> PendingJoin | None:
    """The join of this home that left as a file and was not answered yet."""
    database = open_store(home.database, open_credentials(home, settings.credentials, unattended=True).key())
    try:
        written = read_device_facts(database.connection()).get(JOINING)
    finally:
        database.close()
    return PendingJoin(*orjson.loads(written)) if written else None


class JoinedByFile(NamedTuple):
    """The file by which a home has joined, and what it joined."""

    file: Path
    result: JoinResult


def join_by_answer(home: Home, settings: Settings, paths: Sequence[Path]) -> JoinedByFile | None:
    """Join by the answer to this home's join, if it is among these files, or in one of these folders. Raises as
    `take_join_answer`."""
    pending = pending_join(home, settings)
    if pending is None:
        return None
    for path in paths:
        heads = heads_in(path) if path.is_dir() else {path: read_head(path)}
        for file, head in heads.items():
            if (head.kind, head.message) == ("joined", pending.id):
                return JoinedByFile(file, take_join_answer(home, settings, file))
    return None


def take_join_answer(home: Home, settings: Settings, path: Path) -> JoinResult:
    """Join by the central's answer in a file. Raises `BundleError` for what is no answer to this home's join, why the
    central refuses it, or an error of opening the home; then nothing was changed."""
    head, pending = read_head(path), pending_join(home, settings)
    if pending is None or (head.kind, head.message) != ("joined", pending.id):
        raise BundleForOthers(file=path)
    if head.writer != pending.key:
        raise BundleOfStranger(file=path)
    wall_ms = device_clock(settings)()
    check_date(path, head, wall_ms)
    bundle = open_bundle(path, keys_from_seed(bytes.fromhex(pending.seed)))
    try:
        told = CarriedJoinAnswer.model_validate_json(next(bundle.documents()))
    except ValueError:
        raise BundleDamaged(file=path) from None
    if told.refusal is not None:
        raise refused_by_code(told.refusal.status, told.refusal.code, {**told.refusal.extra})
    if told.answer is None or (told.answer.key, told.answer.agree) != (pending.key, pending.agree):
        raise BundleOfStranger(file=path)
    credentials = open_credentials(home, settings.credentials)
    known = {**known_facts(home, credentials), SEED: pending.seed, "device": pending.device}
    known["central_authority"] = told.authority or ""
    if known.get("central_id") != told.answer.central:
        known["told_address"] = ""
    if "offset_ms" not in known:  # between these it must lie, as the central answered between both moments
        known["offset_ms"] = str(min(max(0, told.time - wall_ms), told.time - pending.wall_ms))
    joined = finish_join(home, settings, credentials, known, told.answer, pending.address, wall_ms)
    _save_offset(home, settings, int(known["offset_ms"]))
    return joined


def _save_offset(home: Home, settings: Settings, offset_ms: int) -> None:
    database = open_store(home.database, open_credentials(home, settings.credentials).key())
    try:
        ledger = SyncLedger(database, wall_clock=device_clock(settings))
        ledger.save_facts(**{JOINING: ""})
        ledger.correct_clock(offset_ms)
    finally:
        database.close()
