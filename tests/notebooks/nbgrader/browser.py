"""A JupyterLab server for one user, and that user's Chromium, driven over the DevTools protocol."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, FrameLocator, Locator, Page, expect, sync_playwright

from tests.notebooks.nbgrader.exchange import teacher

TOKEN = "of-the-tests"
SECONDS = 120
NEWS = "@jupyterlab/apputils-extension/notification.jupyterlab-settings"

expect.set_options(timeout=SECONDS * 1000)


def chromium() -> str | None:
    """The Chromium installed on this machine; none is downloaded."""
    return os.environ.get("CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")


@contextmanager
def open_browser() -> Iterator[Browser]:
    sandbox = [] if os.geteuid() else ["--no-sandbox"]  # Chromium's sandbox does not work as root
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium(), args=sandbox)
        yield browser
        browser.close()


@contextmanager
def jupyter_lab(folder: Path, home: Path, config: Path | None = None) -> Iterator[Server]:
    """A JupyterLab in a folder, with settings of its own in `home`, while the block runs.

    Args:
        config: where nbgrader_config.py lies, if that is not the folder.
    """
    news = home / ".jupyter" / "lab" / "user-settings" / NEWS
    news.parent.mkdir(parents=True)
    news.write_text('{"fetchNews": "false", "checkForUpdates": false}')  # or it asks in a corner of the page
    settings = {"HOME": str(home), "JUPYTER_PLATFORM_DIRS": "0"}
    if config is not None:
        settings["JUPYTER_CONFIG_PATH"] = str(config)
    environment = {name: value for name, value in teacher().items() if not name.startswith("JUPYTER")} | settings
    command = [
        sys.executable, "-m", "jupyterlab", "--no-browser", "--allow-root", "--ip=127.0.0.1", f"--port={_free_port()}",
        "--ServerApp.port_retries=0", f"--ServerApp.root_dir={folder}", f"--IdentityProvider.token={TOKEN}",
    ]  # fmt: skip
    with (
        subprocess.Popen(command, cwd=folder, env=environment, stderr=subprocess.PIPE, text=True) as process,
        Server(process) as server,
    ):
        try:
            yield server
        finally:
            process.terminate()


class Server:
    """A JupyterLab process. A thread reads its output, since a full pipe would block it."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self._process = process
        self._lines: list[str] = []
        self._address = ""
        self._told = threading.Event()
        self._reader = threading.Thread(target=self._read)

    def __enter__(self) -> Server:
        self._reader.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._reader.join()

    def address(self) -> str:
        """The address of its page; waits until the server prints it."""
        if not self._told.wait(SECONDS) or not self._address:
            raise AssertionError("JupyterLab did not start:\n" + "".join(self._lines[-40:]))
        return self._address

    def _read(self) -> None:
        assert self._process.stderr is not None
        for line in self._process.stderr:
            self._lines.append(line)
            found = re.search(r"http://127\.0\.0\.1:\d+/lab(?=\?token=)", line)
            if found and not self._address:
                self._address = f"{found[0]}?token={TOKEN}"  # the line does not contain the token
                self._told.set()
        self._told.set()  # it has ended


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


class Lab:
    """A page with JupyterLab. `shots`: the folder for numbered screenshots."""

    def __init__(self, browser: Browser, address: str, shots: Path) -> None:
        self.page: Page = browser.new_page(viewport={"width": 1280, "height": 900})
        self.page.set_default_timeout(SECONDS * 1000)
        self._shots = shots
        self.page.goto(address)

    def menu(self, item: str) -> None:
        """Opens one of nbgrader's pages."""
        self.page.get_by_role("menuitem", name="Nbgrader", exact=True).click()
        self.page.get_by_role("menuitem", name=item, exact=True).click()

    @property
    def formgrader(self) -> FrameLocator:
        return self.page.frame_locator(".jp-IFrame iframe")

    @property
    def dialog(self) -> Locator:
        """JupyterLab's dialog, in front of everything else."""
        return self.page.locator(".jp-Dialog")

    def shot(self, name: str) -> None:
        self._shots.mkdir(parents=True, exist_ok=True)
        number = len(list(self._shots.iterdir()))
        self.page.screenshot(path=self._shots / f"{number:02}_{name}.png")
