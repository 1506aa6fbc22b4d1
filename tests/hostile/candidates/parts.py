"""Candidates after keys that lie deep in a project. Run in the sandbox only."""


def reads_keys_of_parts():
    """Read the keys of the parts that a project is made of."""
    from aim import FACTS, Attempts, content

    tried = Attempts()
    for name in ("backend/.env", "backend/.env.production", "backend/.git/config"):
        tried.leaks(name, content, FACTS["project"] + "/" + name)
    return tried.verdict()
