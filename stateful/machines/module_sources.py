"""Sources of modules from a small grammar, and what plain Python makes of them."""

from __future__ import annotations

import builtins
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

__all__ = ["NAMES", "Source", "execute", "look_at_instance", "look_at_module", "sources"]

#: A module imports only from those before it, so that there are no cycles.
NAMES = ("a", "p.b", "c")


@dataclass(frozen=True)
class Source:
    """The parts of a source that an edit changes.

    Each module has a value ``x``, a class ``C`` and a function ``f``. ``base`` and ``calls`` name
    modules that it imports; ``extra`` is the name of a further function. What a module derives
    from others, and what it registers in them, follows as they are executed again (PM-55).
    """

    value: int
    base: str | None = None
    calls: str | None = None
    extra: str | None = None
    special: tuple[str, ...] = ()

    @property
    def imports(self) -> set[str]:
        """The modules that it imports."""
        return {name for name in (self.base, self.calls) if name is not None}

    def text(self) -> str:
        """The source as text."""
        value = self.value
        lines = [f"x = {value}", "known = {}"]
        if self.base:
            lines.append(f"from {self.base} import C as Base, derived")
        lines.append("derived = [x, *derived]" if self.base else "derived = [x]")
        if self.calls:
            lines.append(f"import {self.calls} as other")
        lines += [f"class C({'Base' if self.base else ''}):", f"    n = {value}"]
        methods = {
            "m": f"def m(self): return {value}, x, getattr(super(), 'm', int)()",
            "__len__": f"def __len__(self): return {value}",
            "__getitem__": f"def __getitem__(self, i): return i + {value}",
            "__call__": "def __call__(self): return f(), x",
        }
        lines += [f"    {methods[name]}" for name in self.special]
        lines += ["def f(): return x, " + ("other.f()" if self.calls else str(value))]
        if self.calls:
            lines.append("other.known[__name__] = f")
        if self.extra:
            lines.append(f"def {self.extra}(): return {value}")
        return "\n".join(lines) + "\n"


def sources(importable: Sequence[str]) -> st.SearchStrategy[Source]:
    """Sources that import from ``importable``, if anything."""
    module = st.sampled_from([None, *importable])
    special = st.lists(st.sampled_from(["m", "__len__", "__getitem__", "__call__"]), unique=True)
    return st.builds(
        Source,
        st.integers(0, 9),
        module,
        module,
        st.sampled_from([None, "left", "right"]),
        special.map(lambda names: tuple(sorted(names))),
    )


def execute(texts: Mapping[str, str]) -> dict[str, ModuleType]:
    """Execute sources afresh, as ordinary modules that import one another."""
    modules: dict[str, ModuleType] = {}

    def find(
        name: str, globals: Any = None, locals: Any = None, fromlist: Any = (), level: int = 0
    ) -> ModuleType:
        module = load(name)
        # ``import p.b as other`` asks for p, and then for its attribute.
        return module if fromlist else modules[name.partition(".")[0]]

    def load(name: str) -> ModuleType:
        if name not in modules:
            module = modules[name] = ModuleType(name)
            vars(module)["__builtins__"] = {**vars(builtins), "__import__": find}
            parent, _, last = name.rpartition(".")
            if parent:
                modules.setdefault(parent, ModuleType(parent))
            exec(texts[name], vars(module))
            if parent:
                setattr(modules[parent], last, module)
        return modules[name]

    for name in texts:
        load(name)
    return {name: modules[name] for name in texts}


def look_at_instance(instance: Any) -> dict[str, Any]:
    """What an instance of a class ``C`` shows."""
    asked = {
        "n": lambda: instance.n,
        "m()": lambda: instance.m(),
        "len()": lambda: len(instance),
        "[3]": lambda: instance[3],
        "()": lambda: instance(),
        "bases": lambda: [base.__module__ for base in type(instance).__mro__ if hasattr(base, "n")],
    }
    return {name: _answer(ask) for name, ask in asked.items()}


def look_at_module(module: Any) -> dict[str, Any]:
    """What a module shows."""
    names = sorted(name for name in vars(module) if not name.startswith("__"))
    extras = {name: getattr(module, name)() for name in names if name in ("left", "right")}
    other = getattr(module, "other", None)
    registered = other is None or other.known[module.__name__] is module.f
    return {
        "x": module.x,
        "f()": module.f(),
        "names": names,
        "derived": module.derived,
        "registered": registered,
        **extras,
    }


def _answer(ask: Any) -> Any:
    try:
        return ask()
    except (TypeError, AttributeError) as error:
        return type(error).__name__
