"""The command line. Each command is a module of `conformance.commands`."""

from __future__ import annotations

import sys


def main() -> None:
    """Run the command line, after a look at whether our own rooms are the ones that are found."""
    from conformance.own_package import WrongRoom, require_own_rooms

    try:
        require_own_rooms()
    except WrongRoom as error:
        print(f"Error: {error}", file=sys.stderr)
        sys.exit(2)
    from conformance.commands import program

    program()
