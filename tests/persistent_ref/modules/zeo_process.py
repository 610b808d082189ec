"""One process of a test over ZEO: a server, or a client that obeys its standard input.

``zeo_process.py serve FILE`` prints ``[HOST, PORT]`` and serves until its input
ends.  ``zeo_process.py HOST PORT IMPLEMENTATION`` reads one JSON list per line,
a command and its arguments, and answers each with one JSON line.
"""

from __future__ import annotations

import importlib
import json
import pkgutil
import sys
from pathlib import Path
from typing import Any

TOP = Path(__file__).parents[3]


def serve(path: str) -> None:
    import ZEO

    address, stop = ZEO.server(path)
    print(json.dumps(address), flush=True)
    sys.stdin.read()
    stop()


def use_reference() -> None:
    """Have ZODB find the reference where it looks for ``persistent``."""
    import persistent_ref

    sys.modules["persistent"] = persistent_ref
    for info in pkgutil.iter_modules(persistent_ref.__path__):
        if info.name != "modules":
            module = importlib.import_module(f"persistent_ref.{info.name}")
            sys.modules[f"persistent.{info.name}"] = module
    sys.modules["persistent.TimeStamp"] = persistent_ref.TimeStamp


class Client:
    """The commands; what they return is the answer."""

    def __init__(self, address: tuple[str, int]) -> None:
        import transaction
        import ZEO
        import ZODB

        from persistent_ref.modules import ClassFactory

        # Every transaction begins with all that others have committed.
        storage = ZEO.client(address, server_sync=True, wait_timeout=20)
        self._database = ZODB.DB(storage, class_factory=ClassFactory())
        self._manager = transaction.TransactionManager()
        self._connection = self._database.open(self._manager)

    @property
    def registry(self) -> Any:
        return self._connection.root()["modules"]

    def create(self) -> None:
        from persistent import Persistent

        from persistent_ref.modules import create_registry

        self._connection.root()["modules"] = create_registry(Persistent)

    def new(self, name: str, source: str) -> None:
        self.registry.new(name, source)

    def update(self, name: str, source: str) -> None:
        self.registry.update(name, source)

    def commit(self) -> None:
        self._manager.commit()

    def begin(self) -> None:
        self._manager.begin()

    def store(self, key: str, module: str, expression: str) -> None:
        self._connection.root()[key] = self._eval(module, expression)

    def ask(self, module: str, *expressions: str) -> list[Any]:
        """Return the value of each expression, or the name of the error."""
        return [self._answer(module, expression) for expression in expressions]

    def loaded(self) -> list[str]:
        """Return the modules whose records are loaded here."""
        records = self.registry._records.items()
        return sorted(name for name, record in records if record._p_changed is not None)

    def implementation(self) -> list[str]:
        from persistent import Persistent, PickleCache

        return [repr(Persistent), type(self._connection._cache).__name__, PickleCache.__module__]

    def version(self) -> list[int]:
        return list(sys.version_info[:2])

    def _answer(self, module: str, expression: str) -> Any:
        try:
            return self._eval(module, expression)
        except Exception as error:
            return type(error).__name__

    def _eval(self, module: str, expression: str) -> Any:
        names = {"root": self._connection.root()}
        if module:
            names["m"] = self.registry.module(module)
        return eval(expression, names)


def main() -> None:
    if sys.argv[1] == "serve":
        serve(sys.argv[2])
        return
    host, port, implementation = sys.argv[1:]
    if implementation == "ref":
        use_reference()
    client = Client((host, int(port)))
    for line in sys.stdin:
        command, *arguments = json.loads(line)
        print(json.dumps(getattr(client, command)(*arguments)), flush=True)


if __name__ == "__main__":
    sys.path.insert(0, str(TOP))
    main()
