"""What is right, and comes after all that is forged."""


def right():
    """Give seven."""
    return 7
