"""Errors about bundles, and about meetings, where some are exchanged. Same fields as those of ``sync/exceptions.py``:
what happened, what it means, what to do."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sync.exceptions import SyncError


class BundleError(SyncError):
    """A bundle that is not taken in. ``file`` is its path."""

    code = "bundle"
    data = "Nothing was taken in from it, and nothing was changed."
    remedy = "Copy the file anew from where it was written; if that does not help, have a new one written."


class BundleNotRead(BundleError):
    """A file that cannot be opened or read. ``detail`` is one of the family ``file_cause``."""

    code = "bundle_not_read"
    what = "{file} cannot be read: {detail}."
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}


class BundleUnwritten(BundleError):
    """A bundle that cannot be written. ``detail`` is one of the family ``file_cause``."""

    code = "bundle_unwritten"
    what = "{file} cannot be written: {detail}."
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    data = "No file was left there; all records are on this machine as before."
    remedy = "See to the disk or choose another folder, then write it again."


class NoBundle(BundleError):
    """A file of another sort."""

    code = "no_bundle"
    what = "{file} is no bundle of this program."
    remedy = "Choose a file whose name ends in .gjb."


class BundleDamaged(BundleError):
    """A bundle that was changed or cut short, or whose reader is somebody else."""

    code = "bundle_damaged"
    what = "{file} is not as it was written: it was changed or cut short on the way."


class BundleTooNew(BundleError):
    """A bundle of a format that this version does not know."""

    code = "bundle_too_new"
    what = "{file} was written by a newer version of this program."
    remedy = "Upgrade guanjia on this machine, then take it in."


class BundleForOthers(BundleError):
    """A bundle for another reader."""

    code = "bundle_for_others"
    what = "{file} is for another device or another central: only its reader can open it."
    remedy = "Bring it to whom it is for."


class BundleOfOtherDistrict(BundleError):
    """A bundle of a district that is not served or joined here."""

    code = "bundle_other_district"
    what = "{file} is of district {district}, which is not the one here."
    remedy = "Bring it to the central of district {district}."


class BundleOfStranger(BundleError):
    """A bundle whose writer is not known here."""

    code = "bundle_stranger"
    what = "{file} was written by a device or central that is not known here."
    remedy = (
        "If the device was set up anew or has never synced since an upgrade, let it sync once over a network or join "
        "again; then have a new file written there."
    )


class BundleExpired(BundleError):
    """A bundle that was made too long ago."""

    code = "bundle_expired"
    what = "{file} was made on {made_at} and is too old to be taken in."
    remedy = "Have a new one written: all that is unsent is still on the device. Also check this machine's date."


class NoBundleKeys(SyncError):
    """The home does not have the central's keys yet."""

    code = "no_bundle_keys"
    what = "This home does not know the keys of its central, so it cannot write a file for it."
    data = "No file was written; {pending} unsent lines wait on this device."
    remedy = "Sync once over a network with a central of this version, or join by an invitation file."


class CopyNeedsNetwork(SyncError):
    """A copied home, which must become a device of its own first."""

    code = "copy_needs_network"
    what = "This home was copied or restored, and has to become a device of its own before it writes a file."
    data = "No file was written; {pending} unsent lines wait on this device."
    remedy = "Sync once over a network; where there is none, ask the bureau for an invitation and join again."


class NoInvitation(BundleError):
    """A file that is no invitation, or was changed since its central wrote it."""

    code = "no_invitation"
    what = "{file} is no invitation, or was changed since the central wrote it."
    data = "Nothing was changed, and no code was used."
    remedy = "Ask the bureau for a new one; the name of an invitation ends in .gji."


class NoCard(SyncError):
    """A device without a good card of its central."""

    code = "no_card"
    what = "This device has no valid card of its central, so others cannot tell who it is and what it may see."
    data = "Nothing was given or taken in; {pending} unsent lines wait on this device."
    remedy = "Sync with a central of this version, twice at first; a card is good for 30 days."


class WrongMeetingCode(SyncError):
    """The other side does not know the code of the meeting, is of another district, or takes this device for such."""

    code = "meeting_code"
    what = "The code is not that of the meeting at this address, or the device there is not of this district."
    data = "Nothing was given to it or taken in from it."
    remedy = "Type code and address as the other screen shows them now. After five wrong codes begin there anew."


class MistypedMeetingCode(SyncError):
    """What was typed as the code of a meeting is none: its check digit does not fit, or its length."""

    code = "meeting_code_mistyped"
    what = "That is no code of a meeting: a character is wrong, missing or too much."
    data = "Nothing was sent, nothing was given or taken in."
    remedy = "Type the code again as the other screen shows it: four groups of four."


class MeetingFailed(SyncError):
    """A meeting that cannot be reached, or cannot be held. ``detail`` is one of the family ``network_cause``."""

    code = "meeting_failed"
    value_families: ClassVar[Mapping[str, str]] = {"detail": "network_cause"}
    what = "There is no connection to a meeting at {address} ({detail})."
    data = "All records are on this machine as before; what was exchanged before is kept."
    remedy = "Check that both are in the same network and that no firewall is between; a stick does as well (--folder)."
