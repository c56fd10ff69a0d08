"""Receipts: a keyed tag over the canonical form of a line version, which the central hands out with every version.

A device keeps them. After the central was set back, a version of another author is taken in again only with the
central's own receipt (``sync/central/steps/heal.py``): nobody else can make one. The key follows from the district's
secret, which is in the database and so in its backups.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Iterable

from sync.protocol import RECEIPT_BYTES


class ReceiptKey:
    """The key of a district's receipts, from the district's ``secret``."""

    def __init__(self, secret: str) -> None:
        key = hashlib.blake2b(secret.encode(), digest_size=32, person=b"receipt").digest()
        self._keyed = hashlib.blake2b(key=key, digest_size=RECEIPT_BYTES)

    def receipt(self, wire: bytes) -> bytes:
        """The receipt of a version in its canonical form."""
        tag = self._keyed.copy()
        tag.update(wire)
        return tag.digest()

    def receipts(self, wires: Iterable[bytes]) -> str:
        """The receipts of several versions, in order, as messages carry them."""
        return base64.b64encode(b"".join(map(self.receipt, wires))).decode()

    def proves(self, wire: bytes, receipt: bytes) -> bool:
        """Whether this is the receipt of that version."""
        return hmac.compare_digest(self.receipt(wire), receipt)
