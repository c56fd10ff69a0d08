"""A picture's working copy, its facts and its preview, from real pictures."""

from __future__ import annotations

import struct
import zlib
from io import BytesIO

import pillow_heif
import pytest
from PIL import Image

from store.values.media.exceptions import DamagedPicture, PictureTooLarge
from store.values.media.picture_process import MAX_COPY_BYTES
from store.values.media.pictures import preview, taken_at, working_copy
from tests.pictures import CANARY, drawn_picture, exif, jpeg


def opened(content: bytes) -> Image.Image:
    """The decoded working copy."""
    return Image.open(BytesIO(content), formats=["JPEG"])


def is_red(picture: Image.Image, x: float, y: float) -> bool:
    """Whether the picture is red there; places from 0 to 1."""
    red, green, blue = picture.convert("RGB").getpixel((int(picture.width * x), int(picture.height * y)))  # type: ignore[misc]
    return bool(red > 180 and green < 80 and blue < 80)


def test_twelve_megapixels_become_a_working_copy() -> None:
    """At most 200 kB, upright, with the facts of the camera told and none of them in it."""
    copy = working_copy(jpeg(4000, 3000, turned=6), "image/jpeg")
    picture = opened(copy.content)
    assert len(copy.content) <= MAX_COPY_BYTES and max(picture.size) >= 1024
    assert (copy.width, copy.height) == (3000, 4000) and picture.width < picture.height
    assert is_red(picture, 0.75, 0.25) and not is_red(picture, 0.25, 0.25)
    assert copy.taken_at == "2026-11-30T08:15:30+08:00"
    assert copy.place == "42.025,121.65"
    assert CANARY.encode() in jpeg(4000, 3000, turned=6)
    assert CANARY.encode() not in copy.content and not picture.getexif() and "comment" not in picture.info


@pytest.mark.parametrize("turned", range(1, 9))
def test_every_orientation_is_upright(turned: int) -> None:
    """The red quarter is where the camera's orientation says it is seen; in the preview, too."""
    seen = [
        (0.25, 0.25),
        (0.75, 0.25),
        (0.75, 0.75),
        (0.25, 0.75),
        (0.25, 0.25),
        (0.75, 0.25),
        (0.75, 0.75),
        (0.25, 0.75),
    ]
    x, y = seen[turned - 1]
    made = preview(jpeg(160, 120, turned=turned), "image/jpeg", 40, 40)
    small = Image.frombytes("RGB", (made.width, made.height), made.pixels)
    assert is_red(small, x, y) and not is_red(small, 1 - x, 1 - y)
    assert (small.width > small.height) == (turned < 5) and max(small.size) == 40


def test_other_formats_become_jpeg() -> None:
    """PNG with transparency, 16 bits, WebP and HEIC of an iPhone."""
    clear = drawn_picture(64, 48).convert("RGBA")
    clear.putalpha(0)
    pillow_heif.register_heif_opener()
    for form, media_type, picture in (
        ("PNG", "image/png", clear),
        ("PNG", "image/png", Image.new("I;16", (64, 48), 65535)),
        ("WEBP", "image/webp", drawn_picture(64, 48)),
        ("HEIF", "image/heic", drawn_picture(64, 48)),
    ):
        out = BytesIO()
        picture.save(out, form, **({} if form == "PNG" else {"exif": exif()}))
        copy = working_copy(out.getvalue(), media_type)
        seen = opened(copy.content)
        assert seen.size == (64, 48) and seen.mode == "RGB"
        assert (copy.taken_at is None) == (form == "PNG")
        assert (seen.getpixel((32, 24)) == (255, 255, 255)) == (form == "PNG")


@pytest.mark.parametrize(
    ("text", "zone", "expected"),
    [
        ("2026:11:30 08:15:30", "", "2026-11-30T08:15:30+08:00"),
        ("2026:11:30 00:15:30", "+00:00", "2026-11-30T08:15:30+08:00"),
        ("2026:11:30 08:15:00\0", "+08:00", "2026-11-30T08:15+08:00"),
        ("2026:11:30 08:15:30", "\x1b[2J", "2026-11-30T08:15:30+08:00"),
        ("0000:00:00 00:00:00", "", None),
        ("1970:01:01 00:00:00", "", None),
        ("2026:02:30 08:00:00", "", None),
        ("2026:11:30 08:15:30", "+99:99", None),
        ("9999:12:31 23:59:59", "-23:59", None),
        ("\x1b]0;owned\x07", "", None),
        ("２０２６:11:30 08:15:30", "", None),
    ],
)
def test_a_camera_time_is_a_moment_or_nothing(text: str, zone: str, expected: str | None) -> None:
    """A time without a zone is the district's; what is no moment is left out, whatever it holds."""
    assert taken_at(text, zone) == expected


def test_hostile_facts_are_left_out() -> None:
    """Escape sequences, infinite and impossible places: the picture is taken, what it claims is not."""
    said = exif(taken="\x1b]52;c;ZXZpbA==\x07")
    place = said.get_ifd(34853)
    place[2], place[4] = (999.0, 0.0, 0.0), (121.0, 39.0, 0.0)
    out = BytesIO()
    drawn_picture(64, 48).save(out, "JPEG", exif=said, icc_profile=b"no profile" * 20)
    copy = working_copy(out.getvalue(), "image/jpeg")
    assert copy.taken_at is None and copy.place is None


def bomb() -> bytes:
    """A PNG of some kilobytes that claims 30,000 by 30,000 pixels."""

    def chunk(name: bytes, data: bytes) -> bytes:
        return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))

    head = struct.pack(">IIBBBBB", 30_000, 30_000, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", head)
        + chunk(b"IDAT", zlib.compress(bytes(1 << 20)))
        + chunk(b"IEND", b"")
    )


def test_a_bomb_is_not_decoded() -> None:
    """Pixels are counted before any are decoded."""
    with pytest.raises(PictureTooLarge):
        working_copy(bomb(), "image/png", "bomb.png")


@pytest.mark.parametrize("content", [jpeg()[:-9000], jpeg()[:200], b"\xff\xd8\xff and no picture"], ids=len)
def test_a_picture_that_is_cut_off_is_told(content: bytes) -> None:
    """Half a file is refused with a sentence, not kept as if it were whole."""
    with pytest.raises(DamagedPicture) as refused:
        working_copy(content, "image/jpeg", "IMG_1.jpg")
    assert "IMG_1.jpg" in str(refused.value)
