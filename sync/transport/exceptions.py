"""Errors about the authority of a central. Same fields as those of ``sync/exceptions.py``."""

from __future__ import annotations

from sync.exceptions import AnotherCentral, BadAddress


class BadPin(BadAddress):
    """What follows the ``#`` of an address is no pin."""

    what = "The address {central} ends in something that is no fingerprint of a central."
    remedy = "Copy the address whole, as the bureau has written it: after # it has 32 digits from 0 to f."


class OtherAuthority(AnotherCentral):
    """What answers does not have the key whose pin is in the address."""

    what = "What answers at {central} is not the central that this address names: it has another key."
    data = "Nothing was sent to it, not the code either, and nothing was changed."
    remedy = (
        "Compare the address with the one that the bureau has written, digit by digit. If it is right, somebody may "
        "stand between: tell the bureau, and do not join here."
    )
