"""What the extension and the server have to agree on: ids, settings, messages, on both sides as they are written."""

import json
import re
import types
import typing
from operator import ge, gt, le
from pathlib import Path

import attrs
import pytest

from soa.lsp import custom, names
from soa.lsp.wire import camel_case
from soa.settings import Settings

CLIENT = Path(__file__).parents[2] / "client-vscode"
SOURCES = {path.name: path.read_text() for path in sorted((CLIENT / "src").glob("*.ts"))}
PROTOCOL = SOURCES["protocol.ts"]
PACKAGE = json.loads((CLIENT / "package.json").read_text())
CONTRIBUTES = PACKAGE["contributes"]
PROPERTIES = {
    name.removeprefix("soa."): schema
    for group in CONTRIBUTES["configuration"]
    for name, schema in group["properties"].items()
}
OF_THE_CLIENT = {"interpreter", "trace.server"}
"""Settings that no server is told."""

CONSTANT = re.compile(r'^export const ([A-Z_]+) = "(soa\.\w+)";$', re.MULTILINE)
LIST = re.compile(r"^export const COMMANDS = \[\n([^\]]+)\] as const;$", re.MULTILINE)
MESSAGE = re.compile(
    r'^export const ([A-Z_]+) = (request|notification)<([\w, ]+)>\("(soa/\w+)"\);$',
    re.MULTILINE,
)
UNUSED = {"soa/exchanges"}
"""Messages for other editors: this one has the same as documents of the server's."""
INTERFACE = re.compile(r"^export interface (\w+) \{\n(.*?)^\}$", re.MULTILINE | re.DOTALL)
FIELD = re.compile(r"^  readonly (\w+)(\??): (.+);$")
DESCRIBED = re.compile(r"^`(soa/\w+)` +(request|notification) to the \w+: `(\w+)`(?: -> `(\w+)`)?$", re.MULTILINE)

PARTLY = {"ProposalText"}
"""Of these the client declares only what it uses."""
SENT = {"HistoryParams", "ProposalParams", "Completion"}
"""What the client writes: it may leave out what has a default. All else is complete when it comes."""


def interfaces():
    """The fields of each interface: name -> (may be missing, type). A line that is not understood fails."""
    found = {}
    for name, body in INTERFACE.findall(PROTOCOL):
        fields = [FIELD.match(line) for line in body.splitlines()]
        assert all(fields), f"{name} has a line that this test does not understand:\n{body}"
        found[name] = {field[1]: (field[2] == "?", field[3]) for field in fields}
    return found


INTERFACES = interfaces()


def in_typescript(hint):
    """A Python type as protocol.ts writes it."""
    if hint in (str, int, float, bool):
        return {str: "string", bool: "boolean"}.get(hint, "number")
    if hint is type(None):
        return "null"
    origin, parts = typing.get_origin(hint), typing.get_args(hint)
    if origin is tuple:
        return f"readonly {in_typescript(parts[0])}[]"
    if origin is typing.Literal:
        return " | ".join(f'"{part}"' for part in parts)
    if origin in (types.UnionType, typing.Union):
        return " | ".join(in_typescript(part) for part in parts)
    return hint.__name__ if hint.__name__ in INTERFACES else inline(hint)


def inline(cls):
    fields = (f"readonly {camel_case(a.name)}: {in_typescript(a.type)}" for a in attrs.fields(attrs.resolve_types(cls)))
    return f"{{ {'; '.join(fields)} }}"


def agrees(written, hint):
    """Whether a type in protocol.ts stands for a Python type; texts may be less strict there."""
    return written == in_typescript(hint) or (written == "string" and typing.get_origin(hint) is typing.Literal)


def expected_type(cls, field):
    """Of a field; what may be left out is not sent as null."""
    given = [part for part in typing.get_args(field.type) if part is not type(None)]
    return given[0] if cls in SENT and len(given) == 1 and field.default is None else field.type


def test_commands_have_the_same_constants():
    constants = dict(CONSTANT.findall(PROTOCOL))
    listed = re.findall(r"[A-Z_]+", LIST.search(PROTOCOL)[1])
    ours = {name: value for name, value in vars(names).items() if isinstance(value, str) and value in names.COMMANDS}
    assert constants == ours
    assert tuple(constants[name] for name in listed) == names.COMMANDS


def test_messages_have_the_same_constants():
    theirs = {name: method for name, _, _, method in MESSAGE.findall(PROTOCOL)}
    ours = {name: value for name, value in vars(names).items() if isinstance(value, str) and value.startswith("soa/")}
    assert theirs == {name: method for name, method in ours.items() if method not in UNUSED}


def test_messages_take_and_give_the_same_values():
    theirs = {}
    for _, kind, generics, method in MESSAGE.findall(PROTOCOL):
        theirs[method] = (kind, *("None" if one == "null" else one for one in generics.split(", ")))
    ours = {method: (kind, *filter(None, values)) for method, kind, *values in DESCRIBED.findall(custom.__doc__)}
    assert theirs == {method: values for method, values in ours.items() if method not in UNUSED}


def test_every_id_of_ours_in_the_protocol_is_a_constant():
    written = set(re.findall(r'"(soa[./]\w+)"', PROTOCOL))
    known = {value for _, value in CONSTANT.findall(PROTOCOL)} | {method for *_, method in MESSAGE.findall(PROTOCOL)}
    assert written == known


@pytest.mark.parametrize("name", INTERFACES)
def test_values_have_the_same_fields(name):
    fields = {camel_case(a.name): a for a in attrs.fields(attrs.resolve_types(getattr(custom, name)))}
    theirs = INTERFACES[name]
    assert theirs.keys() <= fields.keys() if name in PARTLY else list(theirs) == list(fields)
    for field, (optional, written) in theirs.items():
        hint = expected_type(name, fields[field])
        assert agrees(written, hint), f"{name}.{field} is {written} there and {in_typescript(hint)} here"
        assert optional == (name in SENT and fields[field].default is not attrs.NOTHING), f"{name}.{field}"


def test_the_role_and_the_status_of_runs_and_agents_are_spelled_out():
    fields = INTERFACES["AgentState"]["role"], INTERFACES["RunState"]["status"], INTERFACES["ChatMessage"]["role"]
    assert all(written.startswith('"') for _, written in fields)


def test_each_command_is_contributed_once_and_known_to_somebody():
    contributed = [command["command"] for command in CONTRIBUTES["commands"]]
    own = set(contributed) - set(names.COMMANDS)
    assert len(set(contributed)) == len(contributed)
    assert set(names.COMMANDS) <= set(contributed)
    code = "\n".join(text for name, text in SOURCES.items() if name != "protocol.ts")
    assert {command for command in own if f'"{command}"' not in code} == set()
    registered = set(re.findall(r'registerCommand\(\s*"(soa\.\w+)"', code))
    assert registered <= set(contributed)


def test_menus_keys_and_links_call_commands_that_exist():
    views = {f"{view['id']}.focus" for views in CONTRIBUTES["views"].values() for view in views}
    known = {command["command"] for command in CONTRIBUTES["commands"]} | views
    entries = [entry for menu in CONTRIBUTES["menus"].values() for entry in menu] + CONTRIBUTES["keybindings"]
    linked = re.findall(r"command:(soa[\w.]+)", json.dumps(CONTRIBUTES))
    assert {entry["command"] for entry in entries} | set(linked) <= known


def test_the_keys_are_those_for_accept_and_reject():
    assert [key["command"] for key in CONTRIBUTES["keybindings"]] == [names.ACCEPT, names.REJECT]


def bounds(validator):
    """What a validator demands of a number, as JSON Schema says it."""
    parts = getattr(validator, "_validators", (validator,))
    keys = {ge: "minimum", gt: "exclusiveMinimum", le: "maximum"}
    return {keys[part.compare_func]: part.bound for part in parts}


def schema_of(field):
    """How a setting is to be declared."""
    choices = typing.get_args(field.type)
    if choices:
        return {"type": "string", "default": field.default, "enum": list(choices)}
    kind = {str: "string", int: "integer", float: "number"}[field.type]
    return {"type": kind, "default": field.default, **(bounds(field.validator) if field.validator else {})}


FIELDS = {camel_case(a.name): a for a in attrs.fields(attrs.resolve_types(Settings))}


def test_all_settings_are_declared_and_no_others():
    assert PROPERTIES.keys() - OF_THE_CLIENT == FIELDS.keys()
    assert len(PROPERTIES) == sum(len(group["properties"]) for group in CONTRIBUTES["configuration"])


@pytest.mark.parametrize("name", FIELDS)
def test_a_setting_has_the_same_type_default_and_bounds(name):
    keys = ("type", "default", "enum", "minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum")
    declared = {key: PROPERTIES[name][key] for key in keys if key in PROPERTIES[name]}
    assert declared == schema_of(FIELDS[name])


@pytest.mark.parametrize("name", PROPERTIES)
def test_a_setting_is_explained_and_has_a_scope(name):
    schema = PROPERTIES[name]
    assert schema["markdownDescription"].endswith(".")
    assert schema["scope"] in ("resource", "window", "machine-overridable")
    assert len(schema.get("markdownEnumDescriptions", ())) == (len(schema.get("enum", ())) if name in FIELDS else 0)


def test_what_could_harm_is_not_taken_from_a_workspace_that_is_not_trusted():
    restricted = PACKAGE["capabilities"]["untrustedWorkspaces"]["restrictedConfigurations"]
    assert {"soa.interpreter", "soa.python", "soa.model", "soa.baseUrl", "soa.sandbox", "soa.onSave"} <= set(restricted)
    assert {name.removeprefix("soa.") for name in restricted} <= PROPERTIES.keys()


def test_the_client_says_of_itself_what_the_server_reads():
    assert all(f"{option}:" in SOURCES["client.ts"] for option in ("commandLinks", "complete", "trusted"))


def test_documents_of_the_server_go_by_the_same_schemes():
    code = "\n".join(SOURCES.values()) + json.dumps(PACKAGE)
    known = {*names.SCHEMES, "soa-doctor"}
    assert set(re.findall(r"\bsoa-(?:proposal|exchanges|doctor)\w*", code)) <= known
    assert f'"{names.PROPOSALS}"' in SOURCES["diff.ts"]
    assert f"resourceScheme == {names.PROPOSALS}" in json.dumps(CONTRIBUTES["menus"])


def test_the_extension_and_the_server_have_the_same_version():
    project = (CLIENT.parent / "pyproject.toml").read_text()
    assert PACKAGE["version"] == re.search(r'^version = "([^"]+)"', project, re.MULTILINE)[1]


def test_what_the_package_points_at_is_there():
    steps = [step for one in CONTRIBUTES["walkthroughs"] for step in one["steps"]]
    media = [step["media"].get("markdown") or step["media"]["svg"] for step in steps]
    containers = [one["icon"] for one in CONTRIBUTES["viewsContainers"]["activitybar"]]
    assert all((CLIENT / path).is_file() for path in [PACKAGE["icon"], *media, *containers])
