"""A mother without imagination: one helper hands on the arguments, another does the work."""

from __future__ import annotations

import ast
import textwrap
from typing import TYPE_CHECKING

from roundtrip.truth import Truth  # noqa: TC001

if TYPE_CHECKING:
    from loopback import ChatRequest
    from roundtrip.library import Function


class Splitter:
    """Answers a mother with a skeleton, and a child with the true body, however deep the helper lies."""

    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.bodies: dict[str, str] = {}
        """Implementation of each helper, by its target."""
        self.skeletons = 0

    def __call__(self, request: ChatRequest) -> str:
        if request.target in self.bodies:
            node = ast.parse(self.bodies[request.target]).body[0]
            return self._answer(request, node, self.bodies[request.target])
        found = self.truth.find(request)
        if found is None or request.step == "tests":
            return self.truth(request)
        return self._answer(request, found[1], self.truth(request))

    def _answer(self, request: ChatRequest, node: Function, whole: str) -> str:
        if request.agent != "mother" or request.step == "feedback" or not splittable(node):
            return whole if whole.startswith(("`", "~", "I", "H", "<")) else f"```python\n{whole}\n```"
        self.skeletons += 1
        path, _, qualname = request.target.partition("::")
        owner = qualname.rpartition(".")[0]
        skeleton, bodies = split(node, method=bool(owner))
        for name, body in bodies.items():
            self.bodies[f"{path}::{owner}.{name}" if owner else f"{path}::{name}"] = body
        return f"```python\n{skeleton}\n```"


def splittable(node: Function) -> bool:
    """Whether a function can be cut in two without a thought: plain parameters, no `super()`, nothing mangled."""
    a = node.args
    names = {n.id for n in ast.walk(node) if isinstance(n, ast.Name)}
    attributes = {n.attr for n in ast.walk(node) if isinstance(n, ast.Attribute)}
    decorators = {ast.unparse(d) for d in node.decorator_list}
    return (
        isinstance(node, ast.FunctionDef)
        and not (a.vararg or a.kwarg or a.kwonlyargs or a.posonlyargs)
        and not names & {"super", "__class__", "locals"}
        and not any(n.startswith("__") and not n.endswith("__") for n in names | attributes)
        and not decorators & {"classmethod", "staticmethod"}
    )


def split(node: Function, *, method: bool) -> tuple[str, dict[str, str]]:
    """A skeleton, and the implementations of its helpers by name."""
    names = [p.arg for p in node.args.args]
    given, result = f"_{node.name.strip('_')}_given", f"_{node.name.strip('_')}_result"
    body = node.body[1:] if ast.get_docstring(node) else node.body
    receiver, rest = (f"{names[0]}.", names[1:]) if method else ("", names)
    parameters, arguments = ", ".join(names), ", ".join(rest)
    bundle = arguments if rest else "None"
    header = ast.unparse(node).split("\n")
    start = next(i for i, line in enumerate(header) if line.startswith(("def ", "async def ")))
    skeleton = (
        f"{header[start]}\n"
        f"    {arguments or 'ready'} = {receiver}{given}({arguments})\n"
        f"    return {receiver}{result}({arguments})\n\n\n"
        f'def {given}({parameters}):\n    """Give the arguments back as they are."""\n\n\n'
        f'def {result}({parameters}):\n    """Do the work of `{node.name}` with these arguments."""\n'
    )
    work = ast.parse(f"def {result}({parameters}):\n    pass").body[0]
    work.body = body
    plain = ast.unparse(ast.fix_missing_locations(work))
    return skeleton, {
        given: f"def {given}({parameters}):\n    return {bundle}",
        result: textwrap.dedent(plain),
    }
