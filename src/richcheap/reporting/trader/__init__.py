"""The trader's view: what is rich and cheap now, whether such calls have paid, and what the list is made of.

Nothing here knows how a page is laid out, nor how its scripts show what is embedded.
"""

__all__ = ["embedded", "first_screen", "paid", "shown"]
