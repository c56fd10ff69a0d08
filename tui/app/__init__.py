"""The app that the screens share: opening the store, navigation, screen cache, preloading, theme and language.

Imports widgets, data, keys and texts; no screen: screens are made by name, loaded when they are
first shown (`navigation.SCREENS`, the one place where they are named by string).

Use: `app.GuanjiaApp`, `navigation.make_screen`.
"""
