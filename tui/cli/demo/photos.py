"""Photos of a site, drawn when the demo wants them: no picture lies in the program."""

from __future__ import annotations

import contextlib
import random
import tempfile
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

PHOTOGRAPHED = frozenset(
    {
        ("临时道路积水待排", "record"),
        ("围挡占道审批", "settle"),
        ("员工宿舍用水水压低", "settle"),
        ("绿化移植手续", "settle"),
    }
)
"""The issues of the demo that have a photo: title, and the act that it comes with."""
_WIDTH, _HEIGHT = 1280, 960


@contextlib.contextmanager
def photos_of(title: str, verb: str, taken: datetime) -> Iterator[list[Path]]:
    """The photos that come with an act on an issue, as files for as long as they are wanted."""
    if (title, verb) not in PHOTOGRAPHED:
        yield []
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"{title}.jpg"
        draw_site(path, title, taken)
        yield [path]


def draw_site(path: Path, subject: str, taken: datetime) -> None:
    """A drawn site below the sky, with the time that a camera writes; the same for the same subject."""
    from PIL import ExifTags, Image, ImageDraw, ImageFilter

    chance = random.Random(subject)
    picture = Image.linear_gradient("L").resize((_WIDTH, _HEIGHT)).convert("RGB")
    picture = Image.blend(picture, Image.new("RGB", picture.size, (120, 165, 215)), 0.75)
    pen = ImageDraw.Draw(picture)
    horizon = _HEIGHT * 3 // 5
    pen.rectangle((0, horizon, _WIDTH, _HEIGHT), (126, 104, 80))
    for left in range(-40, _WIDTH, 160):
        top = horizon - chance.randrange(80, 360)
        shade = chance.randrange(90, 190)
        pen.rectangle((left, top, left + chance.randrange(90, 150), horizon), (shade, shade - 10, shade - 25))
    mast = chance.randrange(_WIDTH // 4, _WIDTH * 3 // 4)
    pen.line((mast, horizon, mast, 120), (230, 190, 40), 12)
    pen.line((mast - 160, 130, mast + 380, 130), (230, 190, 40), 8)
    for y in range(horizon + 40, _HEIGHT, 70):
        pen.line((0, y, _WIDTH, y + chance.randrange(-25, 25)), (96, 80, 62), 6)
    said = Image.Exif()
    said.get_ifd(ExifTags.IFD.Exif)[ExifTags.Base.DateTimeOriginal] = taken.strftime("%Y:%m:%d %H:%M:%S")
    picture.filter(ImageFilter.GaussianBlur(1.2)).save(path, "JPEG", quality=88, exif=said)
