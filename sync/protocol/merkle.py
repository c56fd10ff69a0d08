"""Merkle trees as of RFC 9162: roots, and the proofs that a leaf is in a tree and that one tree begins with another.

Pure functions over SHA-256. A tree of any size is made of complete subtrees; a node is named by its level and its place
on that level, and is complete with the last leaf below it (`Node.completed_by`), so that whoever keeps with each leaf
the nodes which it completed finds every node by that leaf.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from typing import NamedTuple

HASH_BYTES = 32
EMPTY_ROOT = hashlib.sha256().digest()
"""The root of a tree without leaves."""


class Node(NamedTuple):
    """A complete subtree: of ``2 ** level`` leaves, the one at this ``place`` among them."""

    level: int
    place: int

    @property
    def completed_by(self) -> int:
        """The number of the leaf with which the subtree is complete."""
        return ((self.place + 1) << self.level) - 1


NodeReader = Callable[[Node], bytes]
"""Gives the hash of a complete subtree."""
_Span = tuple[int, int]
"""Leaves from the first number up to the second, which is not among them."""


def leaf_hash(data: bytes) -> bytes:
    """The hash of a leaf with this content."""
    return hashlib.sha256(b"\0" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """The hash of a node with these two below it."""
    return hashlib.sha256(b"\1" + left + right).digest()


def completed_nodes(size: int, peaks: Sequence[bytes], leaf: bytes) -> list[bytes]:
    """The hashes of the subtrees that a leaf completes when it is added to a tree of ``size`` leaves, which consists of
    the complete subtrees ``peaks``, the largest first: the leaf itself, and each one above it."""
    nodes, place = [leaf], len(peaks)
    while size & 1:
        place -= 1
        nodes.append(node_hash(peaks[place], nodes[-1]))
        size >>= 1
    return nodes


def peaks_with(peaks: Sequence[bytes], completed: Sequence[bytes]) -> list[bytes]:
    """The complete subtrees of the tree after a leaf was added that ``completed`` these."""
    return [*peaks[: len(peaks) - len(completed) + 1], completed[-1]]


def root_of_peaks(peaks: Sequence[bytes]) -> bytes:
    """The root of the tree that consists of these complete subtrees, the largest first."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


class SmallTree:
    """A tree whose leaves are all in memory."""

    def __init__(self, leaves: Sequence[bytes]) -> None:
        """Of the hashes of its leaves."""
        self._levels = [list(leaves)]
        while len(self._levels[-1]) > 1:
            below = self._levels[-1]
            self._levels.append([node_hash(below[n], below[n + 1]) for n in range(0, len(below) - 1, 2)])

    @property
    def size(self) -> int:
        """How many leaves it has."""
        return len(self._levels[0])

    def node(self, node: Node) -> bytes:
        """The hash of a complete subtree."""
        return self._levels[node.level][node.place]

    def root(self) -> bytes:
        """The root of all leaves."""
        return _span_hash((0, self.size), self.node) if self.size else EMPTY_ROOT


def peak_nodes(size: int) -> list[Node]:
    """The complete subtrees of which a tree of this size consists, the largest first."""
    return list(_nodes_of((0, size)))


def inclusion_nodes(leaf: int, size: int) -> list[Node]:
    """The subtrees whose hashes a proof that ``leaf`` is in a tree of this size is made of."""
    return [node for span in _inclusion(leaf, (0, size)) for node in _nodes_of(span)]


def inclusion_proof(leaf: int, size: int, read: NodeReader) -> list[bytes]:
    """The proof that a leaf is in the tree of this size."""
    return [_span_hash(span, read) for span in _inclusion(leaf, (0, size))]


def consistency_nodes(before: int, size: int) -> list[Node]:
    """The subtrees whose hashes the proof of `consistency_proof` is made of."""
    return [node for span in _consistency(before, (0, size)) for node in _nodes_of(span)]


def consistency_proof(before: int, size: int, read: NodeReader) -> list[bytes]:
    """The proof that the tree of this size begins with the leaves of the one of ``before`` leaves."""
    return [_span_hash(span, read) for span in _consistency(before, (0, size))]


def _split(span: _Span) -> int:
    """Where the larger, complete part of a span with several leaves ends."""
    first, end = span
    return first + (1 << ((end - first - 1).bit_length() - 1))


def _nodes_of(span: _Span) -> Iterator[Node]:
    """The complete subtrees of a span, the largest first."""
    first, end = span
    while first < end:
        level = (end - first).bit_length() - 1
        yield Node(level, first >> level)
        first += 1 << level


def _span_hash(span: _Span, read: NodeReader) -> bytes:
    return root_of_peaks([read(node) for node in _nodes_of(span)])


def _inclusion(leaf: int, span: _Span) -> list[_Span]:
    spans: list[_Span] = []
    while span[1] - span[0] > 1:
        middle = _split(span)
        left, right = (span[0], middle), (middle, span[1])
        span, other = (left, right) if leaf < middle else (right, left)
        spans.append(other)
    return spans[::-1]


def _consistency(before: int, span: _Span) -> list[_Span]:
    """The spans of the proof; a tree that is its own beginning needs none, and one without leaves begins every tree."""
    if before in (0, span[1]):
        return []
    spans: list[_Span] = []
    is_whole = True
    while before < span[1]:
        middle = _split(span)
        left, right = (span[0], middle), (middle, span[1])
        if before <= middle:
            span, other = left, right
        else:
            span, other, is_whole = right, left, False
        spans.append(other)
    return ([] if is_whole else [span]) + spans[::-1]


def is_included(leaf_number: int, leaf: bytes, size: int, proof: Sequence[bytes], root: bytes) -> bool:
    """Whether the proof shows that the leaf with this hash is the one of this number in the tree with this root."""
    return root_of_proof(leaf_number, leaf, size, proof) == root


def root_of_proof(leaf_number: int, leaf: bytes, size: int, proof: Sequence[bytes]) -> bytes | None:
    """The root of the tree of this size that has the leaf in this place, by the proof; None for what is no proof of it
    (RFC 9162, 2.1.3.2)."""
    if not 0 <= leaf_number < size:
        return None
    place, last, computed = leaf_number, size - 1, leaf
    for part in proof:
        if last == 0:
            return None
        if place & 1 or place == last:
            computed = node_hash(part, computed)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            computed = node_hash(computed, part)
        place, last = place >> 1, last >> 1
    return computed if last == 0 else None


def begins_with(before: int, before_root: bytes, size: int, root: bytes, proof: Sequence[bytes]) -> bool:
    """Whether the proof shows that the tree of ``size`` leaves begins with the one of ``before`` (RFC 9162,
    2.1.4.2)."""
    if before in (0, size):
        return not proof and before_root == (root if before else EMPTY_ROOT)
    if not 0 < before < size or not proof:
        return False
    parts = [before_root, *proof] if before & (before - 1) == 0 else list(proof)
    place, last = before - 1, size - 1
    while place & 1:
        place, last = place >> 1, last >> 1
    old = new = parts[0]
    for part in parts[1:]:
        if last == 0:
            return False
        if place & 1 or place == last:
            old, new = node_hash(part, old), node_hash(part, new)
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = node_hash(new, part)
        place, last = place >> 1, last >> 1
    return last == 0 and old == before_root and new == root
