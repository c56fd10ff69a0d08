"""Errors of the bytes of attachments: what it says, what it means for the ledger, and what to do."""

from __future__ import annotations

from store.exceptions import StoreError


class BlobMissing(StoreError):
    """The bytes of an attachment are not on this device."""

    code = "attachment_not_here"
    what = "The file “{name}” is not on this device yet."
    data = "What the ledger says of it is here; the file itself is on the device that attached it, or at the central."
    remedy = "It comes with one of the next rounds, or at once with “guanjia attachment fetch ID” and a network."


class BlobDamaged(StoreError):
    """An encrypted file beside the ledger is not what was written."""

    code = "attachment_damaged"
    what = "An attached file on this device is damaged: {path}."
    data = "The ledger is another file and is not concerned. Where the central has the file, it is fetched anew."
    remedy = "Run “guanjia doctor”; where nobody else has the file, attach it again."
