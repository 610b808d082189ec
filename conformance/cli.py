"""The command line. Each command is a module of `conformance.commands`."""

from __future__ import annotations

import gc
import sys


def main() -> None:
    """Run the command line; Ctrl-C before a command has begun ends with the same code as later."""
    try:
        _run()
    except KeyboardInterrupt:
        sys.exit(130)


def _run() -> None:
    """Run the command line, after a look at whether the packages that are found are our own."""
    from conformance.own_package import ForeignPackage, require_own_packages

    try:
        require_own_packages()
    except ForeignPackage as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    # Nearly all that is made while modules are imported stays.
    gc.disable()
    from conformance.commands import program

    gc.enable()
    program()
