"""The disk fails at the k-th write, flush or read of a command, for every k: all or nothing, and a clear sentence."""
