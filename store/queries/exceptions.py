"""What can go wrong when something is read by name."""

from __future__ import annotations

from store.exceptions import StoreError


class NotRecordedYet(StoreError):
    """An issue is asked about as of a day on which it was not there."""

    code = "not_recorded_yet"
    what = "The issue {number} was not recorded yet on {day}, or was deleted."
    data = "Nothing was changed."
    remedy = "Name a later day; “guanjia history” shows when it was written."
