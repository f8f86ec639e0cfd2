"""Pieces of text."""


def indented(text: str, spaces: int) -> str:
    """Return lines further to the right, without the end of the last one."""
    return "\n".join(f"{' ' * spaces}{line}" for line in text.splitlines())
