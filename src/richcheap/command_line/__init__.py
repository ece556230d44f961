"""What the commands take, and what follows from that: completion in shells, and the page that lists them.

Nothing heavy is imported here, so that help and completion are quick; what a command does lies in a module of its name.
"""

__all__ = ["commands", "parsers"]
