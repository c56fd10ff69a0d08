"""exports on the device: what was written to files since the last round goes to the central's audit.

Records wait here until a central says that it has them; one that takes none, since it is older, is not asked. The
central's side is ``sync/central/steps/exports.py``.
"""

from __future__ import annotations

from store.db.connection import Connection
from store.queries.export_records import ExportRecord, waiting_exports
from store.writer.export_records import forget_exports
from sync.admin_protocol import EXPORTS, MAX_EXPORTS, ExportInfo, ExportsAnswer, ExportsRequest
from sync.device.device import LOG, Device
from sync.exceptions import CentralUnreachable, RequestDeclined
from sync.protocol import HelloAnswer
from sync.protocol.calls import Central


async def send_exports(device: Device, central: Central, greeting: HelloAnswer) -> None:
    """Send the records that wait, page by page; those of somebody else, whose the home was before, stay. A failure is
    left to the next round."""
    person = (await device.facts()).person
    while greeting.exports and (records := await device.run_in_store(_waiting, device, person)):
        request = ExportsRequest(exports=[_info(record) for record in records])
        try:
            answer = await central.ask(EXPORTS, request, ExportsAnswer)
        except (CentralUnreachable, RequestDeclined) as error:
            LOG.warning("what was exported could not be told (%s)", error.code)
            return
        taken = {record.id for record in records} & set(answer.taken)
        if not taken:
            return
        await device.run_in_store(forget_exports, device.ledger.database, sorted(taken))


def is_due(connection: Connection, person: str, greeting: HelloAnswer) -> bool:
    """Whether records of this person wait here for a central that takes such."""
    return greeting.exports and any(waiting_exports(connection, person, 1))


def _waiting(device: Device, person: str) -> list[ExportRecord]:
    return list(waiting_exports(device.ledger.database.connection(), person, MAX_EXPORTS))


def _info(record: ExportRecord) -> ExportInfo:
    return ExportInfo(id=record.id, at=record.at, what=record.what, file_kind=record.file_kind, rows=record.rows)
