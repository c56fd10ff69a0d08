"""Real pictures for tests, made when they are wanted."""

from __future__ import annotations

import functools
import random
from io import BytesIO

from PIL import ExifTags, Image, ImageDraw

CANARY = "CANARY-PHONE-X9"
"""Stands in what a picture says of the device that took it."""


@functools.cache
def jpeg(width: int = 640, height: int = 480, *, turned: int = 1, taken: str = "2026:11:30 08:15:30") -> bytes:
    """A photo as a phone writes it: time, place, device, and perhaps turned (EXIF orientation). Its upper left quarter
    as it is stored is red."""
    out = BytesIO()
    drawn_picture(width, height).save(out, "JPEG", quality=90, exif=exif(turned, taken), comment=CANARY)
    return out.getvalue()


@functools.cache
def drawn_picture(width: int, height: int) -> Image.Image:
    """A picture of lines and areas, which weighs about what a photo does; the upper left quarter is red."""
    chance = random.Random(width * height)
    picture = Image.new("RGB", (width, height), (90, 120, 160))
    pen = ImageDraw.Draw(picture)
    for _line in range(200):
        ends = [(chance.randrange(width), chance.randrange(height)) for _end in range(2)]
        pen.line(ends, (chance.randrange(256), chance.randrange(256), chance.randrange(256)), max(width // 300, 1))
    pen.rectangle((0, 0, width // 2, height // 2), (220, 20, 30))
    return picture


def exif(turned: int = 1, taken: str = "2026:11:30 08:15:30", zone: str = "") -> Image.Exif:
    """What a phone says beside the pixels: 42°01′30″ north, 121°39′ east."""
    said = Image.Exif()
    said[ExifTags.Base.Orientation] = turned
    said[ExifTags.Base.Make] = CANARY
    times = said.get_ifd(ExifTags.IFD.Exif)
    times[ExifTags.Base.DateTimeOriginal] = taken
    if zone:
        times[ExifTags.Base.OffsetTimeOriginal] = zone
    place = said.get_ifd(ExifTags.IFD.GPSInfo)
    place[ExifTags.GPS.GPSLatitudeRef], place[ExifTags.GPS.GPSLatitude] = "N", (42.0, 1.0, 30.0)
    place[ExifTags.GPS.GPSLongitudeRef], place[ExifTags.GPS.GPSLongitude] = "E", (121.0, 39.0, 0.0)
    return said
