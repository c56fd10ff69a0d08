"""Decodes a picture: its facts, its working copy, its preview. Run as a program, in a process of its own.

> Pictures come from anywhere. They are decoded with limits of pixels, memory and time, by no decoder but that of the
> type that the content was found to have. Of what a file says beside its pixels only numbers and short texts come out.

Imports nothing of ours, since the program is started by its path: ``pictures.py`` starts it. Pillow, pillow-heif.
"""

from __future__ import annotations

import contextlib
import json
import math
import sys
from io import BytesIO
from typing import IO

if sys.platform != "win32":  # which has no such limits
    import resource

from PIL import ExifTags, Image, ImageCms, ImageOps

MAX_MEMORY_BYTES = 1 << 30
MAX_CPU_SECONDS = 30
MAX_FILE_BYTES = 128 << 20
MAX_REDUCED_PIXELS = 220_000_000
"""Of a JPEG, which is reduced while it is decoded; the largest camera of a phone has 200 million."""
MAX_PIXELS = 64_000_000
"""Of the other formats, which are decoded whole."""
EXIT_TOO_LARGE, EXIT_DAMAGED = 4, 5
"""How the program ends when it has nothing to print."""
MAX_COPY_BYTES = 200_000
_COPY_SIDES = (1600, 1280, 1024, 800, 640)
_COPY_QUALITIES = (82, 72, 60)
_FORMATS = {"image/jpeg": "JPEG", "image/png": "PNG", "image/heic": "HEIF", "image/webp": "WEBP"}
_GAP = 1.25
"""A picture is first made smaller by whole numbers, as long as it stays so many times as large as it is to be."""
_THUMBNAIL_QUALITY = 80
_MAX_TEXT = 40


def main() -> int:
    """Read a picture from standard input; print a line of JSON, then bytes. Arguments: the media type; ``copy`` for the
    facts and the working copy as JPEG; ``preview`` with the most columns and rows, for pixels of three bytes;
    ``thumbnail`` with the same, for a JPEG."""
    _limit()
    media_type, wanted, *numbers = sys.argv[1:]
    try:
        data = sys.stdin.buffer.read(MAX_FILE_BYTES + 1)
        if len(data) > MAX_FILE_BYTES:
            return EXIT_TOO_LARGE
        with _open(BytesIO(data), media_type) as image:
            if not _is_bounded(image):
                return EXIT_TOO_LARGE
            if wanted == "copy":
                facts, content = _copy(image)
            else:
                made = _thumbnail if wanted == "thumbnail" else _preview
                facts, content = made(image, int(numbers[0]), int(numbers[1]))
        sys.stdout.buffer.write(json.dumps(facts, allow_nan=False).encode() + b"\n" + content)
        sys.stdout.flush()
    except MemoryError:
        return EXIT_TOO_LARGE
    except BaseException:  # decoders raise errors of every kind
        return EXIT_DAMAGED
    return 0


def _open(stream: IO[bytes], media_type: str) -> Image.Image:
    if media_type == "image/heic":
        import pillow_heif  # noqa: PLC0415 - its library is loaded for HEIC alone

        pillow_heif.register_heif_opener(thumbnails=False, decode_threads=1)
    Image.MAX_IMAGE_PIXELS = None  # bounded here, by format
    return Image.open(stream, formats=[_FORMATS[media_type]])


def _is_bounded(image: Image.Image) -> bool:
    most = MAX_REDUCED_PIXELS if image.format in ("JPEG", "MPO") else MAX_PIXELS
    return 0 < image.width * image.height <= most


def _copy(image: Image.Image) -> tuple[dict[str, object], bytes]:
    width, height = image.size
    exif = _exif(image)
    if exif.get(ExifTags.Base.Orientation) in (5, 6, 7, 8):
        width, height = height, width
    reduced = _upright(image, _COPY_SIDES[0], _COPY_SIDES[0], exif)
    facts = {"width": width, "height": height, **_taken(exif), **_place(exif)}
    content, size = _encode(reduced)
    return {**facts, "copy_width": size[0], "copy_height": size[1]}, content


def _preview(image: Image.Image, width: int, height: int) -> tuple[dict[str, object], bytes]:
    reduced = _upright(image, width, height, _exif(image))
    return {"width": reduced.width, "height": reduced.height}, reduced.tobytes()


def _thumbnail(image: Image.Image, width: int, height: int) -> tuple[dict[str, object], bytes]:
    reduced, out = _upright(image, width, height, _exif(image)), BytesIO()
    reduced.save(out, "JPEG", quality=_THUMBNAIL_QUALITY)
    return {"width": reduced.width, "height": reduced.height}, out.getvalue()


def _exif(image: Image.Image) -> Image.Exif:
    try:
        return image.getexif()
    except Exception:  # damaged beside the pixels
        return Image.Exif()


def _upright(image: Image.Image, width: int, height: int, exif: Image.Exif) -> Image.Image:
    """The picture as it is to be seen, RGB, at most so wide and high: reduced while decoding, then turned. What the
    file says beside its pixels is in none of it."""
    turned = exif.get(ExifTags.Base.Orientation)
    box = (height, width) if turned in (5, 6, 7, 8) else (width, height)
    scale = min(box[0] / image.width, box[1] / image.height, 1)
    target = (max(round(image.width * scale), 1), max(round(image.height * scale), 1))
    profile = image.info.get("icc_profile")
    image.draft("RGB", target)
    image.load()
    small = _as_rgb(image) if min(image.size) < 2 else _as_rgb(image.resize(target, reducing_gap=_GAP))
    small = _as_srgb(small.resize(target) if small.size != target else small, profile)
    if turned in (2, 3, 4, 5, 6, 7, 8):
        small.getexif()[ExifTags.Base.Orientation] = turned
        small = ImageOps.exif_transpose(small)
    clean = Image.new("RGB", small.size)
    clean.paste(small)
    return clean


def _as_rgb(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):  # 16 bits
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    if image.mode in ("RGBA", "LA", "PA", "La", "RGBa") or "transparency" in image.info:
        seen = image.convert("RGBA")
        white = Image.new("RGBA", seen.size, "white")
        return Image.alpha_composite(white, seen).convert("RGB")
    return image.convert("RGB")


def _as_srgb(image: Image.Image, profile: object) -> Image.Image:
    """The colours as every screen shows them: phones write wider ones, with a profile that names the device."""
    if not isinstance(profile, bytes) or not profile:
        return image
    try:
        source = ImageCms.ImageCmsProfile(BytesIO(profile))
        shown = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except Exception:  # a profile of another colour space, or none
        return image
    return shown or image


def _encode(image: Image.Image) -> tuple[bytes, tuple[int, int]]:
    """As JPEG of at most `MAX_COPY_BYTES`: lower quality first, then fewer pixels."""
    content = b""
    for side in _COPY_SIDES:
        if max(image.size) > side:
            image.thumbnail((side, side), reducing_gap=_GAP)
        for quality in _COPY_QUALITIES:
            out = BytesIO()
            image.save(out, "JPEG", quality=quality, optimize=False, progressive=False)
            content = out.getvalue()
            if len(content) <= MAX_COPY_BYTES:
                return content, image.size
    return content, image.size


def _taken(exif: Image.Exif) -> dict[str, object]:
    """When it was taken, as the camera wrote it, and its zone: texts of a few digits, or nothing."""
    times = _directory(exif, ExifTags.IFD.Exif)
    said = {
        "taken": times.get(ExifTags.Base.DateTimeOriginal) or exif.get(ExifTags.Base.DateTime),
        "zone": times.get(ExifTags.Base.OffsetTimeOriginal) or times.get(ExifTags.Base.OffsetTime),
    }
    return {name: text[:_MAX_TEXT] for name, text in said.items() if isinstance(text, str)}


def _place(exif: Image.Exif) -> dict[str, object]:
    """Where it was taken: degrees, north and east positive."""
    place = _directory(exif, ExifTags.IFD.GPSInfo)
    latitude = _degrees(place.get(ExifTags.GPS.GPSLatitude), place.get(ExifTags.GPS.GPSLatitudeRef), "S", 90)
    longitude = _degrees(place.get(ExifTags.GPS.GPSLongitude), place.get(ExifTags.GPS.GPSLongitudeRef), "W", 180)
    if latitude is None or longitude is None or (latitude == 0 and longitude == 0):  # zeros: no fix yet
        return {}
    return {"latitude": latitude, "longitude": longitude}


def _directory(exif: Image.Exif, which: int) -> dict[int, object]:
    try:
        return dict(exif.get_ifd(which))
    except Exception:  # damaged beside the pixels
        return {}


def _degrees(parts: object, reference: object, negative: str, most: int) -> float | None:
    if not isinstance(parts, tuple) or len(parts) != 3:
        return None
    try:
        degrees, minutes, seconds = (float(part) for part in parts)
    except (TypeError, ValueError, ZeroDivisionError, OverflowError):
        return None
    value = degrees + minutes / 60 + seconds / 3600
    if not math.isfinite(value) or not 0 <= value <= most:
        return None
    return round(-value if reference == negative else value, 6)


def _limit() -> None:
    if sys.platform != "win32":
        with contextlib.suppress(ValueError):  # a lower limit is in force already
            resource.setrlimit(resource.RLIMIT_AS, (MAX_MEMORY_BYTES, MAX_MEMORY_BYTES))
        with contextlib.suppress(ValueError):
            resource.setrlimit(resource.RLIMIT_CPU, (MAX_CPU_SECONDS, MAX_CPU_SECONDS))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


if __name__ == "__main__":
    sys.exit(main())
