"""Errors of keys, of the PIN and of typed settings: what they say, what it means for the ledger, and what to do."""

from __future__ import annotations

from store.exceptions import BadSetting, KeyNotFound, NoCredentials, StoreError


class LedgerLocked(NoCredentials):
    """The ledger's key is wrapped by a PIN, and nobody typed it."""

    code = "locked"
    what = "The ledger in {home} is locked with a PIN."
    data = "Nothing was read or written. What waits to be sent stays here."
    remedy = (
        "Run this in a terminal and type the PIN, or name a file that only you can read and that holds it: "
        "GUANJIA_UNLOCK_WITH=FILE. “guanjia lock off” removes the PIN."
    )


class NoSystemdCredentials(NoCredentials):
    """The setting names systemd, which has handed this process nothing."""

    code = "no_systemd_credentials"
    what = "systemd has handed no key to this process."


class WrongPin(StoreError):
    """A PIN that is not the one."""

    code = "wrong_pin"
    what = "That is not the PIN."
    data = "The ledger stays locked, and as it is."
    remedy = (
        "Type it again. Who has forgotten it needs the copy of the key: “guanjia lock off --key-file FILE”; without "
        "one, ask the bureau for a code and join into a new home."
    )


class PinDelayed(WrongPin):
    """Too many wrong PINs: the next one is taken later."""

    code = "pin_delayed"
    what = "After several wrong PINs the next one is taken in {seconds} seconds."


class PinTooWeak(StoreError):
    """A new PIN that is too short, too long, or too simple."""

    code = "pin_too_weak"
    what = "A PIN has {least} to {most} characters, and not all the same."
    data = "Nothing was changed."
    remedy = "Choose another one. Letters make it much harder to guess."


class PinNotSet(StoreError):
    """There is no PIN to be removed."""

    code = "no_pin"
    what = "No PIN is set here."
    data = "Nothing was changed."
    remedy = "“guanjia lock set” sets one."


class PinUseless(StoreError):
    """A home whose key the system hands out whatever a PIN says."""

    code = "pin_useless"
    what = "systemd hands out this ledger's key: a PIN would keep nobody from it."
    data = "Nothing was changed."
    remedy = "Lock the account or the machine instead, or keep the key in a keyring."


class PinDamaged(KeyNotFound):
    """The file with the wrapped key cannot be read."""

    code = "pin_damaged"
    what = "{place}, which holds the key wrapped by the PIN, is damaged."


class BadTypedSetting(BadSetting):
    """As `BadSetting`, where the value was typed to be kept, so that it comes from nowhere else."""

    what = "The setting {name} cannot be “{value}”."
    data = "The settings are as they were."


class ScheduleBusy(StoreError):
    """Another process has been changing which reports are written by themselves for seconds: it hangs."""

    code = "schedule_busy"
    what = "Another guanjia process is changing which reports are written by themselves."
    data = "Nothing was changed; the other process goes on."
    remedy = "Try again; “guanjia doctor” says what is running."


class ScheduleUnreadable(StoreError):
    """The file that says which reports the daemon writes is damaged."""

    code = "schedule_unreadable"
    what = "The file {file}, which says which reports are written by themselves, cannot be read."
    data = "No report is written by itself until it can; the ledger is not concerned."
    remedy = "Delete the file, and schedule the reports again with “guanjia report NAME --every DAY --to FOLDER”."


class ReminderKeyOpen(StoreError):
    """The key that signs reminders for the office's gateway can be read by others, or is no key."""

    code = "reminder_key"
    what = "The key for the office’s gateway, {path}, can be read by others, or is not yours; nothing was sent."
    data = "The ledger is as it was; messages wait for the gateway for a day."
    remedy = "Delete the file: a new key is made, which the gateway must be given (guanjia reminders key)."
