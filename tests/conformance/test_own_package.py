"""Another distribution's ``fixtures`` is told apart from ours."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

TOP = Path(__file__).parents[2]

_PROGRAM = """
import sys
sys.path[:0] = [{other!r}]
sys.path.append({top!r})
from conformance.cli import main
sys.argv = ["persistent-conformance", "targets"]
main()
"""


def _run(other: Path) -> subprocess.CompletedProcess[str]:
    program = _PROGRAM.format(other=str(other), top=str(TOP))
    return subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, cwd=other, check=False
    )


def test_a_foreign_package_of_that_name_is_a_clear_error(tmp_path: Path) -> None:
    (tmp_path / "fixtures").mkdir()
    (tmp_path / "fixtures" / "__init__.py").write_text("class Fixture: pass\n")
    result = _run(tmp_path)
    assert result.returncode == 2
    assert "belongs to another distribution of that name" in result.stderr
    assert "Traceback" not in result.stderr


def test_our_own_is_accepted(tmp_path: Path) -> None:
    result = _run(tmp_path)
    assert result.returncode == 0, result.stderr
