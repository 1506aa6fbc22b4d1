"""From a request to its answer."""

from __future__ import annotations

import importlib
import importlib.util
import json
import os
import sys
from typing import TYPE_CHECKING, Any

from . import failures
from .channel import Channel, read_all
from .confine import confine, inspect
from .project import Project, _Loader

if TYPE_CHECKING:
    from types import ModuleType


def main() -> None:
    """Do what the request asks, then end at once, whatever threads there are."""
    asked, channel = _open(int(sys.argv[1]), int(sys.argv[2]))
    given_up = confine(asked["user"], asked["limits"], asked["network"])
    channel.send(ready=True)
    task = asked["task"]
    if "inspect" in task:
        channel.send(inspected=inspect(task["inspect"], given_up))
    else:
        _prepare(asked)
        _work(Project(asked), task, channel)
    channel.send(end=True)
    os._exit(0)


def _open(request: int, channel: int) -> tuple[dict[str, Any], Channel]:
    asked = json.loads(read_all(request))
    return asked, Channel(channel, asked.pop("token"))


def _prepare(asked: dict[str, Any]) -> None:
    """Make the process look as a script's of the project would."""
    roots = asked["task"]["roots"]
    sys.path[:] = list(dict.fromkeys([*roots, asked["root"], *asked["path"]]))
    sys.prefix, sys.exec_prefix = asked["prefixes"]
    sys.argv = [""]
    sys.dont_write_bytecode = True
    os.environ["PYTHONPATH"] = os.pathsep.join(roots)
    # It would write into the project, and warn where it cannot.
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(os.environ["HOME"], ".hypothesis")
    os.chdir(asked["root"])


def _work(project: Project, task: dict[str, Any], channel: Channel) -> None:
    project.install()
    if task["resolve"]:
        from .resolve import unresolved

        missing = unresolved(task["resolve"])
        if missing:
            channel.send(unresolved=missing)
            return
    names: dict[str, Any] = {}
    if "module" in task:
        channel.send(importing=True)
        try:
            names = _names(_import(project, **task["module"]))
        except BaseException as error:
            channel.send(imported=_import_failure(error, project))
            return
    channel.send(imported={"error": ""})
    _run_tests(project, task, names, channel)


def _import(project: Project, name: str, file: str) -> ModuleType:
    """Import a file by its name, or by its place if that name means another file."""
    spec = importlib.util.find_spec(name)
    if spec is not None and spec.origin and os.path.realpath(spec.origin) == os.path.realpath(file):
        return importlib.import_module(name)
    spec = importlib.util.spec_from_loader(name, _Loader(name, file, project))
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    spec.loader.exec_module(module)
    return module


def _names(module: ModuleType) -> dict[str, Any]:
    """The names a test may use: the module's, and the module itself by its first and its last name."""
    names = dict(vars(module))
    for name in (module.__name__.partition(".")[0], module.__name__.rpartition(".")[2]):
        names.setdefault(name, module if module.__name__.endswith(name) else sys.modules.get(name))
    return names


def _import_failure(error: BaseException, project: Project) -> dict[str, Any]:
    return {
        "error": failures.cut(failures.describe(error)),
        "traceback": failures.trimmed(error, project),
        "blocked_by": sorted(project.reached & project.empty),
    }


def _run_tests(project: Project, task: dict[str, Any], names: dict[str, Any], channel: Channel) -> None:
    from .trials import Trials

    trials = Trials(channel, project, task)
    if task["examples"]:
        from .examples import run_examples

        run_examples(task["examples"], dict(names), trials)
    if task["generated"]:
        from .generated import run_generated

        run_generated(task["generated"], names, trials)
    if task["project"] or task["files"]:
        from .projecttests import run_project_tests

        run_project_tests(task["project"], task["files"], trials)
