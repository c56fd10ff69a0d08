"""What a person sees and types: screens, widgets, words and the command line."""

import os

# Textual asks terminals for a Kitty key mode in which an input method's commit of five or more Chinese characters
# turns to noise; it reads this setting once, when it is first imported, so it is set before any of our modules can.
os.environ["TEXTUAL_DISABLE_KITTY_KEY"] = "1"
# Textual draws at fixed moments, and what a thread has read may wait for two of them: at 60 a second that is 33 ms, two
# thirds of what a key may take, at 250 it is 8. More is drawn only where more has changed. For a slow line one may set
# less.
os.environ.setdefault("TEXTUAL_FPS", "250")
