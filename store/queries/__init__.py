"""The named reads: plain SQL on a store connection, each with one line saying what it answers.

> Nothing here imports SQLModel or the registry of kinds: the first paint and the lookup wait for these modules.
> A list is built by a fixed number of queries, whatever its length. Long lists are entered at any position
> (``paging.py``). What people are shown as names is joined here; ids stay beside them.

Fields are named as the command line prints them, so ``dataclasses.asdict`` of a row is its JSON.
"""
