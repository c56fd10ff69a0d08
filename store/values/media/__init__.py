"""What photos and papers are: their type by content, a safe name, a picture's working copy. Imports no decoder until a
picture is decoded, and that is in a process of its own."""
