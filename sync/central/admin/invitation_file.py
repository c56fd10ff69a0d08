"""An invitation as a file: what a device without a network needs to join."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import select

from store.ledger.hlc import system_clock_ms
from store.values.file_causes import file_cause
from store.values.times import district_time
from sync.central.accounts import identity
from sync.central.admin.setup import read_central, resolve_district
from sync.central.db.tables import DISTRICT, DistrictRow
from sync.protocol.bundle.bundle_file import reserve
from sync.protocol.bundle.exceptions import BundleUnwritten
from sync.protocol.bundle.keys import fingerprint
from sync.protocol.bundle.names import INVITATION_SUFFIX, bundle_name
from sync.protocol.carried import InvitationFile, invitation_message

_UNSIGNED = "0" * 128


class WrittenInvitation(NamedTuple):
    """An invitation as a ``file``, and the ``fingerprint`` of the central's key in it."""

    file: Path
    fingerprint: str


class InvitedPerson(NamedTuple):
    """For whom an invitation is, the code in it, and until when it is good (milliseconds since 1970)."""

    name: str
    code: str
    expires_ms: int


def write_invitation(
    data_dir: Path, district: str | None, invited: InvitedPerson, address: str, out: Path
) -> WrittenInvitation:
    """Write it into the folder ``out``, or as the file ``out``. ``address`` is where the central is found once there is
    a network. Raises `BundleUnwritten`, or what `open_database` raises."""
    with read_central(data_dir) as connection:
        code = resolve_district(connection, district)
        row = DistrictRow(*connection.execute(select(DISTRICT).where(DISTRICT.c.code == code)).one())
    keys = identity.key_pair(row.secret)
    unsigned = InvitationFile(
        district=row.code, district_name=row.name, address=address, name=invited.name,
        central=row.central, key=keys.public.sign, agree=keys.public.agree, code=invited.code,
        expires=invited.expires_ms, signature=_UNSIGNED,
    )  # fmt: skip
    signed = unsigned.model_copy(update={"signature": keys.sign.sign(invitation_message(unsigned)).hex()})
    name = bundle_name(invited.name, "invitation", district_time(system_clock_ms()))
    target = out / name if out.is_dir() or out.suffix != INVITATION_SUFFIX else out
    try:
        target = reserve(target)
        with target.open("w", encoding="utf-8") as file:
            file.write(signed.model_dump_json(indent=1))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise BundleUnwritten(file=target, detail=file_cause(error.errno)) from None
    return WrittenInvitation(target, fingerprint(keys.public.sign))
