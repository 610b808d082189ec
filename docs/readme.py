"""Write the figures of the README: ``python -m docs.readme`` runs what it shows.

What stands between ``<!-- shown: COMMAND -->`` and ``<!-- end -->`` is what the command prints. It
takes as long as the commands do; `persistent` has to be installed. What can be run in a moment is
tested where it stands instead.
"""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
import textwrap
from pathlib import Path

README = Path(__file__).parents[1] / "README.md"
#: Columns of a terminal that cannot say how many it has.
_WIDTH = 80
_SHOWN = re.compile(
    r"(?P<head><!-- shown: (?P<command>.+?) -->\n```text\n).*?(?P<tail>```\n<!-- end -->)",
    re.DOTALL,
)


def printed(command: str) -> str:
    """What ``command``, the words behind ``persistent-conformance``, prints on a terminal.

    It is a dumb one, which has 80 columns, no colours and no progress.
    """
    words = [sys.executable, "-m", "conformance", *shlex.split(command)]
    environment = {**os.environ, "NO_COLOR": "1", "TERM": "dumb"}
    ours, its = os.openpty()
    with subprocess.Popen(
        words, env=environment, cwd=README.parent, stdin=its, stdout=its, stderr=subprocess.PIPE
    ) as running:
        os.close(its)
        told = _all_of(ours)
    if running.returncode not in (0, 1):
        raise SystemExit(f"{command}: ended with {running.returncode}")
    lines = (textwrap.wrap(line, _WIDTH) or [""] for line in told.strip().splitlines())
    return "\n".join(line for wrapped in lines for line in wrapped) + "\n"


def _all_of(terminal: int) -> str:
    """What is written to a terminal until nobody has it any more."""
    told = b""
    try:
        while arrived := os.read(terminal, 1 << 16):
            told += arrived
    except OSError:
        # So says Linux that the other end was closed.
        pass
    finally:
        os.close(terminal)
    return told.decode("utf-8")


def commands() -> list[str]:
    """The commands whose output is shown."""
    return [found["command"] for found in _SHOWN.finditer(README.read_text(encoding="utf-8"))]


def main() -> None:
    """Write the README anew."""
    text = README.read_text(encoding="utf-8")
    shown = {command: printed(command) for command in commands()}
    made = _SHOWN.sub(lambda found: found["head"] + shown[found["command"]] + found["tail"], text)
    README.write_text(made, encoding="utf-8")


if __name__ == "__main__":
    main()
