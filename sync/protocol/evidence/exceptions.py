"""Errors about packages of evidence. Same fields as those of ``sync/exceptions.py``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from sync.exceptions import SyncError


class PackageError(SyncError):
    """Base of the errors about packages. ``file`` is the path, where it is known."""

    code = "package"


class PackageMalformed(PackageError):
    """A file whose bytes no package has; ``detail`` says where. `check_package` makes a finding of it."""

    code = "package_malformed"
    what = "The file is no package of evidence as this program writes them ({detail})."
    data = "Nothing was unpacked or changed."
    remedy = "Ask for the file anew from where it was made."


class PackageTooLarge(PackageError):
    """More than a package can hold: 4 GiB, or so many files."""

    code = "package_too_large"
    what = "The package would be larger than 4 GiB, or have more than 60,000 files."
    data = "No file was left; all records are as before."
    remedy = "Make packages of single issues instead."


class PackageNotRead(PackageError):
    """A file that cannot be opened or read. ``detail`` is one of the family ``file_cause``."""

    code = "package_not_read"
    what = "{file} cannot be read: {detail}."
    value_families: ClassVar[Mapping[str, str]] = {"detail": "file_cause"}
    data = "Nothing was unpacked or changed."
    remedy = "Check the path and its permissions."
