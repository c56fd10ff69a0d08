"""Bundles that this device carries for colleagues: it cannot read them. They lie in the home, until its round hands
them in (``sync/steps/hand_in.py``) or a stick takes them on.
"""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from store.db.device_facts import DeviceFacts
from store.home.paths import Home, create_private_folder
from sync.protocol.bundle.bundle_file import LIFETIME_MS, BundleHead, is_signed
from sync.protocol.bundle.copies import ANSWERS, QUESTIONS, answered_in, copy_bundles, heads_in
from sync.protocol.carried import MAX_CARRIED_BYTES

MAX_CARRIED = 500
"""The most bundles that a device carries each way; more stay where they are."""


class OthersBundles(NamedTuple):
    """The folders of what is carried in a home: messages that wait to be handed in, answers, and what was refused."""

    waiting: Path
    answers: Path
    refused: Path

    def make(self) -> None:
        """Make the folders, which only this user can enter."""
        for folder in self:
            create_private_folder(folder)


def others_bundles(home: Home) -> OthersBundles:
    """The folders of a home; they may not exist yet."""
    return OthersBundles(*(home.bundles / name for name in OthersBundles._fields))


def take_along(home: Home, facts: DeviceFacts, own_keys: frozenset[str], source: Path, now_ms: int) -> int:
    """Copy from a folder what others of the district send to the central, and what it answers them, as far as it is
    still good; gives how many. Raises `BundleUnwritten`."""
    folders = others_bundles(home)
    folders.make()
    answered = answered_in(source, facts.get("central_key"))
    known = answered | answered_in(folders.answers, facts.get("central_key"))
    known |= {head.message for head in heads_in(folders.refused).values()}

    def is_carried(head: BundleHead, size: int) -> bool:
        is_good = head.district == facts.district and head.expires > now_ms and size <= MAX_CARRIED_BYTES
        return is_good and not own_keys & {head.writer, head.reader}

    def is_message(head: BundleHead, size: int) -> bool:
        for_central = head.kind in QUESTIONS and head.reader == facts.get("central_agree")
        return for_central and is_carried(head, size) and head.message not in known

    def is_answer(head: BundleHead, size: int) -> bool:
        by_central = head.kind in ANSWERS and head.writer == facts.get("central_key") and head.message in answered
        return by_central and is_carried(head, size)

    taken = copy_bundles(source, folders.waiting, is_message, MAX_CARRIED)
    taken += copy_bundles(source, folders.answers, is_answer, MAX_CARRIED)
    return len(taken)


def give_back(home: Home, target: Path, now_ms: int, asked: set[str] | None = None) -> int:
    """Copy to a folder the answers for others, and what could not be handed in, or only the answers to messages that
    were ``asked`` there; gives how many. What is too old is forgotten. Raises `BundleUnwritten`."""
    folders = others_bundles(home)
    forget_old(folders, now_ms)
    answered = {head.message for head in heads_in(target).values() if head.kind in ANSWERS}
    if asked is not None:
        return len(copy_bundles(folders.answers, target, lambda head, _size: head.message in asked))
    answers = copy_bundles(folders.answers, target, lambda _head, _size: True)
    waiting = copy_bundles(folders.waiting, target, lambda head, _size: head.message not in answered)
    return len(answers) + len(waiting)


def forget_old(folders: OthersBundles, now_ms: int) -> None:
    """Remove what is carried here and too old to be taken in by anybody."""
    for folder in folders:
        for path, head in heads_in(folder).items():
            if _is_over(path, head, now_ms):
                path.unlink(missing_ok=True)


def _is_over(path: Path, head: BundleHead, now_ms: int) -> bool:
    """Whether a bundle is carried no more. Its own word that it has expired counts once its signature is found right:
    the head alone may have been changed. However long it says that it is good, it stays no longer than any is."""
    if head.expires < now_ms and is_signed(path):
        return True
    try:
        return path.lstat().st_mtime * 1000 + LIFETIME_MS < now_ms
    except FileNotFoundError:
        return False
