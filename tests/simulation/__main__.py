"""``python -m tests.simulation SEED|FROM-TO …``: play seeds; of a single one, print all that happened."""

from __future__ import annotations

import sys

from tests.simulation.playing import play


def main(words: list[str]) -> int:
    """Play the seeds named; gives how many broke an invariant or ended in an error."""
    seeds = [seed for word in words for seed in _range(word)]
    bad = 0
    for seed in seeds:
        played = play(seed)
        if len(seeds) == 1:
            print(*played.journal, sep="\n")
        for text in played.broken:
            print(f"seed {seed}: {text}")
        bad += bool(played.broken)
    print(f"{len(seeds)} seeds, {bad} broken")
    return bad


def _range(word: str) -> range:
    first, _, last = word.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
