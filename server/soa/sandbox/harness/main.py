"""From a request to its answer."""

from __future__ import annotations

import base64
import builtins
import importlib
import importlib.util
import json
import os
import sys
from typing import TYPE_CHECKING, Any, NoReturn

from . import failures
from .channel import Channel, read_all
from .confine import confine, inspect
from .examples import run_examples
from .generated import run_generated
from .guard import stand_guard
from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .origins import suspicion
from .overlay import Overlay
from .project import Project, _Loader
from .projecttests import RUNNERS, run_project_tests, runner
from .resolve import unresolved
from .trials import Trials

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

    from .projecttests import Run


def main() -> None:
    """Do one run in a process of its own."""
    perform(int(sys.argv[1]), int(sys.argv[2]), confine)


def perform(request: int, answer: int, hold: Callable[[dict[str, int]], dict[str, Any]]) -> NoReturn:
    """Do what a request asks, then end this process at once, whatever threads there are.

    Parameters
    ----------
    request, answer
        File descriptors: the one is read to its end, the other is where `Channel` writes.
    hold
        Gives up, within limits, what the project's code must not have; returns by what it is held.
    """
    asked, channel = _open(request, answer)
    given_up = hold(asked["limits"])
    channel.send(ready=True)
    task = asked["task"]
    if "inspect" in task:
        channel.send(inspected=inspect(task["inspect"], given_up))
    else:
        _prepare(asked)
        project = Project(asked)
        project.install()
        run_project = runner(task)
        stand_guard(channel, RUNNERS if run_project else ())
        _work(project, task, channel, run_project)
    channel.send(end=True)
    os._exit(0)


def _open(request: int, channel: int) -> tuple[dict[str, Any], Channel]:
    asked = json.loads(read_all(request))
    asked["overlay"] = {path: base64.b64decode(content) for path, content in asked["overlay"].items()}
    overlay = Overlay(asked["overlay"], os.environ["HOME"])
    overlay.lay()
    asked["site"] = overlay.folder
    return asked, Channel(channel, asked.pop("token"), suspicion(asked))


def _prepare(asked: dict[str, Any]) -> None:
    """Make the process look as a script's of the project would."""
    roots = asked["task"]["roots"]
    sys.path[:] = list(dict.fromkeys([*roots, asked["root"], *asked["path"]]))
    sys.prefix, sys.exec_prefix = asked["prefixes"]
    sys.argv = [""]
    sys.dont_write_bytecode = True
    os.environ["PYTHONPATH"] = os.pathsep.join([asked["site"], *roots])
    # It would write into the project, and warn where it cannot.
    os.environ["HYPOTHESIS_STORAGE_DIRECTORY"] = os.path.join(os.environ["HOME"], ".hypothesis")
    os.chdir(asked["root"])


def _work(project: Project, task: dict[str, Any], channel: Channel, run_project: Run | None) -> None:
    if task["resolve"]:
        missing = unresolved(task["resolve"])
        if missing:
            channel.send(unresolved=missing)
            return
    names: dict[str, Any] = {"__builtins__": builtins}
    if "module" in task:
        channel.send(importing=True)
        try:
            names = _names(_import(project, **task["module"]))
        except BaseException as error:
            channel.send(imported=_import_failure(error, project))
            return
    channel.send(imported={"error": ""})
    _run_tests(Trials(channel, project, task), task, names, run_project)


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


def _run_tests(trials: Trials, task: dict[str, Any], names: dict[str, Any], run_project: Run | None) -> None:
    run_examples(task["examples"], dict(names), trials)
    run_generated(task["generated"], names, trials)
    if run_project is not None:
        run_project_tests(task["project"], task["files"], run_project, trials)
