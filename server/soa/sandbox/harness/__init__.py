"""What runs inside a sandbox, in the project's interpreter: standard library only, Python 3.9 or newer.

It is shipped as `soa_harness`, compiled by that interpreter, and never imported by the server. It reads one request
(JSON) from one file descriptor and writes its answer to another: a JSON object a line, each behind its signature.

Request
-------
token       signs each line of the answer, together with its number
user        the uid to become; null: stay
limits      cpu (seconds), memory, file (bytes), processes
network     whether networks may be used that others are on, too
path        `sys.path` of the interpreter
prefixes    its `sys.prefix` and `sys.exec_prefix`
outside     folders whose files are not the project's, though they may lie in its root
root        the workspace
overlay     path to content (base64) where files cannot be mounted; else empty
task        what is asked:

    roots       folders to put before `path`
    module      {name, file}: the module under test; may be missing
    subject     `src/x.py::f`, the function under test; may be missing: then every test counts
    watched     file relative to root -> qualified names whose calls are recorded, empty or not
    resolve     [{module, attribute, package}]: what must exist
    examples    [{key, source}]: one doctest, in order; what they should show is not told
    generated   [{key, source}]
    project     [{key, name}]: pytest nodes
    files       [file]: whole files of project tests; their keys are the names of the nodes
    share       seconds for each test
    inspect     [path]: report on the sandbox itself and which of these paths can be seen

Answer, in this order: {ready}, {unresolved: [sentence]} or {imported: {...}}, for each test {started: key} then
{result: key, outcome, ...}, and last {end}. Anywhere between: {noticed: what the code under test did, forged}. The
outcome of an example is `ran`, with what it printed and raised.
"""
