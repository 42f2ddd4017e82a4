"""TensorBoard in a headless Chromium, as users see it."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

CHROMIUM, DRIVER = "/usr/bin/chromium", "/usr/bin/chromedriver"

ARGUMENTS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1500,1000",
)

# TensorBoard's pages are web components, whose text `document.body.innerText` does not see.
_WALK = """
function* elements(node) {
  for (const child of node.children) {
    if (['STYLE', 'SCRIPT', 'TEMPLATE', 'NOSCRIPT'].includes(child.tagName)) continue;
    yield child;
    if (child.shadowRoot) yield* elements(child.shadowRoot);
    yield* elements(child);
  }
}
"""
_TEXT = (
    _WALK
    + """
const own = (e) => [...e.childNodes].filter((n) => n.nodeType == 3).map((n) => n.textContent).join(' ');
return [...elements(document.body)].map(own).join(' ').replace(/\\s+/g, ' ');
"""
)
_IMAGES = (
    _WALK
    + """
const images = [...elements(document.body)].filter((e) => e.tagName == 'IMG' && e.naturalWidth > 0);
return images.map((e) => [e.naturalWidth, e.naturalHeight]);
"""
)


class Page:
    """The browser's page.

    Args:
      driver: selenium's.
      address: of TensorBoard.
    """

    def __init__(self, driver, address: str) -> None:
        self._driver, self._address = driver, address

    def open(self, tab: str) -> None:
        """Goes to a tab, such as `hparams`."""
        self._driver.get("about:blank")
        self._driver.get(f"{self._address}/#{tab}")

    def text(self) -> str:
        """The text of the page with single spaces."""
        return self._driver.execute_script(_TEXT)

    def image_sizes(self) -> list[tuple[int, int]]:
        """Width and height in pixels of each picture that is loaded."""
        return [tuple(size) for size in self._driver.execute_script(_IMAGES)]

    def until(self, holds: Callable[[], bool], seconds: float = 60) -> None:
        """Waits until a condition of the page holds."""
        deadline = time.monotonic() + seconds
        while not holds():
            assert time.monotonic() < deadline, self.text()[:2000]
            time.sleep(0.3)

    def save(self, file: Path) -> None:
        """A screenshot."""
        self._driver.save_screenshot(str(file))


@contextlib.contextmanager
def tensorboard(logdir: Path, profile: Path) -> Iterator[Page]:
    """Starts TensorBoard on a folder and a browser on TensorBoard; both end with the context.

    Args:
      logdir: the folder.
      profile: an empty folder for the browser.
    """
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    program = Path(sys.executable).with_name("tensorboard")
    server = subprocess.Popen(
        [program, "--logdir", logdir, "--host", "127.0.0.1", "--port", str(port)],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for argument in (*ARGUMENTS, f"--user-data-dir={profile}"):
        options.add_argument(argument)
    try:
        _wait_for(port, server)
        driver = webdriver.Chrome(options=options, service=Service(DRIVER))
        try:
            yield Page(driver, f"http://127.0.0.1:{port}")
        finally:
            driver.quit()
    finally:
        server.terminate()
        server.communicate(timeout=30)


def _wait_for(port: int, server: "subprocess.Popen[str]") -> None:
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        assert server.poll() is None, server.communicate()[1]
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.2)
    raise AssertionError("TensorBoard did not start")
