"""Numbers given offline."""

from __future__ import annotations

from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from store.commands.numbers import number_of
from store.ledger.line import new_id

DAY = date(2026, 3, 5)


@given(st.integers(0, (1 << 20) - 1))
def test_a_number_is_the_day_and_the_ids_last_twenty_bits(bits: int) -> None:
    """Different last bits give different numbers, in an alphabet without letters that are misheard."""
    line_id = new_id()[:-5] + f"{bits:05x}"
    day, _dash, rest = number_of(line_id, DAY).partition("-")
    assert (day, len(rest)) == ("260305", 4)
    assert not set(rest) & set("ILOU")
    assert sum("0123456789ABCDEFGHJKMNPQRSTVWXYZ".index(c) << 5 * (3 - n) for n, c in enumerate(rest)) == bits
