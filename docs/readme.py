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
#: Letters of a line.
_WIDTH = 100
_SHOWN = re.compile(
    r"(?P<head><!-- shown: (?P<command>.+?) -->\n```text\n).*?(?P<tail>```\n<!-- end -->)",
    re.DOTALL,
)


def printed(command: str) -> str:
    """What ``command``, the words behind ``persistent-conformance``, prints on 100 columns."""
    words = [sys.executable, "-m", "conformance", *shlex.split(command)]
    environment = {**os.environ, "COLUMNS": str(_WIDTH), "NO_COLOR": "1"}
    done = subprocess.run(
        words, env=environment, cwd=README.parent, stdout=subprocess.PIPE, text=True, check=False
    )
    if done.returncode not in (0, 1):
        raise SystemExit(f"{command}: ended with {done.returncode}")
    lines = (textwrap.wrap(line, _WIDTH) or [""] for line in done.stdout.splitlines())
    return "\n".join(line for wrapped in lines for line in wrapped) + "\n"


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
