"""How each record is shown: its columns in a list, and its page beside the list or on a screen of its own."""
