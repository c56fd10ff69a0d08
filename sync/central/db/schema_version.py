"""The schema that this version of the central reads and writes: the newest migration's number."""

HEAD = "0030"
