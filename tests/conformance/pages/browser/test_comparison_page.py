"""The page of a comparison in a browser: filters, keyboard, details, links, and hostile texts."""

from __future__ import annotations

import pytest

from tests.conformance.pages.browser.conftest import Browser
from tests.conftest import Compared

Keys = pytest.importorskip(
    "selenium.webdriver.common.keys", reason="needs the extra 'browser'"
).Keys
SHOWN = "#matrix tbody tr:not(.area):not([hidden])"


@pytest.fixture
def page(window: Browser, three: Compared) -> Browser:
    """The page, read and ready."""
    return _opened(window, three)


def _opened(window: Browser, three: Compared, fragment: str = "") -> Browser:
    window.open(three.folder / "it.html", fragment)
    window.wait_until("return document.body.dataset.ready === 'true'")
    return window


def _press(page: Browser, *keys: str) -> None:
    for key in keys:
        page.driver.switch_to.active_element.send_keys(key)


def _focused(page: Browser) -> str:
    return str(page.run("return document.activeElement.textContent"))


def test_the_matrix_shows_every_clause_and_its_verdicts(page: Browser, three: Compared) -> None:
    clauses = three.data["clauses"]
    assert page.texts("#matrix .id") == [clause["id"] for clause in clauses]
    rows = page.run(
        "return [...document.querySelectorAll('#matrix tbody tr:not(.area)')]"
        ".map((row) => [...row.querySelectorAll('button')].map((b) => b.firstChild.textContent))"
    )
    assert rows == [[cell["verdict"] for cell in clause["cells"]] for clause in clauses]
    assert page.complaints() == []


def test_filters_leave_what_fits(page: Browser) -> None:
    everything = len(page.all(SHOWN))
    page.one("#search").send_keys("unsaved jar")
    assert page.texts(f"{SHOWN} .id") == ["STATE-01"]
    assert page.one("#found").text == f"1 of {everything} clauses"
    page.press("#filters button")
    page.choose("#area", "REPR")
    page.run("document.getElementById('area').dispatchEvent(new Event('input', {bubbles: true}))")
    assert page.texts(f"{SHOWN} .id") == ["REPR-01"]
    page.press("#filters button")
    page.wait_until(
        "return document.querySelectorAll(arguments[0]).length === arguments[1]", SHOWN, everything
    )


def test_filters_stand_in_the_address(page: Browser, three: Compared) -> None:
    page.one("#search").send_keys("unsaved jar")
    page.wait_until("return location.hash === '#?search=unsaved+jar'")
    _opened(page, three, "#?level=MUST&differing=on&search=unsaved+jar")
    assert page.one("#search").get_attribute("value") == "unsaved jar"
    assert page.run("return document.getElementById('differing').checked") is True
    assert page.texts(f"{SHOWN} .id") == ["STATE-01"]


def test_what_matters_most_comes_first_and_opens(page: Browser, three: Compared) -> None:
    musts = [each["id"] for each in three.data["clauses"] if len(each["groups"]) > 1]
    assert page.texts("#first li button") == musts
    page.press("#first li:first-child button")
    assert page.one("#detail-title").text.startswith(f"{musts[0]} on ")
    assert page.complaints() == []


def test_the_keyboard_is_enough(page: Browser, three: Compared) -> None:
    _press(page, "/")
    assert page.run("return document.activeElement.id") == "search"
    page.run("document.querySelector('#matrix button[tabindex=\"0\"]').focus()")
    id = three.data["clauses"][0]["id"]
    assert _focused(page).endswith(f"{id} on ref 0.1.0")
    _press(page, Keys.ARROW_RIGHT)
    label = three.data["implementations"][1]["label"]
    assert _focused(page).endswith(f"{id} on {label}")
    _press(page, Keys.ENTER)
    assert page.one("#detail-title").text == f"{id} on {label}"
    page.run("document.querySelector('.stepper .steps button').focus()")
    before = page.one(".stepper [role=status]").text
    _press(page, Keys.ARROW_RIGHT if before.startswith("Step 1 ") else Keys.ARROW_LEFT)
    assert page.one(".stepper [role=status]").text != before
    _press(page, Keys.ESCAPE)
    assert page.run("return document.getElementById('detail').open") is False
    assert _focused(page).endswith(f"{id} on {label}")


def test_a_cell_opens_the_trace_as_it_was_recorded(page: Browser, three: Compared) -> None:
    data = three.data
    _opened(page, three, "#STATE-01/1")
    clause = next(each for each in data["clauses"] if each["id"] == "STATE-01")
    shown = clause["cells"][1]["shown"][0]
    for text in (clause["sentence"], shown["what"], shown["expected"], shown["got"]):
        # What the driver cannot carry stays in the browser.
        body = "document.getElementById('detail-body').textContent"
        assert page.run(f"return {body}.includes(arguments[0])", text), text
    trace = data["traces"][shown["trace"]]
    stepper = page.all(".stepper")[0]
    steps = stepper.find_elements("css selector", ".steps button")
    assert [step.text for step in steps] == trace["words"]
    recording = data["recordings"][trace["recordings"][1]]
    reference = data["recordings"][trace["reference"]]
    for step, button in enumerate(steps):
        button.click()
        rows = page.run(
            "return [...arguments[0].querySelectorAll('.seen tbody tr')]"
            ".map((row) => [...row.children].map((cell) => cell.textContent))",
            stepper,
        )
        told = {key: values for key, *values in rows}
        assert told["outcome"] == [each["steps"][step]["does"] for each in (recording, reference)]
        for key, value in recording["steps"][step].get("changes", {}).items():
            assert value in told[key], key
    assert three.script(shown["script"]) in page.texts("#detail-body pre")


def test_hostile_text_is_shown_and_does_nothing(page: Browser, three: Compared) -> None:
    page.run("window.alert = () => { document.body.dataset.pwned = 'yes' }")
    for clause in three.data["clauses"]:
        page.run("location.hash = arguments[0]", f"#{clause['id']}/2")
        title = "document.getElementById('detail-title').textContent"
        page.wait_until(
            f"return {title}.startsWith(arguments[0])", f"{clause['id']} on <u>evil</u>|"
        )
    assert page.all("img, u, b, i") == []
    assert page.run("return document.body.dataset.pwned") is None
    assert page.complaints() == []


@pytest.mark.parametrize(("name", "width", "dark"), [("wide", 1400, False), ("narrow", 390, True)])
def test_everyone_can_use_it(
    page: Browser, three: Compared, name: str, width: int, dark: bool
) -> None:
    page.width(width)
    page.dark(dark)
    assert page.violations() == []
    assert page.run("return document.documentElement.scrollWidth <= innerWidth")
    page.keep(f"comparison-{name}")
    page.width(width)
    _opened(page, three, "#STATE-01/1")
    assert page.violations() == []
    assert page.run(
        "const d = document.getElementById('detail'); return d.scrollWidth <= d.clientWidth"
    )
    page.keep(f"comparison-{name}-cell")
