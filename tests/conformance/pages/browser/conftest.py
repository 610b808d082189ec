"""A browser for the tests of pages: Debian's chromium, without a window or a network."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from selenium.webdriver import Chrome
    from selenium.webdriver.remote.webelement import WebElement

#: Screenshots stay here, to be looked at.
ARTIFACTS = Path(__file__).parents[4] / "build" / "browser"
AXE = "axe-core@4.10.3"
#: Its source stays here, so that it is fetched once.
AXE_SOURCE = ARTIFACTS.parent / f"{AXE}.min.js"
#: What axe calls a violation that keeps somebody from using the page.
SERIOUS = ("serious", "critical")


class Browser:
    """A page in the browser, by selectors."""

    def __init__(self, driver: Chrome) -> None:
        self.driver = driver

    def open(self, page: Path, fragment: str = "") -> None:
        """Load ``page`` anew, from its file."""
        self.driver.get("about:blank")
        self.driver.get(page.as_uri() + fragment)

    def all(self, selector: str) -> list[WebElement]:
        """The elements that ``selector`` finds."""
        return self.driver.find_elements("css selector", selector)

    def one(self, selector: str) -> WebElement:
        """The only element that ``selector`` finds."""
        (found,) = self.all(selector)
        return found

    def wait_for(self, selector: str) -> None:
        """Wait until ``selector`` finds something."""
        self.wait_until("return document.querySelector(arguments[0]) !== null", selector)

    def wait_until(self, script: str, *arguments: Any) -> None:
        """Wait until a script returns true, for ever if it never does: no clock decides a test."""
        while not self.run(script, *arguments):
            time.sleep(0.02)

    def run(self, script: str, *arguments: Any) -> Any:
        """What a script returns."""
        return self.driver.execute_script(script, *arguments)

    def texts(self, selector: str) -> list[str]:
        """The texts of the elements that ``selector`` finds, shown or not."""
        return list(
            self.run(
                "return [...document.querySelectorAll(arguments[0])]"
                ".map((each) => each.textContent.toWellFormed())",
                selector,
            )
        )

    def press(self, selector: str) -> None:
        """Press the only element that ``selector`` finds, wherever it is on the page."""
        self.run("arguments[0].click()", self.one(selector))

    def type(self, *keys: str) -> None:
        """Press keys, wherever the focus is."""
        for key in keys:
            self.driver.switch_to.active_element.send_keys(key)

    def choose(self, selector: str, value: str) -> None:
        """Choose a value of a list."""
        self.run(
            "arguments[0].value = arguments[1];"
            "arguments[0].dispatchEvent(new Event('change', { bubbles: true }))",
            self.one(selector),
            value,
        )

    def dark(self, wanted: bool) -> None:
        """Whether the user likes it dark."""
        value = "dark" if wanted else "light"
        self.driver.execute_cdp_cmd(
            "Emulation.setEmulatedMedia",
            {"features": [{"name": "prefers-color-scheme", "value": value}]},
        )

    def width(self, pixels: int) -> None:
        """How wide the window is."""
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {"width": pixels, "height": 1000, "deviceScaleFactor": 1, "mobile": False},
        )

    def keep(self, name: str) -> None:
        """Keep a picture of the whole page."""
        ARTIFACTS.mkdir(parents=True, exist_ok=True)
        size = self.driver.execute_cdp_cmd("Page.getLayoutMetrics", {})["cssContentSize"]
        self.driver.execute_cdp_cmd(
            "Emulation.setDeviceMetricsOverride",
            {
                "width": int(size["width"]),
                "height": min(3000, int(size["height"])),
                "deviceScaleFactor": 1,
                "mobile": False,
            },
        )
        assert self.driver.save_screenshot(str(ARTIFACTS / f"{name}.png"))

    def violations(self) -> list[str]:
        """The serious violations that axe finds on the page as it is now."""
        self.run(_axe())
        found = self.driver.execute_async_script(
            "const done = arguments[arguments.length - 1];"
            "axe.run(document, { preload: false }).then((r) => done(r.violations))"
        )
        return [
            f"{each['id']}: {each['nodes'][0]['html']}: {each['nodes'][0]['failureSummary']}"
            for each in found
            if each["impact"] in SERIOUS
        ]

    def complaints(self) -> list[str]:
        """What the browser logged since the last time: errors, refused loads."""
        return [json.dumps(each["message"]) for each in self.driver.get_log("browser")]


def _axe() -> str:
    """The source of axe-core, from npm; once for all runs."""
    if not AXE_SOURCE.exists():
        if shutil.which("npm") is None:
            pytest.skip("npm, which fetches axe-core, is not installed")
        AXE_SOURCE.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=AXE_SOURCE.parent) as folder:
            command = ["npm", "install", "--silent", "--no-save", "--prefix", folder, AXE]
            if subprocess.run(command, capture_output=True, check=False).returncode:
                pytest.skip("npm could not fetch axe-core")
            # Whole or not at all: other processes may look for it.
            (Path(folder) / "node_modules" / "axe-core" / "axe.min.js").replace(AXE_SOURCE)
    return AXE_SOURCE.read_text(encoding="utf-8")


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One browser for all tests; nothing that it asks the network for is answered."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="needs the extra 'browser'")
    chromium, chromedriver = shutil.which("chromium"), shutil.which("chromedriver")
    if chromium is None or chromedriver is None:
        pytest.skip("chromium and chromedriver are not installed (apt-get install chromium-driver)")
    options = webdriver.ChromeOptions()
    options.binary_location = chromium
    for argument in (
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--host-resolver-rules=MAP * ~NOTFOUND",
    ):
        options.add_argument(argument)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options, webdriver.ChromeService(chromedriver))
    # Others may use this machine, too.
    driver.set_script_timeout(3600)
    driver.execute_cdp_cmd("Network.enable", {})
    driver.execute_cdp_cmd(
        "Network.emulateNetworkConditions",
        {"offline": True, "latency": 0, "downloadThroughput": 0, "uploadThroughput": 0},
    )
    try:
        yield Browser(driver)
    finally:
        driver.quit()


@pytest.fixture
def window(browser: Browser) -> Browser:
    """The browser in light, on a wide screen, with nothing logged."""
    browser.dark(False)
    browser.width(1400)
    browser.driver.get_log("browser")
    return browser
