"""Small text files: any editor's encoding is read, and what is read can be written back byte for byte."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.values.text_files import decode_secret, decode_text

ENCODINGS = ["utf-8", "utf-8-sig", "utf-16", "gb18030"]


@given(st.binary(max_size=40))
def test_reading_never_fails(data: bytes) -> None:
    """Any bytes have a text; those that are not UTF-16 are written back as they were."""
    read = decode_text(data)
    if not read.encoding.startswith("utf-16"):
        assert read.encode(read.text) == data


@pytest.mark.parametrize("encoding", ENCODINGS)
def test_a_secret_is_itself_however_it_was_saved(encoding: str) -> None:
    """A key or code that went through an editor is the same key: no mark, line end or space is part of it."""
    for around in ("{}", "{}\r\n", "  {}\t\n\n", "\u3000{}\xa0"):
        assert decode_secret(around.format("0aFF").encode(encoding)) == "0aFF"
