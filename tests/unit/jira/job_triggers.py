"""Which door leads to which job, read from the code: who calls whom, from routes, handlers, commands and jobs down to `queue.defer`."""

import ast
import importlib
import inspect
import pkgutil
from collections import defaultdict
from collections.abc import Iterator
from types import ModuleType
from typing import Any

import sprintreports
from sprintreports.kit import queue

Node = tuple[str, str]  # module and qualified name
_SKIPPED = ("sprintreports.__main__", "sprintreports.demo", "sprintreports.sprintreports")
_DEFER = (queue.__name__, "defer")


def _modules() -> Iterator[ModuleType]:
    for found in pkgutil.walk_packages(sprintreports.__path__, "sprintreports."):
        if not found.name.startswith(_SKIPPED) and not found.name.endswith("__main__"):
            yield importlib.import_module(found.name)


def _functions(tree: ast.AST, prefix: str = "") -> Iterator[tuple[str, ast.AST]]:
    """Every function and method of a module; what stands within a function is its own."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.ClassDef):
            yield from _functions(node, f"{prefix}{node.name}.")
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield f"{prefix}{node.name}", node


def _local_imports(node: ast.AST) -> dict[str, Any]:
    names: dict[str, Any] = {}
    for found in ast.walk(node):
        if isinstance(found, ast.ImportFrom) and (found.module or "").startswith("sprintreports"):
            module = importlib.import_module(str(found.module))
            for one in found.names:
                if not hasattr(module, one.name):
                    importlib.import_module(f"{found.module}.{one.name}")
                names[one.asname or one.name] = getattr(module, one.name)
    return names


def _named(expression: ast.expr, names: dict[str, Any]) -> Any:
    """What a name or a chain of attributes stands for, where the module itself says so."""
    if isinstance(expression, ast.Name):
        return names.get(expression.id)
    if isinstance(expression, ast.Attribute):
        owner = _named(expression.value, names)
        return getattr(owner, expression.attr, None) if inspect.ismodule(owner) else None
    return None


def _calls(module: ModuleType, qualified: str, node: ast.AST) -> Iterator[Node]:
    names = {**vars(module), **_local_imports(node)}
    owner = qualified.rpartition(".")[0]
    for found in ast.walk(node):
        if isinstance(found, ast.Attribute | ast.Name):
            target = inspect.unwrap(target) if callable(target := _named(found, names)) else None
            if inspect.isfunction(target):
                yield target.__module__, target.__qualname__
            elif inspect.isclass(target) and target.__module__.startswith("sprintreports"):
                yield from (
                    (target.__module__, f"{target.__name__}.{name}") for name in ("__init__", "__call__")
                )
        if (
            isinstance(found, ast.Attribute)
            and isinstance(found.value, ast.Name)
            and found.value.id == "self"
            and owner
        ):
            yield module.__name__, f"{owner}.{found.attr}"


def _deferred(module: ModuleType, node: ast.AST) -> Iterator[str]:
    for found in ast.walk(node):
        if isinstance(found, ast.Call) and _target(found, module) == _DEFER:
            yield str(_named(found.args[1], vars(module)) or ast.literal_eval(found.args[1]))


def _target(call: ast.Call, module: ModuleType) -> Node | None:
    found = _named(call.func, vars(module))
    return (found.__module__, found.__qualname__) if inspect.isfunction(found) else None


def jobs_of() -> dict[Node, frozenset[str]]:
    """Each function of the program that leads to jobs, and to which."""
    calls: dict[Node, set[Node]] = {}
    jobs: dict[Node, set[str]] = defaultdict(set)
    for module in _modules():
        for qualified, node in _functions(ast.parse(inspect.getsource(module))):
            here = module.__name__, qualified
            calls[here] = set(_calls(module, qualified, node))
            jobs[here] |= set(_deferred(module, node))
    changed = True
    while changed:
        changed = False
        for here, callees in calls.items():
            more = set().union(*(jobs[one] for one in callees if one in jobs)) - jobs[here]
            jobs[here] |= more
            changed = changed or bool(more)
    return {here: frozenset(found) for here, found in jobs.items() if found}
