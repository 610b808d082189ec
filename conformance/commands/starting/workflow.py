"""The files with which an implementation is held to what it does, in CI and elsewhere."""

from __future__ import annotations

_WORKFLOW = """\
name: conformance
on: [push, pull_request]
jobs:
  conformance:
    runs-on: ubuntu-latest
    steps:
      - uses: actions/checkout@v4
      - uses: actions/setup-python@v5
        with:
          python-version: "3.12"
      - run: python -m pip install . persistent-conformance
{steps}
"""
_RELEASED = """\
      # The release beside which it is judged: what both do is known.
      - run: python -m venv released && released/bin/python -m pip install {distribution}
"""
_CHECK = "      - run: persistent-conformance check {target} {known}"


def workflow(target: str, distribution: str, baseline: str | None) -> str:
    """A workflow that judges ``target`` beside its last release, or with a baseline if it is named.

    ``distribution`` is what the releases are of.
    """
    if baseline is None:
        known = f"--accepted {target}@released/bin/python"
        before = _RELEASED.format(distribution=distribution)
    else:
        known, before = f"--baseline {baseline}", ""
    return _WORKFLOW.format(steps=before + _CHECK.format(target=target, known=known))


__all__ = ["workflow"]
