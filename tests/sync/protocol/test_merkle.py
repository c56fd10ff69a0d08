"""Merkle trees: roots and proofs against the definitions of RFC 9162, and that no other proof passes."""

from __future__ import annotations

from collections.abc import Sequence

from hypothesis import given, settings
from hypothesis import strategies as st

from sync.protocol.merkle import (
    EMPTY_ROOT,
    Node,
    SmallTree,
    begins_with,
    completed_nodes,
    consistency_nodes,
    consistency_proof,
    inclusion_nodes,
    inclusion_proof,
    is_included,
    leaf_hash,
    node_hash,
    peaks_with,
    root_of_peaks,
)
from tests.examples import examples

MOST = 70
LEAVES = [leaf_hash(bytes([n])) for n in range(MOST)]
SIZES = st.tuples(st.integers(0, MOST), st.integers(0, MOST)).map(sorted)


def defined_root(leaves: Sequence[bytes]) -> bytes:
    """The root as RFC 9162, 2.1.1 defines it."""
    if len(leaves) < 2:
        return leaves[0] if leaves else EMPTY_ROOT
    middle = 1 << ((len(leaves) - 1).bit_length() - 1)
    return node_hash(defined_root(leaves[:middle]), defined_root(leaves[middle:]))


def grown() -> list[list[bytes]]:
    """What each leaf completes, as it is kept beside it."""
    peaks: list[bytes] = []
    kept = []
    for size, leaf in enumerate(LEAVES):
        kept.append(completed_nodes(size, peaks, leaf))
        peaks = peaks_with(peaks, kept[-1])
        assert root_of_peaks(peaks) == defined_root(LEAVES[: size + 1]) == SmallTree(LEAVES[: size + 1]).root()
    return kept


KEPT = grown()


def read(node: Node) -> bytes:
    """A subtree by the leaf that completes it."""
    return KEPT[node.completed_by][node.level]


@given(SIZES, st.integers(0, 255), st.integers(0, 30))
@settings(max_examples=examples(150), deadline=None)
def test_a_tree_is_shown_to_begin_with_its_own_beginnings_only(sizes: list[int], bit: int, part: int) -> None:
    """The proof that a tree begins with an earlier one passes, and none for another tree, nor a changed one."""
    before, size = sizes
    root, earlier = defined_root(LEAVES[:size]), defined_root(LEAVES[:before])
    proof = consistency_proof(before, size, {node: read(node) for node in consistency_nodes(before, size)}.__getitem__)
    assert begins_with(before, earlier, size, root, proof)
    assert not begins_with(before, leaf_hash(b"another"), size, root, proof)
    if proof and before:
        changed = list(proof)
        changed[part % len(proof)] = flipped(changed[part % len(proof)], bit)
        assert not begins_with(before, earlier, size, root, changed)
        assert not begins_with(before, earlier, size, root, proof[:-1])
        assert not begins_with(before, earlier, size, root, [*proof, proof[-1]])


@given(SIZES, st.integers(0, 255), st.integers(0, 30))
@settings(max_examples=examples(150), deadline=None)
def test_a_leaf_is_shown_to_be_in_its_own_place_only(sizes: list[int], bit: int, part: int) -> None:
    """The proof that a leaf is in a tree passes for its place, and for no other leaf, place or proof."""
    leaf, size = sizes
    if leaf == size:
        return
    root = defined_root(LEAVES[:size])
    proof = inclusion_proof(leaf, size, {node: read(node) for node in inclusion_nodes(leaf, size)}.__getitem__)
    assert is_included(leaf, LEAVES[leaf], size, proof, root)
    assert not is_included(leaf, leaf_hash(b"another"), size, proof, root)
    assert not is_included((leaf + 1) % size, LEAVES[leaf], size, proof, root) or size == 1
    assert not is_included(size + leaf, LEAVES[leaf], size, proof, root)
    if proof:
        changed = list(proof)
        changed[part % len(proof)] = flipped(changed[part % len(proof)], bit)
        assert not is_included(leaf, LEAVES[leaf], size, changed, root)


def flipped(value: bytes, bit: int) -> bytes:
    """The hash with one bit changed."""
    return (int.from_bytes(value, "big") ^ 1 << bit).to_bytes(len(value), "big")
