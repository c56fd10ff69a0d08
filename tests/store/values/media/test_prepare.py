"""A file as it is attached."""

from __future__ import annotations

from io import BytesIO

import pytest

from store.values.media.exceptions import EmptyMedia, MediaError, UnknownMedia
from store.values.media.prepare import prepare
from tests.pictures import jpeg


def test_a_picture_and_a_paper() -> None:
    """A picture gets a working copy, a paper none; both are named by what they are."""
    picture, paper = BytesIO(jpeg(64, 48)), BytesIO(b"%PDF-1.7\n")
    prepared = prepare(picture, "../发票.pdf")
    assert (prepared.name, prepared.media_type) == ("发票.pdf.jpg", "image/jpeg")
    assert prepared.copy is not None and prepared.copy.content and picture.tell() == 0
    assert prepare(paper, "批复.PDF").copy is None


@pytest.mark.parametrize(
    ("content", "error"), [(b"", EmptyMedia), (b"MZ\x90\0", UnknownMedia)], ids=["empty", "program"]
)
def test_what_is_not_taken_is_told(content: bytes, error: type[MediaError]) -> None:
    """Nothing and programs are refused, with the name made safe."""
    with pytest.raises(error, match="photo"):
        prepare(BytesIO(content), "\x1b[2Jphoto.jpg")
