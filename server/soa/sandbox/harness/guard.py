"""Watching what the code under test reaches for, by an audit hook (PEP 578), which cannot be taken out again.

What it notices is told at once, before the code gets what it asked for.
"""

from __future__ import annotations

import sys
from _thread import RLock
from importlib.machinery import ModuleSpec
from typing import TYPE_CHECKING, Any

from .kept import own as __builtins__  # type: ignore[no-redef]  # noqa: F401
from .origins import is_behind
from .seal import sealed_modules, sealed_package

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from types import ModuleType

    from .channel import Channel
    from .origins import Suspect

_FRAMES = {"tb_frame", "gi_frame", "cr_frame", "ag_frame"}
_CODE = {"__code__", "__defaults__", "__kwdefaults__"}
_FOREIGN = {"ctypes", "_ctypes", "cffi", "_cffi_backend"}
_INTERPRETERS = {"_interpreters", "_xxsubinterpreters", "concurrent.interpreters"}
_BEGINNINGS = tuple(_FOREIGN)
_LOOKS_AT_FRAMES = "it looks at the frames of other code"
_LISTS_OBJECTS = "it lists the interpreter's objects"
_TRACES = "it sets a trace or profile function"
_REACHES_MEMORY = "it reaches for the interpreter's memory"
_MAKES_CODE = "it makes bytecode of its own"
WATCHED = {
    "sys._getframe": _LOOKS_AT_FRAMES,
    "sys._current_frames": _LOOKS_AT_FRAMES,
    "sys._current_exceptions": _LOOKS_AT_FRAMES,
    "object.__getattr__": _LOOKS_AT_FRAMES,
    "object.__setattr__": "it changes the code of functions",
    "gc.get_objects": _LISTS_OBJECTS,
    "gc.get_referrers": _LISTS_OBJECTS,
    "gc.get_referents": _LISTS_OBJECTS,
    "sys.settrace": _TRACES,
    "sys.setprofile": _TRACES,
    "sys.monitoring.register_callback": _TRACES,
    "sys.addaudithook": "it installs an audit hook",
    "cpython.PyInterpreterState_New": "it starts another interpreter",
    "code.__new__": _MAKES_CODE,
    "marshal.loads": _MAKES_CODE,
    "marshal.load": _MAKES_CODE,
    "compile": "it passes its code off as somebody else's",
    "open": _REACHES_MEMORY,
    "import": _REACHES_MEMORY,
    "ctypes.dlopen": _REACHES_MEMORY,
    "ctypes.dlsym": _REACHES_MEMORY,
    "ctypes.dlsym/handle": _REACHES_MEMORY,
    "ctypes.call_function": _REACHES_MEMORY,
    "ctypes.cdata": _REACHES_MEMORY,
    "ctypes.cdata/buffer": _REACHES_MEMORY,
    "ctypes.addressof": _REACHES_MEMORY,
    "ctypes.string_at": _REACHES_MEMORY,
    "ctypes.wstring_at": _REACHES_MEMORY,
    "ctypes.PyObj_FromPtr": _REACHES_MEMORY,
}
"""Audit events, and what is said where the candidate's code is behind one."""


def stand_guard(channel: Channel, runners: tuple[str, ...]) -> None:
    """Hide the harness and keep watch from now on; the project's code must not have run yet.

    `runners` are packages that judge tests as well.
    """
    package = __name__.partition(".")[0]
    channel.speak({"seal": package, "broken": sealed_package(package)})
    sealed_package.cache_clear()
    if runners:
        channel.speak({"seal": runners, "broken": sealed_modules(runners)})
    _hide(package)
    sys.addaudithook(_hook(channel.speak, channel.suspect))


def _hide(package: str) -> None:
    """Let no import find the harness, and let imports of what reaches into memory be seen though it is loaded."""
    for name in [n for n in sys.modules if n.startswith(package)]:
        del sys.modules[name]
    loaded = {n: sys.modules.pop(n) for n in list(sys.modules) if n.startswith(_BEGINNINGS) and _top(n) in _FOREIGN}
    if loaded:
        sys.meta_path.insert(0, _Loaded(loaded))


def _top(name: str) -> str:
    return name.partition(".")[0]


class _Loaded:
    """Finds modules that were loaded before, as they are."""

    def __init__(self, modules: dict[str, ModuleType]) -> None:
        self._modules = modules

    def find_spec(self, name: str, path: Sequence[str] | None = None, target: object = None) -> ModuleSpec | None:
        """Find one of them."""
        module = self._modules.get(name)
        return None if module is None else ModuleSpec(name, self, is_package=hasattr(module, "__path__"))  # type: ignore[arg-type]

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        """The module itself, whose spec stays its own."""
        module = self._modules[spec.name]
        spec.loader_state = module.__spec__
        return module

    def exec_module(self, module: ModuleType) -> None:
        """Nothing has to be done but to give it back its spec."""
        assert module.__spec__ is not None
        module.__spec__ = module.__spec__.loader_state


def _hook(speak: Callable[[dict[str, Any]], None], suspect: Suspect) -> Callable[[str, tuple[Any, ...]], None]:
    look, behind, watched, concerns, lock = sys._getframe, is_behind, dict(WATCHED), _concerns, RLock()
    told: set[str] = set()

    def hook(event: str, arguments: tuple[Any, ...]) -> None:
        if event not in watched or not concerns(event, arguments, suspect):
            return
        if event == "sys._getframe" and arguments[0].f_code is own:
            return
        said = watched[event]
        if said in told or not behind(look(0).f_back, suspect):
            return
        told.add(said)
        with lock:
            speak({"noticed": said, "forged": False})
        if event == "sys.addaudithook":
            raise RuntimeError("audit hooks are refused")

    own = hook.__code__
    return hook


def _concerns(event: str, arguments: tuple[Any, ...], suspect: Suspect) -> bool:
    """Whether an event is one of those that matter, as far as its arguments tell."""
    if event == "object.__getattr__":
        return arguments[1] in _FRAMES
    if event == "object.__setattr__":
        return arguments[1] in _CODE
    if event == "open":
        return type(arguments[0]) is str and arguments[0].startswith("/proc/") and arguments[0].endswith("/mem")
    if event == "import":
        return (
            arguments[0] in _FOREIGN
            or arguments[0] in _INTERPRETERS
            or (type(arguments[1]) is str and suspect(arguments[1]))
        )
    return event != "compile" or (type(arguments[1]) is str and not suspect(arguments[1]))
