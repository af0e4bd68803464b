"""Marks visible English text in rooms without Qt, so that the catalogues find it."""


def QT_TRANSLATE_NOOP(context: str, text: str) -> str:
    """Return `text` unchanged; `context` is where the catalogue files it.

    The window turns the text into the user's language when it shows it, so a stored text
    follows a later change of language.
    """
    return text
