"""Starts SoA from the packages beside this file, with whatever Python there is; uses nothing but its library.

    PYTHON -I start.py [--natives DIR] check        what is missing, as one JSON object
    PYTHON -I start.py install DIR                  puts what is missing into DIR, tells its progress as JSON lines
    PYTHON -I start.py [--natives DIR] COMMAND ...  SoA's own: `serve --stdio`, `doctor --json`, `demo`, ...

`-I` is demanded: without it the user's project could put its modules before ours. DIR belongs to us, in the storage of
the extension, one for all interpreters; it need not exist. Inside is one folder for each kind of interpreter and each
set of versions, such as `cpython-311-x86_64-linux-gnu-0a1b2c3d4e5f`, and only `install` writes there.

*Natives* are packages that are compiled, hence carried for some interpreters only: see natives.txt. Packages are looked
for in `libs`, then among the natives in DIR, then in the interpreter's own environment.

check
    Ends with status 0 whatever it finds:
    `{"python": "3.11.7", "executable": "/usr/bin/python3", "supported": true, "ready": false,
    "missing": ["tree-sitter", "jiter"], "message": "..."}`. `supported`: the interpreter is new enough. `missing`:
    natives that are not there, or that are there and do not work with the rest. `ready`: supported and nothing missing.
    `message`: a sentence for the user when it is not ready, else "".
install
    Lines on stdout, in turn: any number of `{"step": "Installing jiter 0.19.0, ..."}`, and at last either
    `{"done": "/DIR/cpython-311-..."}` with status 0 or `{"error": "...", "advice": "..."}` with status 1: both are
    sentences for the user. What pip says goes to stderr. Wheels in `wheels` are taken first, then the package index of
    the user's pip configuration. It may run several times at once, and be killed at any time.
The rest
    As `soa` does. With an interpreter that is too old, or without `-I`: a sentence on stderr, status 2.

It runs on Python 3.6 and newer, to say there that SoA needs a newer one.
"""
