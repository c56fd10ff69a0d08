"""Safe names of attached files."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from store.values.media.content_types import EXTENSIONS
from store.values.media.file_names import MAX_NAME_CHARACTERS, safe_name
from store.values.text import FORBIDDEN


@pytest.mark.parametrize(
    ("name", "media_type", "expected"),
    [
        ("IMG_2041.JPG", "image/jpeg", "IMG_2041.jpg"),
        ("现场照片.jpeg", "image/jpeg", "现场照片.jpeg"),
        ("/etc/passwd", "application/pdf", "passwd.pdf"),
        ("..\\..\\windows\\evil.exe", "image/jpeg", "evil.exe.jpg"),
        ("\u202egpj.exe", "image/jpeg", "gpj.exe.jpg"),
        ("a\x1b]52;c;x\x07b\n.png", "image/png", "a]52;c;xb_.png"),
        ("con.jpg", "image/jpeg", "_con.jpg"),
        ("...", "image/png", "file.png"),
        ("", "application/pdf", "file.pdf"),
        ("a:b*c?.pdf", "application/pdf", "a_b_c_.pdf"),
    ],
)
def test_a_name_is_the_last_part_with_the_extension_of_its_content(name: str, media_type: str, expected: str) -> None:
    """No path, no control characters, no misleading extension."""
    assert safe_name(name, media_type) == expected


@given(st.text(), st.sampled_from(sorted(EXTENSIONS)))
def test_no_name_does_anything(name: str, media_type: str) -> None:
    """Whatever a file is called: one part of a path, printable, short, with an extension of its type; safe already."""
    safe = safe_name(name, media_type)
    assert not set(safe) & set('/\\<>:"|?*\n') and not FORBIDDEN.search(safe) and not safe.startswith(".")
    assert 0 < len(safe) <= MAX_NAME_CHARACTERS and "." in safe
    assert safe_name(safe, media_type) == safe
