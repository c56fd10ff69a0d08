"""The code of a meeting: what it says, and that a slip is found."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.values.text import fold_code
from sync.protocol.bundle.exceptions import MistypedMeetingCode
from sync.round.meeting_code import LENGTH, PORTS, new_code, place_in

HOSTS = st.integers(0, 2**32 - 1).map(lambda number: str(ipaddress.IPv4Address(number)))
CODES = st.builds(
    lambda host, port, secret: fold_code(new_code(host, port, lambda _n: secret)),
    HOSTS,
    st.sampled_from(PORTS),
    st.binary(min_size=8, max_size=8),
)


@given(host=HOSTS, port=st.sampled_from(PORTS))
def test_a_code_says_where_the_meeting_is(host: str, port: int) -> None:
    """Any address and any port that a meeting takes by itself come out of the code as they went in."""
    assert place_in(new_code(host, port).lower().replace("-", " ")) == (host, port)


@given(code=CODES, place=st.integers(0, LENGTH - 2))
def test_neighbours_that_changed_places_are_found(code: str, place: int) -> None:
    """Two characters typed in each other's place are told as a slip, unless both are the same, or 0 and Z."""
    swapped = code[:place] + code[place + 1] + code[place] + code[place + 2 :]
    if swapped != code and {code[place], code[place + 1]} != {"0", "Z"}:
        with pytest.raises(MistypedMeetingCode):
            place_in(swapped)


@pytest.mark.parametrize(("host", "port"), [("fe80::1", PORTS[0]), ("192.168.1.5", 50_000), ("", 0)])
def test_what_a_code_cannot_say_is_typed_beside_it(host: str, port: int) -> None:
    """An address of IPv6 or an unusual port is not in the code, which is then only the secret."""
    assert place_in(new_code(host, port)) is None
