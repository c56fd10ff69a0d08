"""The schema that this version reads and writes: the newest migration's number."""

HEAD = "0008"
