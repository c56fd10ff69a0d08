"""Errors of the store, as a small tree under one base class.

Each error tells a person three things: what happened, what it means for their data, and what to do next.
The texts are message ids of the catalogs in ``tui/i18n/locale``; ``code`` is stable and may be relied on by scripts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import ClassVar

UNREACHABLE_CODES = (
    "unreachable", "too_slow", "cut_off", "bad_proxy", "proxy_unreachable", "proxy_refused", "not_the_central",
    "another_central", "captive_portal", "gateway", "request_too_large", "firewall", "token_removed",
    "certificate_untrusted", "certificate_expired", "certificate_not_yet_valid", "certificate_wrong_name", "too_many",
    "central_busy", "central_disk_full",
)  # fmt: skip
"""The codes of errors that keep a round from the central and lose nothing (``sync/exceptions.py``): rounds are tried
again, the status says offline, a command ends with its own exit code."""


class GuanjiaError(Exception):
    """Base of every error that is shown to a person.

    ``what`` happened, ``data`` says what that means for the person's data and ``remedy`` what to do next; each is a
    message id with ``{name}`` placeholders that ``values`` fills, so that screens can say it in the person's language.
    """

    code: ClassVar[str] = "error"
    what: ClassVar[str] = "Something went wrong: {detail}"
    data: ClassVar[str] = "Nothing was changed."
    remedy: ClassVar[str] = "Run “guanjia doctor”."
    value_families: ClassVar[Mapping[str, str]] = {}
    """Which values are stored values (or several, joined by ``, ``) that people know by words, and of which family."""

    def __init__(self, **values: object) -> None:
        self.values = values
        super().__init__(" ".join(self.localized()))

    def localized(
        self, translate: Callable[[str], str] = str, word: Callable[[str, str], str] = lambda _family, value: value
    ) -> tuple[str, str, str]:
        """The three sentences, with their placeholders filled, in the language of ``translate`` and ``word``."""
        labels = {
            name: translate(", ").join(word(family, value) for value in str(self.values[name]).split(", "))
            for name, family in self.value_families.items()
            if name in self.values
        }
        values = _Lenient({**self.values, **labels})
        what, data, remedy = (translate(part).format_map(values) for part in (self.what, self.data, self.remedy))
        return what, data, remedy


class _Lenient(dict[str, object]):
    """Leaves a placeholder that has no value as it is: an error message must never raise."""

    def __missing__(self, key: str) -> str:
        return "{" + key + "}"


class StoreError(GuanjiaError):
    """Base of the store's own errors."""

    code = "store"


class BadLine(StoreError):
    """A ledger line that is not well formed: envelope, field types or forbidden characters."""

    code = "bad_line"
    what = "This line cannot be kept as it is: {detail}."
    data = "Nothing was written."
    remedy = "Correct the named field and save again."


class BadFields(BadLine):
    """Fields of a line that are missing, empty or of another form: ``fields`` are their names, ``problems`` what is
    wrong (``store/values/faults.py``), ``detail`` both in English."""

    what = "This line cannot be kept as it is. Look at: {fields} ({problems})."
    value_families: ClassVar[Mapping[str, str]] = {"fields": "field", "problems": "problem"}


class LineTooLong(BadLine):
    """A text of one line, such as a name, a title or a place, that no list could show."""

    code = "title_too_long"
    what = "The field {field} has {length} characters; {limit} at most fit in a list."
    value_families: ClassVar[Mapping[str, str]] = {"field": "field"}
    remedy = "Keep it short, and write the rest into the text."


class LineNotFound(StoreError):
    """No line with this id is in the store."""

    code = "not_found"
    what = "There is no line {id} here."
    data = "Nothing was changed."
    remedy = "Look it up with “guanjia find”."


class UndoConflict(StoreError):
    """An undo met a line that was changed again since, here or elsewhere."""

    code = "changed_since"
    what = "This was changed again since, so it cannot be taken back as a whole."
    data = "Nothing was changed; both versions are kept."
    remedy = "Look at the line’s history: every version can be brought back from there."


class NothingToUndo(StoreError):
    """An undo found nothing written in this session, or nothing more."""

    code = "nothing_to_undo"
    what = "There is nothing more to take back."
    data = "Nothing was changed."
    remedy = "Older versions are in each line’s history, and can be brought back from there."


class UndoForbidden(StoreError):
    """An undo of what is never deleted: a project, an act on an issue that others may have seen."""

    code = "never_taken_back"
    what = "A project once recorded is never deleted: others work by it."
    data = "Nothing was changed."
    remedy = "A project leaves the list by an adjustment."


class ActSent(UndoForbidden):
    """An undo of an act that was sent or given to a colleague, or may have been."""

    code = "act_sent"
    what = "This act was sent or given to a colleague, or may have been: others work by it, and it is not taken back."
    remedy = "Do the act that puts it right, such as progress or return."


class ActContinued(UndoForbidden):
    """An undo of an act after which something else was done on the issue."""

    code = "act_continued"
    what = "Something was done on the issue after this act, so the act is not taken back."
    remedy = "Take back what came after it first, or do the act that puts it right."


class BucketChanged(StoreError):
    """An edit tried to move a line to another project or issue; a line never leaves its bucket."""

    code = "moved"
    what = "A line cannot move to another project or issue."
    data = "The line is unchanged."
    remedy = "Delete this line and record a new one there."


class HomeNotFound(StoreError):
    """The folder holds no store yet."""

    code = "no_home"
    what = "There is no ledger in {home} yet."
    data = "Nothing was written."
    remedy = "Start one with “guanjia init”, join a central with “guanjia join”, or try “guanjia demo”."


class HomeExists(StoreError):
    """The folder already holds a store."""

    code = "home_exists"
    what = "There is already a ledger in {home}."
    data = "It was not touched."
    remedy = "Use it as it is, or name another folder with --home."


class HomeNotPrivate(StoreError):
    """The home belongs to another user of this machine, or others may read it."""

    code = "other_user"
    what = "The folder {home} belongs to another user of this machine, or is open to others."
    data = "It was not opened and not changed."
    remedy = "Use a home of your own (--home), or make this one yours alone: chmod 700."


class DiskKeepsNoPermissions(StoreError):
    """The disk keeps no file modes (FAT, exFAT, a Windows drive under WSL), so nothing on it can be private."""

    code = "no_permissions"
    what = "The disk of {path} keeps no permissions: whoever reaches it can read all that is on it."
    data = "Nothing was written there."
    remedy = "Use a folder on a disk that keeps permissions: not a USB stick formatted with FAT, not a Windows drive."


class WrongKey(StoreError):
    """The key does not open the store."""

    code = "wrong_key"
    what = "The key at hand does not open the ledger {path}."
    data = "The file is untouched and still encrypted with its own key."
    remedy = "Check GUANJIA_CREDENTIALS and --home, or restore a backup with “guanjia restore-backup”."


class SchemaTooNew(StoreError):
    """The store was written by a newer version."""

    code = "newer_store"
    what = "The ledger {path} was written by a newer guanjia (schema {found}; this program knows {known})."
    data = "The file is untouched."
    remedy = "Upgrade guanjia on this machine."


class SQLiteTooOld(StoreError):
    """The SQLite library has the WAL-reset bug (fixed in 3.51.3)."""

    code = "old_sqlite"
    what = "This machine's SQLite {found} can damage a ledger that two programs write (fixed in {needed})."
    data = "The file was not opened."
    remedy = "Install the sqlcipher3 package named in constraints.txt."


class DamagedStore(StoreError):
    """The file is not a sound database."""

    code = "damaged"
    what = "The ledger {path} is damaged: {detail}."
    data = "It was not written to. Lines that were sent are safe at the central."
    remedy = "Restore a backup with “guanjia restore-backup”, or join again into a new home."


class StoreBusy(StoreError):
    """Another process has been writing for longer than the busy timeout."""

    code = "busy"
    what = "Another guanjia on this home has been writing for more than {seconds} seconds."
    data = "Nothing of yours was lost; what was on the screen is still there."
    remedy = "Try again in a moment; if it lasts, see “guanjia status”."


class ReadOnlyStore(StoreError):
    """The system lets this program read the ledger's file or folder, but not write it."""

    code = "read_only"
    what = "The ledger {path} cannot be written: this account has no permission, or the disk is read-only."
    data = "What is in it is untouched and safe."
    remedy = "Give the home back its permissions (chmod -R u+rwX), or use the account that it belongs to."


class FileFailure(StoreError):
    """The system cannot open the file, or reading or writing it fails: a broken disk, a folder in its place."""

    code = "file_failure"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "The file {path} cannot be opened, read or written: {detail}."
    data = "A change that was being saved is not saved; everything saved before is untouched."
    remedy = "See to the disk and to the permissions of the home, then try again; “guanjia doctor” says more."


class SavedThenFailed(StoreError):
    """The disk failed after a change had been committed: an error, but not of the change."""

    code = "saved_then_failed"
    what = "Something was saved, and then the disk failed: {detail}"
    data = "What was saved is in the ledger and stays there; what was to come after it is not."
    remedy = "Look at the record before you enter anything again; “guanjia doctor” says what is wrong with the disk."


class DiskFull(StoreError):
    """The disk has no room for the transaction."""

    code = "disk_full"
    what = "The disk is full."
    data = "This change was not saved; everything saved before is safe."
    remedy = "Free some space, then do it again; a form keeps what was typed."


class DeviceStateError(StoreError):
    """The device's own file (drafts, histories) cannot be used; ``detail`` says why. The ledger goes on without it."""

    code = "device_state"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    what = "Drafts and histories cannot be kept now: the file {path} cannot be used ({detail})."
    data = "The ledger is another file and is not concerned: what you save is saved as always."
    remedy = "Save what you type before you close a form, and run “guanjia doctor”."


class DamagedDeviceState(DeviceStateError):
    """The device's own file was damaged and has been renamed to ``aside``."""

    code = "device_state_damaged"
    what = "The file of drafts and histories was damaged. It has been set aside as {aside}, and a new one is begun."
    data = "The ledger is another file and is not concerned. Unfinished drafts that could not be read are in {aside}."
    remedy = "Go on as before; drafts are kept again. Look whether an unfinished form has to be filled in once more."


class DeviceStateTooNew(DeviceStateError, SchemaTooNew):
    """The device's own file was written by a newer version."""

    code = "device_state_newer"
    what = (
        "Drafts and histories cannot be kept now: a newer guanjia wrote the file {path} "
        "(schema {found}; this program knows {known})."
    )
    remedy = "Upgrade guanjia on this machine; until then save what you type before you close a form."


class BadAmount(StoreError):
    """What was typed for money, points or hours could not be read (``store/values/amounts.py``)."""

    code = "bad_amount"
    what = "“{text}” is not an amount."
    data = "Nothing was written."
    remedy = "Write it like 52000000, 5200万 or 1.2亿; points and hours like 8 or 8.5."


class BadTime(StoreError):
    """What was typed for a time or a day could not be read (``store/values/times.py``)."""

    code = "bad_time"
    what = "“{text}” is not a time or a day."
    data = "Nothing was written."
    remedy = (
        "Write it like 2026-03-05, 2026.3.5, 3.5, tomorrow, +3 (working days), 14:30, 3pm or yesterday 14:30. A week "
        "number is a period and no day."
    )


class BadMonth(BadTime):
    """What was typed for a month could not be read."""

    code = "bad_month"
    what = "“{text}” is not a month."
    remedy = "Write it like 2026-03, 2026.3, 2026年3月, 3月, 本月 or 上月."


class DayFarBack(BadTime):
    """A visit a year or more ago: mostly a slip in the year."""

    code = "day_far_back"
    what = "“{text}” is {day}, a year ago or more."
    remedy = "Check the year. If it is meant, confirm it with --yes."


class HolidaysUnknown(BadTime):
    """A due date in a year whose holidays are not known, so that it may be one."""

    code = "holidays_unknown"
    what = "“{text}” is {day}. The holidays of {year} are not known yet, so it may be one."
    remedy = (
        "If the day is meant, confirm it with --yes; the bureau enters the year with “guanjia holiday import FILE”."
    )


class YearMissing(BadTime):
    """A day without a year that lies far back in this year, or far ahead, from where it is expected."""

    code = "year_missing"
    what = "“{text}” has no year, and this year’s lies on the wrong side of today."
    remedy = "Write it with its year, like 2026-12-31."


class HalfOfDayMissing(BadTime):
    """An hour of one to six without morning or afternoon."""

    code = "half_of_day_missing"
    what = "“{text}” may be at night or in the afternoon."
    remedy = "Write it like 15:00 or 3pm; at night like 03:00 or 3am."


class FutureTime(BadTime):
    """A day that is yet to come, for what is written down once it has been done."""

    code = "time_ahead"
    what = "“{text}” is yet to come: what is logged has been done."
    remedy = "Check the day, the year above all, and this machine’s date."


class UnknownSetting(StoreError):
    """A setting that does not exist."""

    code = "unknown_setting"
    what = "There is no setting “{name}”."
    remedy = "See all of them with “guanjia settings”."


class MistypedSetting(UnknownSetting):
    """A setting that does not exist, but nearly does."""

    remedy = "Did you mean “{suggestion}”?"


class BadSetting(StoreError):
    """A setting's value that cannot be used, and where it came from."""

    code = "bad_setting"
    what = "The setting {name} cannot be “{value}” (from {origin})."
    remedy = "It takes {expected}. See “guanjia settings”."


class BadSettingsFile(StoreError):
    """A setting could not be written into the settings file without harming the rest of it, or the file not read."""

    code = "bad_settings_file"
    what = "The settings file {path} cannot be changed: {detail}."
    data = "It is as it was; the ledger is not concerned."
    remedy = "Correct it in an editor, or move it away: every setting has a default."


class UnknownQualifier(StoreError):
    """A lookup was kept to a person, department, state or kind that there is not."""

    code = "scope_unknown"
    what = "No {scope} here is called “{value}”."
    data = "Nothing was looked up."
    remedy = "Leave this part out, or look for something else."
    value_families: ClassVar[Mapping[str, str]] = {"scope": "scope_name"}


class MistypedQualifier(UnknownQualifier):
    """As `UnknownQualifier`, where others have a name that is much like it."""

    remedy = "Did you mean {nearest}?"


class NoCredentials(StoreError):
    """No place to keep the key and token, or the place dropped or locked them."""

    code = "no_credentials"
    what = "There is no safe place for the ledger's key."
    data = "Nothing was written."
    remedy = "Unlock or install a keyring, or set GUANJIA_CREDENTIALS=file (a 0600 file) or systemd."


class NoKeyring(NoCredentials):
    """No keyring runs here: a server, a bare session, a package not installed."""

    code = "no_keyring"
    what = "There is no keyring here to keep the ledger's key in."
    remedy = (
        "Log in to a desktop or install a keyring (Debian: gnome-keyring); or set GUANJIA_CREDENTIALS=file for a file "
        "that only you can read, or GUANJIA_CREDENTIALS=systemd."
    )


class NonPersistentKeyring(NoCredentials):
    """The keyring did not store the secret: the null backend, or one that is broken."""

    code = "forgetful_keyring"
    what = "The keyring forgets what it is given: keyrings are switched off for this user."
    remedy = (
        "Take the null backend out of PYTHON_KEYRING_BACKEND or keyringrc.cfg, or set GUANJIA_CREDENTIALS=file for a "
        "file that only you can read."
    )


class LockedKeyring(NoCredentials):
    """The keyring is locked, or did not answer in time, as one does that asks for a password where nobody is."""

    code = "locked_keyring"
    what = "The keyring is locked, or did not answer within {seconds} seconds."
    remedy = "Unlock it (logging in at the screen does) and try again, or set GUANJIA_CREDENTIALS."


class KeyNotFound(NoCredentials):
    """The place that should hold the home's key does not."""

    code = "key_not_found"
    what = "The key of the ledger in {home} is not in {place}; without it nobody can open this ledger."
    data = (
        "The ledger is untouched and still encrypted. What was sent is safe at the central. What was not sent yet is "
        "only in here; how much that is cannot be told without the key."
    )
    remedy = (
        "Where there is a copy of the key (“guanjia backup --key-file”), “guanjia restore-backup {ledger} --key-file "
        "FILE” brings back everything. Where there is none, ask the bureau for a code and join again into a new home: "
        "“guanjia --home NEW join URL”; keep this one. First check that user, machine and GUANJIA_CREDENTIALS are "
        "those of always."
    )
    value_families: ClassVar[Mapping[str, str]] = {"place": "key_place"}


class DamagedKey(KeyNotFound):
    """The place that should hold the home's key holds something that is none."""

    code = "key_damaged"
    what = "What {place} holds as the key of the ledger in {home} is no key."


class InsecureCredentials(NoCredentials):
    """A file of secrets that others can read, or that belongs to somebody else."""

    code = "open_credentials"
    what = "{path} can be read by others, or is not yours; it was not used."
    data = "The ledger was not opened."
    remedy = "Make it yours alone (chmod 600); if others may have read it, back up and restore into a new home."


class ReadOnlyCredentials(NoCredentials):
    """systemd hands credentials out and takes none back."""

    code = "read_only_credentials"
    what = "systemd hands out the ledger's key and cannot store one."
    remedy = (
        "Make the key first: “systemd-creds encrypt --name=guanjia.key”; “guanjia daemon install --system” shows how."
    )
