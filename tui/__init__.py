"""What a person sees and types: screens, widgets, words and the command line."""

import os

# Textual asks terminals for a Kitty key mode in which an input method's commit of five or more Chinese characters
# turns to noise; it reads this setting once, when it is first imported, so it is set before any of our modules can.
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
