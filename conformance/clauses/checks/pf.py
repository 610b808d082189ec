"""PF - persistent functions, which the source of a persistent module defines."""

import functools
import inspect
import pickle
import sys
import types
import typing
from typing import Any, Dict

from conformance.clauses.expect import equal, true
from conformance.clauses.module_scene import Scene, module_check, same
from conformance.clauses.registry import MUST, SHOULD, clause
from fixtures.states import GHOST, UPTODATE

clause(
    "PF-01",
    MUST,
    "A function that a module defines at its top level is a persistent object: other persistent "
    "objects may refer to it.",
    "FUN; SEED",
)


@module_check("PF-01", each={"def": {"f": "def f(): return 1"}, "lambda": {"f": "f = lambda: 1"}})
def a_function_is_referred_to_by_another_object(scene: Scene, f: str) -> None:
    one, two = scene.start(m=f)
    scene.one.root["f"] = {"f": one.f}
    scene.share()
    found = scene.two.root["f"]["f"]
    same(found, two.f, "what the reference leads to")
    equal((found(), found._p_oid), (1, one.f._p_oid), "its value and _p_oid")


clause(
    "PF-02",
    SHOULD,
    "A call of a function that is a ghost loads it, and its module, first.",
    "TM.testModules",
)


@module_check("PF-02")
def a_ghost_is_loaded_by_a_call(scene: Scene) -> None:
    _, two = scene.start(m="x = 2\ndef f(a): return a * x\n")
    function = two.f
    function(1)
    function._p_deactivate()
    equal(function._p_state, GHOST, "_p_state")
    equal(function(3), 6, "what a call gives")
    equal(function._p_state, UPTODATE, "_p_state after the call")


@module_check("PF-02")
def a_call_loads_the_module(scene: Scene) -> None:
    one, _ = scene.start(m="x = 2\ndef f(a): return a * x\n")
    scene.one.root["f"] = [one.f]
    scene.one.commit()
    equal(scene.fresh().root["f"][0](3), 6, "what a call gives in a fresh process")


clause(
    "PF-04",
    SHOULD,
    "Defaults, keyword-only defaults, annotations, doc, name and signature of a function can be "
    "seen through it.",
    "FUN.__getattr__",
)

_SIGNED = "def f(a, b={n}, *, c: int = {n}) -> int:\n    'Number {n}.'\n    return a + b + c\n"


@module_check("PF-04")
def what_makes_up_a_function_is_seen(scene: Scene) -> None:
    modules = scene.start(m=_SIGNED.format(n=1))
    functions = [module.f for module in modules]
    for n in (1, 2):
        for f in functions:
            equal((f.__name__, f.__qualname__, f.__module__), ("f", "f", "m"), "its names")
            equal((f.__doc__, f.__defaults__), (f"Number {n}.", (n,)), "__doc__ and __defaults__")
            equal(f.__kwdefaults__, {"c": n}, "__kwdefaults__")
            equal(f.__annotations__, {"c": int, "return": int}, "__annotations__")
            hints = typing.get_type_hints(f)
            equal(hints, {"c": int, "return": int}, "typing.get_type_hints")
            equal(f.__code__.co_varnames, ("a", "b", "c"), "__code__")
            got = str(inspect.signature(f))
            equal(got, f"(a, b={n}, *, c: int = {n}) -> int", "the signature")
        scene.follow("m", _SIGNED.format(n=n + 1))


clause(
    "PF-05",
    SHOULD,
    "Functions of every kind work and follow an update: nested ones, lambdas, also as defaults, "
    "generators, coroutines, decorated ones, closures.",
    "TM.testNested, TM.testLambda",
)

#: Kind -> a source with a number in it, and an expression of ``m`` that gives that number.
_KINDS = {
    "nested": ("def f():\n    def g(): return {n}\n    return g()\n", "m.f()"),
    "lambda": ("f = lambda: {n}\n", "m.f()"),
    "default": ("def f(g=lambda: {n}): return g()\n", "m.f()"),
    "generator": ("def f():\n    yield {n}\n", "next(m.f())"),
    "coroutine": ("async def f(): return {n}\n", "run(m.f()) if is_coroutine(m.f) else None"),
    "closure": (
        "def f():\n    n = 0\n    def g():\n        return n + {n}\n    return g\n",
        "m.f()()",
    ),
    "recursion": ("def f(i={n}): return i and 1 + f(i - 1)\n", "m.f()"),
    "decorated": (
        (
            "import functools\ndef d(f):\n    @functools.wraps(f)\n"
            "    def w(*a): return f(*a)\n    return w\n@d\ndef f(): return {n}\n"
        ),
        "m.f()",
    ),
    "cached": ("import functools\n@functools.lru_cache\ndef f(): return {n}\n", "m.f()"),
    "context": (
        (
            "import contextlib\n@contextlib.contextmanager\ndef c(): yield {n}\n"
            "def f():\n    with c() as n: return n\n"
        ),
        "m.f()",
    ),
    "conditional": (
        "if {n} % 2:\n    def f(): return {n}\nelse:\n    def f(): return {n}\n",
        "m.f()",
    ),
}


def _run(coroutine: Any) -> Any:
    """What a coroutine returns that waits for nothing."""
    try:
        coroutine.send(None)
    except StopIteration as done:
        return done.value
    return None


def _is_coroutine(function: Any) -> bool:
    """What ``inspect`` says of a function; before Python 3.11, it knows plain functions only."""
    plain = getattr(function, "__wrapped__", function)
    return inspect.iscoroutinefunction(plain)


@module_check(
    "PF-05",
    each={kind: {"source": kinds[0], "expression": kinds[1]} for kind, kinds in _KINDS.items()},
)
def every_kind_of_function_follows(scene: Scene, source: str, expression: str) -> None:
    modules = scene.start(m=source.replace("{n}", "1"))
    functions = [module.f for module in modules]
    for number in (1, 2, 3):
        used = {"run": _run, "is_coroutine": _is_coroutine}
        got = [eval(expression, {"m": module, **used}) for module in modules]
        equal(got, [number] * 2, f"the value of {expression} in both processes")
        scene.follow("m", source.replace("{n}", str(number + 1)))
    same([module.f for module in modules], functions, "the functions")


clause("PF-07", SHOULD, "A function as an attribute of a class binds as a method.", "CLS")


@module_check("PF-07")
def a_function_binds_as_a_method(scene: Scene) -> None:
    scene.start(
        m="def hi(self, x): return self.n, x\nclass C:\n    n = 1\n    hi = hi\n",
        user="import m\nclass D:\n    n = 2\n    hi = m.hi\n",
    )
    for connection in (scene.one, scene.two):
        module, user = connection.registry.find("m"), connection.registry.find("user")
        equal((module.C().hi(5), user.D().hi(6)), ((1, 5), (2, 6)), "what the methods give")
        same(user.D.hi, module.hi, "the attribute of the class")


clause(
    "PF-08",
    MUST,
    "To all that looks at it, a function of a module is a function: to inspect, to what wraps or "
    "decorates it, to what counts frames or asks for the caller, and to pickle.",
    "SEED (a familiar model)",
)

_SEEN = (
    "import sys\n"
    "def f(a, b=1): 'Text.'; return a\n"
    "def caller(): return sys._getframe(1).f_code.co_name\n"
    "def depth(): return len(list(frames(sys._getframe())))\n"
    "def frames(frame):\n    while frame: yield frame; frame = frame.f_back\n"
    "def deep(n): return n and 1 + deep(n - 1)\n"
)


@module_check("PF-08")
def tools_take_it_for_a_function(scene: Scene) -> None:
    for module in scene.start(m=_SEEN):
        f = module.f
        true(inspect.isfunction(f) and isinstance(f, types.FunctionType), "it is a function")
        f.mark = 1
        equal((vars(f), f.__dict__), ({"mark": 1}, {"mark": 1}), "its __dict__")
        f.__dict__["other"] = 2
        wrapper: Any = functools.wraps(f)(lambda: 0)
        equal((f.other, wrapper.other), (2, 2), "what is set in its __dict__")
    module = scene.one.registry.find("m")
    with scene.facility.ModuleFinder(scene.one.registry):
        pickled = pickle.dumps([module.f, module], protocol=2)
        same(pickle.loads(pickled), [module.f, module], "what a pickle gives")
        true(b"Text." not in pickled, "a pickle has the names alone")


@module_check("PF-08")
def no_frame_is_added(scene: Scene) -> None:
    plain: Dict[str, Any] = {}
    exec(_SEEN, plain)
    for module in scene.start(m=_SEEN):
        for state in ("loaded", "ghost"):
            for name, expected in (("caller", "no_frame_is_added"), ("depth", plain["depth"]())):
                function = getattr(module, name)
                if state == "ghost":
                    function._p_deactivate()
                equal(function(), expected, f"{name}() of a function that is {state}")
        sys.setrecursionlimit(sys.getrecursionlimit() + 300)
        try:
            room = sys.getrecursionlimit() - plain["depth"]() - 100
            equal(module.deep(room), room, "how deep a function can call itself")
        finally:
            sys.setrecursionlimit(sys.getrecursionlimit() - 300)


clause(
    "PF-09",
    MUST,
    "Whoever holds a function or a bound method sees its new behaviour when super() comes to it or "
    "leaves it, in every kind of class and method.",
    "SEED (changes are reflected in objects imported into other modules); PAT",
)

_HEAD = "import abc, functools\nclass Base{meta}:\n    def f(self): return 'base'\n"
_METHODS = {
    "method": "    def f(self): return {value}\n",
    "lambda": "    f = lambda self: {value}\n",
    "decorated": (
        "    def d(f):\n        @functools.wraps(f)\n        def w(self): return f(self)\n"
        "        return w\n    @d\n    def f(self): return {value}\n"
    ),
    "property": "    @property\n    def g(self): return {value}\n    def f(self): return self.g\n",
}


@module_check(
    "PF-09",
    each={
        f"{kind} of {base or 'a class'}": {"method": method, "meta": base}
        for kind, method in _METHODS.items()
        for base in ("", "(abc.ABC)")
    },
)
def what_is_held_gains_and_loses_super(scene: Scene, method: str, meta: str) -> None:
    def source(value: str) -> str:
        return _HEAD.replace("{meta}", meta) + f"class C(Base):\n{method.format(value=value)}"

    modules = scene.start(m=source("'old'"))
    held = [(module.C.f, module.C().f, module.C()) for module in modules]
    for value, expected in (
        ("'new ' + super().f()", "new base"),
        ("'plain'", "plain"),
        ("__class__.__name__ + super().f()", "Cbase"),
    ):
        scene.follow("m", source(value))
        for function, bound, instance in held:
            got = function(instance), bound(), instance.f()
            equal(got, (expected,) * 3, f"what is held gives, with {value}")
