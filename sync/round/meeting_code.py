"""The code of a meeting over a local network: a secret, the address of the device that holds it, and a check digit.

Whoever types it needs nothing else. What is secret in it are 40 random bits: online few attempts are answered, and
whoever records a proof has to search it through scrypt while the meeting lasts, since afterwards it opens nothing.
"""

from __future__ import annotations

import hashlib
import hmac
import ipaddress
import os
from collections.abc import Callable
from typing import Final, NamedTuple

from store.values.text import fold_code
from sync.protocol.bundle.exceptions import MistypedMeetingCode

PORTS: Final = range(7421, 7429)
"""The ports of meetings, the usual one first. A code names only these."""
_ALPHABET: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_SECRET, _PLACE, _GROUP = 8, 7, 4
LENGTH: Final = _SECRET + _PLACE + 1
"""So many characters has a code with an address."""


class MeetingAddress(NamedTuple):
    """Where a meeting is and the code that lets others in, as they are shown."""

    host: str
    port: int
    code: str

    def __str__(self) -> str:
        """As it is typed: ``192.168.1.5:7421``."""
        return f"{self.host}:{self.port}"

    @property
    def is_in_code(self) -> bool:
        """Whether the code says where the meeting is."""
        return len(fold_code(self.code)) == LENGTH


def new_code(host: str, port: int, random_bytes: Callable[[int], bytes] = os.urandom) -> str:
    """A code for a meeting at this place, in groups of four; without an address where it is none of IPv4, or the port
    none of `PORTS`."""
    code = "".join(_ALPHABET[byte % len(_ALPHABET)] for byte in random_bytes(_SECRET))
    try:
        number = int(ipaddress.IPv4Address(host)) * len(PORTS) + PORTS.index(port)
    except ValueError:
        return _grouped(code)
    digits = [number >> 5 * place & 31 for place in reversed(range(_PLACE))]
    code += "".join(_ALPHABET[digit] for digit in digits)
    return _grouped(code + _check_digit(code))


def place_in(code: str) -> tuple[str, int] | None:
    """Host and port that a code says, as it was typed; None for a code without an address. Raises
    `MistypedMeetingCode`."""
    folded = fold_code(code)
    if len(folded) == _SECRET:
        return None
    if len(folded) != LENGTH or not set(folded) <= set(_ALPHABET) or _check_digit(folded[:-1]) != folded[-1]:
        raise MistypedMeetingCode()
    number = 0
    for character in folded[_SECRET:-1]:
        number = number << 5 | _ALPHABET.index(character)
    host, port = divmod(number, len(PORTS))
    return str(ipaddress.IPv4Address(host)), PORTS[port]


def _grouped(code: str) -> str:
    return "-".join(code[start : start + _GROUP] for start in range(0, len(code), _GROUP))


def _check_digit(code: str) -> str:
    """Differs where one character differs, but for 0 and Z, or two neighbours change places."""
    return _ALPHABET[sum(place * _ALPHABET.index(character) for place, character in enumerate(code, 1)) % 31]


def proof_key(code: str, certificate: bytes) -> bytes:
    """The key of the proofs: of the code as it was typed and of the certificate (DER) that this side sees."""
    salt = b"guanjia meeting\n" + hashlib.sha256(certificate).digest()
    return hashlib.scrypt(fold_code(code).encode(), salt=salt, n=1 << 14, r=8, p=1, dklen=32)


def prove(key: bytes, side: str, *nonces: str) -> str:
    """The proof of a ``side`` (guest or host) over the random numbers so far."""
    return hmac.new(key, "\n".join([side, *nonces]).encode(), hashlib.sha256).hexdigest()
