"""Candidates that use what a hostile project has laid ready for them. Run in the sandbox only."""


def follows_links():
    """Read and write through links that the project has."""
    import os

    from aim import FACTS, Attempts, content

    tried = Attempts()
    for name in ("to_home", "to_key", "to_root", "to_parent", "to_env", "to_beside"):
        path = os.path.join(FACTS["project"], name)
        for inner in ("", "/secret.txt", "/.ssh/id_ed25519", "/etc/shadow", FACTS["beside"] + "/secret.txt"):
            tried.leaks(name + inner, content, path + inner)
            tried.refused("writing " + name + inner, os.open, path + inner, os.O_WRONLY)
        tried.refused("listing " + name, os.listdir, path + "/.ssh")
    return tried.verdict()


def opens_its_own_file():
    """Open its own file, which is another one than it seems, by all calls that there are."""
    import os

    from aim import Attempts, content

    tried = Attempts()
    tried.refused("writing", open, __file__, "a")
    tried.refused("writing below", os.open, __file__, os.O_WRONLY)
    tried.refused("replacing", os.rename, __file__, __file__ + "-old")
    tried.leaks("reading", content, __file__)
    return tried.verdict()
