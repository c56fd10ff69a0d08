"""Errors of the central: answers that refuse a request, and errors for its operator."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping
from typing import ClassVar

from sync.exceptions import SyncError


class Refusal(Exception):
    """An answer other than 200: HTTP ``status``, a stable ``code``, a ``detail`` for logs, and further fields of the
    body and headers (``retry_after`` in seconds)."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after: int | None = None, **extra: object) -> None:
        super().__init__(detail)
        self.status = status
        self.code = code
        self.detail = detail
        self.retry_after = retry_after
        self.extra = extra


class FirstSyncWaits(Exception):
    """A request turned out to ask for a page of a first sync, and it is not its turn yet. What was done for it by
    then is done again, which changes nothing twice: lines that came with the cursor of an older program."""


@contextlib.contextmanager
def as_refusals() -> Iterator[None]:
    """An error for a person, as the answer that its device tells them again: its code and what its text needs."""
    try:
        yield
    except SyncError as error:
        values: dict[str, object] = {name: str(value) for name, value in error.values.items() if name != "detail"}
        refusal = Refusal(409, error.code, str(error.values.get("detail", error.code)))
        refusal.extra = values
        raise refusal from None


class CentralExists(SyncError):
    """The folder or database already has this district."""

    code = "central_exists"
    what = "There is already a central of district {district} in {place}."
    data = "It was not touched."
    remedy = "Use it as it is, or name another folder with --data."


class NoCentral(SyncError):
    """The folder or database has no central."""

    code = "no_central"
    what = "There is no central in {place}."
    data = "Nothing was written."
    remedy = "Make one with “guanjia central init --data DIR --district CODE --name NAME”."


class NoCentralSettings(NoCentral):
    """The folder has a central's database without its settings: not all of the folder was copied."""

    what = "{place} has a central.db without its central.toml: that is not the whole folder of a central."
    data = (
        "Nothing was written; central.db was not opened. What was written last may be in other files beside the first."
    )
    remedy = "Use the original folder, or restore a backup: “guanjia central restore”."


class BadCentralSettings(SyncError):
    """The central's settings file has a line that cannot be read, or a database that is no address."""

    code = "bad_central_settings"
    what = "Line {line} of {path} cannot be read."
    data = "The central was not opened: the line may name its database, and no other one is served in its place."
    remedy = 'Correct that line in an editor; the file may hold no more than database = "…".'


class NoObjectCredentials(SyncError):
    """There are no credentials for the store of attached files, or others can read them."""

    code = "no_object_credentials"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "key_fault"}
    what = "The credentials of the store of attached files cannot be used: {place}: {detail}."
    data = "Nothing was changed; files that the central takes in stay in its database meanwhile."
    remedy = (
        "Set AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY for the central, or name in central.toml (blobs_credentials) "
        "a file (chmod 600) with access_key_id and secret_access_key."
    )


class ObjectsNotInstalled(SyncError):
    """The package for S3-compatible stores is not installed."""

    code = "objects_not_installed"
    what = "The central's settings name a store of attached files, and the package that speaks to it is not installed."
    data = "Nothing was changed; files that the central takes in stay in its database meanwhile."
    remedy = "Install it: pip install 'guanjia[s3]'."


class ObjectsUnreachable(SyncError):
    """The store of attached files does not answer, or refuses."""

    code = "objects_unreachable"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "object_cause"}
    what = "The store of attached files cannot be used: {place}: {detail}."
    data = (
        "No record is concerned, and nothing is lost: new files stay in the central's database meanwhile, those in the "
        "store come to devices once it answers."
    )
    remedy = "See to the store, its bucket and the central's credentials; the central goes on by itself."


class ObjectsNotNamed(SyncError):
    """Attached files lie in an outside store, and the central's settings name none."""

    code = "objects_not_named"
    what = "{n} attached files lie in an outside store, and central.toml names none."
    data = "No record is concerned. These files come to no device until the store is named."
    remedy = 'Write blobs = "s3://…" into central.toml, as it was on the central that wrote them, and serve it again.'


class NewerCentral(SyncError):
    """The central's database was written by a newer version."""

    code = "newer_central"
    what = "The central's database was written by a newer guanjia (schema {found}; this program knows {known})."
    data = "The database is untouched."
    remedy = "Upgrade guanjia on this machine."


class CentralDown(SyncError):
    """The central's database does not answer, or the address is taken."""

    code = "central_down"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "The central cannot be opened: {detail}."
    data = "Nothing was changed."
    remedy = "Check the database and the address, then try again."


class CentralWriteFailure(CentralDown):
    """The central's database is open, and did not take in what a command had to write."""

    what = "The central's database could not be written: {detail}."
    remedy = "Free some space on the central's disk, or wait until its database answers; then try again."


class PlaceNotOpened(CentralDown):
    """An address or a file that serving needs cannot be opened."""

    what = "The central cannot be opened: {place}: {detail}."


class OwnerNeeded(SyncError):
    """The database must be upgraded, and the role that serves may not do that."""

    code = "owner_needed"
    what = "The central's database must be upgraded, and the role that serves it may not do that."
    data = "Nothing was changed."
    remedy = "Run “guanjia central stats” once with the owner's address in {variable}, then serve again."


class CentralClockDoubtful(SyncError):
    """The central's clock is out of its bounds: what is written now would be dated wrongly."""

    code = "central_clock"
    what = "The central's clock says {now}, but its latest write was at {latest}: it is not believed."
    data = "Nothing was changed. Devices go on reading; what they have to send waits on them."
    remedy = "Set this machine's clock. If it is right, say so with “guanjia central clock --confirm”."


class LastBureau(SyncError):
    """The last person of the bureau would lose that role, and nobody could give it to the next."""

    code = "last_bureau"
    what = "This is the last person of the bureau in the district: nobody could administer it any more."
    data = "Nothing was changed."
    remedy = "Give the bureau's role to another person first, without a last day."


class DistrictNotSpecified(SyncError):
    """The database has several districts, or not the one named."""

    code = "which_district"
    what = "Which district is meant? The central has: {districts}."
    data = "Nothing was changed."
    remedy = "Name one with --district."


class NoSuchClaim(SyncError):
    """A line of which no version waits for the bureau's decision."""

    code = "no_such_claim"
    what = "Nothing of line {id} waits for a decision."
    data = "Nothing was changed."
    remedy = "See what waits with “guanjia central healing”."


class NoSuchProposal(NoSuchClaim):
    """A line or person of which no proposal waits."""

    code = "no_such_proposal"
    what = "No proposal of {name} waits for a decision."
    remedy = "See what waits with “guanjia central proposals”."


class ContradictingDecision(SyncError):
    """A line that is to be accepted and declined at once."""

    code = "contradicting_decision"
    what = "Line {id} is to be accepted and declined."
    data = "Nothing was changed."
    remedy = "Name it under --accept or under --reject."


class BadDistrict(SyncError):
    """An invalid district code."""

    code = "bad_district"
    what = "“{district}” cannot be a district's code: letters, digits, - and _ only, 32 at most."
    data = "Nothing was written."
    remedy = "Use the official code of the district."


class BackupExists(SyncError):
    """A backup would overwrite something."""

    code = "file_taken"
    what = "There is already a file {file}."
    data = "It was not touched, and no backup was made."
    remedy = "Name another file, or a folder: then the name says when."


class BackupFailed(SyncError):
    """A backup could not be written or read back: no folder, no room, a failing disk."""

    code = "backup_failed"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "The backup {file} could not be made: {detail}."
    data = "The central is untouched and goes on; nothing half written is left."
    remedy = "Make room, or name a folder that exists and can be written, and run the command again."


class BackupNotRecorded(SyncError):
    """A backup is there, verified, but the central could not write that into its audit."""

    code = "backup_not_recorded"
    what = "The central could not note its new backup: {detail}."
    data = "The backup {file} is whole and verified; older ones were left."
    remedy = "Look at the central's disk, then run “guanjia central check”."


class NotABackup(SyncError):
    """A file that `central backup` did not write."""

    code = "not_a_backup"
    what = "{file} is not a backup of a central."
    data = "Nothing was restored."
    remedy = (
        "Name a file that “guanjia central backup” wrote. A plain copy of central.db is none: it may lack the newest."
    )


class DamagedBackup(SyncError):
    """A backup that does not add up."""

    code = "damaged_backup"
    what = "The backup {file} is damaged: {detail}."
    data = "Nothing was restored from it."
    remedy = "Use another backup; the next older one is better than a damaged one."


class PlaceTaken(SyncError):
    """A backup would be restored over something."""

    code = "place_taken"
    what = "{place} is not empty."
    data = "It was not touched; nothing was restored."
    remedy = "Name a new folder with --data and, for PostgreSQL, an empty database with --database."


class RestoreFailed(SyncError):
    """A backup could not be put in place: no room, a failing disk, a database that does not answer."""

    code = "restore_failed"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "The backup could not be restored into {place}: {detail}."
    data = "The backup is untouched, and nothing half restored is left."
    remedy = "Make room and check the database, then run the command again."


class IncompleteCopy(SyncError):
    """A file that was copied from a serving central without its write-ahead log."""

    code = "incomplete_copy"
    what = "The central.db in {place} is a copy of a serving central without its central.db-wal: it is not complete."
    data = "It may lack everything since the last minutes, or all. Nothing was changed."
    remedy = "Use the original or “guanjia central restore”. Where both are lost: “guanjia central check --accept”."


class PartitionsNeedPostgres(SyncError):
    """Tables are to be partitioned in a database that has no partitions."""

    code = "partitions_need_postgres"
    what = "The central in {place} has an SQLite file, which has no partitions."
    data = "Nothing was changed."
    remedy = "Back it up, and restore the backup into PostgreSQL: “guanjia central restore FILE --database URL”."


class PartitionsNeedBackup(SyncError):
    """Tables are to be partitioned, and there is no verified backup of the last day."""

    code = "partitions_need_backup"
    what = "The newest verified backup of district {district} is older than a day, or there is none."
    data = "Nothing was changed."
    remedy = "Write one with “guanjia central backup FILE”, then run the command again."


class PartitionsFailed(SyncError):
    """Tables could not be partitioned."""

    code = "partitions_failed"
    what = "The tables were not partitioned: {detail}."
    data = "Everything is as it was before."
    remedy = "Stop the central and what else uses its database, make room there, then run the command again."


class CentralNotReady(SyncError):
    """The central can answer no bundle now: its clock is in doubt, its disk full, its database away."""

    code = "central_not_ready"
    what = "The central cannot answer {file} now: {detail}."
    data = "Nothing is lost: the file is as it was, and can be answered later, also twice."
    remedy = "See “guanjia central stats” and “guanjia central clock”, then answer it again."
