"""Errors of the writer: what a person's role does not enter."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from store.exceptions import StoreError


class BeyondRole(StoreError):
    """What this person's roles at the central do not enter, so that the central would refuse it. ``who`` may."""

    code = "beyond_role"
    what = "As {role} one does not enter this: {kind}. The central would refuse it."
    data = "Nothing was written."
    remedy = "It is entered by: {who}. If your role has changed, run “guanjia sync” first."
    value_families: ClassVar[Mapping[str, str]] = {"role": "role", "kind": "kind", "who": "role"}


class AttachingBeyondRole(BeyondRole):
    """Files go with lines that one's own roles write: these roles do not write a line ``of_kind``."""

    what = "As {role} one attaches no files to this: {of_kind}. The central would refuse it."
    remedy = "They are attached to it by: {who}. To what you enter yourself you attach files in its form, by F9."
    value_families: ClassVar[Mapping[str, str]] = {**BeyondRole.value_families, "of_kind": "kind"}


class ChangeBeyondRole(BeyondRole):
    """A line that exists, and that these roles do not change."""

    what = "As {role} one does not change this: {kind}. The central would refuse it."
    remedy = "It is changed by: {who}. If your role has changed, run “guanjia sync” first."


class DeletionBeyondRole(BeyondRole):
    """A line that these roles do not delete."""

    what = "As {role} one does not delete this: {kind}. The central would refuse it."
    remedy = "It is deleted by: {who}. If your role has changed, run “guanjia sync” first."


class ActBeyondRole(BeyondRole):
    """An act on an issue that these roles do not do."""

    what = "As {role} one does not do this with an issue: {act}. The central would refuse it."
    remedy = "It is done by: {who}. If your role has changed, run “guanjia sync” first."
    value_families: ClassVar[Mapping[str, str]] = {"role": "role", "act": "issue_step.act", "who": "role"}


class ForNobody(BeyondRole):
    """What the central alone writes, or what is never deleted."""

    what = "Nobody enters or removes this by hand: {kind}."
    remedy = "Nothing is to be done."


class TableBeyondRole(BeyondRole):
    """A responsibility table: it makes projects and says who serves them."""

    remedy = "Ask the bureau: it enters the table and gives you your projects; then “guanjia sync” brings them."


class RecordsBeyondRole(BeyondRole):
    """A table of a register: it tells of what others did, and makes people and units."""

    remedy = "Ask the bureau: it takes the table in; then “guanjia sync” brings what is yours."


class HolidaysBeyondRole(BeyondRole):
    """The holidays of a year, which one district's devices must count alike."""

    remedy = "Ask the bureau: it enters them for everybody; then “guanjia sync” brings them."


class VersionErased(StoreError):
    """A version whose text was erased cannot be restored."""

    code = "version_erased"
    what = "This version was about a person who has been erased: its text is gone, here and everywhere."
    remedy = "If the person is needed again, enter them anew."
