"""Nothing that a target puts into its texts acts on who reads them: terminal, log, report, page."""

from __future__ import annotations

import unicodedata
from pathlib import Path
from xml.etree import ElementTree

import pytest

from conformance.reports.plain import PlainConsole, inert, plain
from fixtures.roles import accidental
from tests.conftest import Run
from tests.hostile import ACTING

TARGET = "tests.hostile:acts_on_the_reader"


def _acting(text: str) -> list[str]:
    return [
        letter
        for letter in text
        if letter not in "\n\t" and unicodedata.category(letter) in ("Cc", "Cf", "Cs", "Zl", "Zp")
    ]


def test_what_is_no_letter_is_escaped() -> None:
    text = "".join(ACTING)
    assert _acting(text)
    assert not _acting(plain(text))
    assert "\\x00b\\x08c\\rd\\x1b[31m" in plain(text)
    assert "\\u202ee" in plain(text)
    assert plain("a\tb\n\u00e9 \u4e16") == "a\tb\n\u00e9 \u4e16"


def test_no_line_is_a_workflow_command() -> None:
    lines = inert("".join(ACTING)).splitlines()
    assert not [line for line in lines if line.lstrip().startswith("::") or "##[" in line]
    assert inert("a::b # c") == "a::b # c"


def test_a_console_prints_no_control_characters_but_its_own(
    capsys: pytest.CaptureFixture[str],
) -> None:
    console = PlainConsole(force_terminal=True, color_system="truecolor")
    console.print("\x1b[31m\x9b", style="bold", markup=False, highlight=False)
    printed = capsys.readouterr().out
    assert "\\x1b[31m\\x9b" in printed
    assert "\x1b[1" in printed


def test_every_report_of_a_run_is_plain(run: Run, tmp_path: Path) -> None:
    files = {
        option: tmp_path / f"it.{number}"
        for number, option in enumerate(
            ("--report-json", "--junitxml", "--markdown", "--html", "--badge", "--annotations")
        )
    }
    options = [part for option in files.items() for part in option]
    findings = tmp_path / "findings"
    result = run("check", TARGET, "--clause", "ACT-10", "--findings", findings, *options)
    assert result.exit_code == 1
    texts = {option: path.read_text(encoding="utf-8") for option, path in files.items()}
    for path in findings.rglob("*"):
        if path.is_file():
            texts[path.name] = path.read_text(encoding="utf-8")
            if path.suffix == ".py":
                compile(texts[path.name], path.name, "exec")
    texts["terminal"] = result.output
    assert {name: _acting(text) for name, text in texts.items() if _acting(text)} == {}
    ElementTree.fromstring(texts["--junitxml"])
    annotations = texts["--annotations"].splitlines()
    assert annotations
    assert all(line.startswith("::error ") for line in annotations)
    assert "\\x1b" in texts["terminal"]
    log = [line.strip() for line in texts["terminal"].splitlines()]
    assert not [line for line in log if line.startswith("::") or "##[" in line]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("<cdata 'R *' 0x55d5c7>", "<cdata 'R *' 0x7f04a5bfdc10>"),
        ("<x at 0x7f>", "<x at 0x80>"),
        ("pid 123 fails", "pid 4567 fails"),
        ("object id: 140234", "object id: 94352"),
        ("cannot open /tmp/a1/x.py", "cannot open /tmp/b2/c/y.py"),
        ("<fixtures.samples_1_a_b.Plain>", "<fixtures.samples_22_c.Plain>"),
    ],
)
def test_what_differs_from_run_to_run_is_no_difference(one: str, other: str) -> None:
    assert accidental(one) == accidental(other)


@pytest.mark.parametrize(
    ("one", "other"), [("oid 0x6162636465", "oid 0x6162636466"), ("1/2", "1/3"), ("x", "y")]
)
def test_what_a_target_says_is_a_difference(one: str, other: str) -> None:
    assert accidental(one) != accidental(other)
