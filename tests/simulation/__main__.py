"""``python -m tests.simulation [--short] [--first] SEED|FROM-TO …``: run seeds; of a single one, print all events and,
in the end, all stored rows. ``--first``: without the calamities that were added later."""

from __future__ import annotations

import sys

from tests.simulation.playing import play


def main(arguments: list[str]) -> int:
    """Run the named seeds; gives how many broke an invariant."""
    short, first = "--short" in arguments, "--first" in arguments
    seeds = [seed for argument in arguments if not argument.startswith("--") for seed in _range(argument)]
    bad = 0
    for seed in seeds:
        played = play(seed, short=short, first=first)
        if len(seeds) == 1:
            print(*played.journal, *played.stored, sep="\n")
        for text in played.broken:
            print(f"seed {seed}: {text}")
        bad += bool(played.broken)
    print(f"{len(seeds)} seeds, {bad} broken")
    return bad


def _range(argument: str) -> range:
    first, _, last = argument.partition("-")
    return range(int(first), int(last or first) + 1)


if __name__ == "__main__":
    sys.exit(min(main(sys.argv[1:]), 1))
