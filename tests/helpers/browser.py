"""Chromium without a screen, driven over the DevTools protocol through a pipe: no port, no driver, no library.

Needs Debian's package chromium. The protocol: https://chromedevtools.github.io/devtools-protocol/
"""

from __future__ import annotations

import base64
import fcntl
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

CHROMIUM = shutil.which("chromium")
# Whatever a page asks for beyond its own file finds no way out, and is seen in the log of requests.
ARGUMENTS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-extensions",
    "--disable-background-networking",
    "--host-resolver-rules=MAP * ~NOTFOUND",
    "--remote-debugging-pipe",
]
PATIENCE = 120  # seconds for one answer, on a machine that is busy


class Browser:
    """with Browser() as browser: browser.open(path); browser.evaluate("document.title")."""

    def __init__(self, width=1366, height=768, arguments=()):
        assert CHROMIUM, "no chromium: tools/deps.sh browser installs it"
        self.size = (width, height)
        self.events, self.requests = [], []
        self.number, self.buffer, self.session = 0, b"", None
        self.profile = tempfile.mkdtemp(prefix="gedge-chromium-")
        to_browser, self.write_end = os.pipe()
        self.read_end, from_browser = os.pipe()
        command = [CHROMIUM, *ARGUMENTS, f"--user-data-dir={self.profile}", *arguments, "about:blank"]

        # The browser reads descriptor 3 and writes 4; from high numbers, so that neither is overwritten on the way.
        ends = [fcntl.fcntl(end, fcntl.F_DUPFD_CLOEXEC, 50) for end in (to_browser, from_browser)]
        shell = ["bash", "-c", 'exec "$@" 3<&{} 4>&{}'.format(*ends), "bash"]
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self.process = subprocess.Popen(shell + command, pass_fds=ends, **quiet)
        for end in ends:
            os.close(end)
        os.close(to_browser)
        os.close(from_browser)

    def __enter__(self):
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Network", "Log", "Runtime"):
            self.call(domain + ".enable")
        self.resize(*self.size)
        return self

    def __exit__(self, *dummy):
        self.process.terminate()
        self.process.wait(30)
        os.close(self.write_end)
        os.close(self.read_end)
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, **params):
        """Send one command and wait for its answer; what happens meanwhile is kept in events."""
        self.number += 1
        message = {"id": self.number, "method": method, "params": params}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.write_end, json.dumps(message).encode() + b"\0")
        while True:
            answer = self._next()
            if answer.get("id") == self.number:
                assert "error" not in answer, answer["error"]
                return answer["result"]
            self._keep(answer)

    def _next(self):
        end = time.monotonic() + PATIENCE
        while b"\0" not in self.buffer:
            ready = select.select([self.read_end], [], [], max(0, end - time.monotonic()))[0]
            data = os.read(self.read_end, 1 << 20) if ready else b""
            assert data, "chromium does not answer"
            self.buffer += data
        text, dummy, self.buffer = self.buffer.partition(b"\0")
        return json.loads(text)

    def _keep(self, event):
        self.events.append(event)
        if event.get("method") == "Network.requestWillBeSent":
            self.requests.append(event["params"]["request"]["url"])

    def resize(self, width, height):
        """The size of the window, in pixels."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)

    def open(self, path):
        """Load a file and wait until it is all there."""
        self.events.clear()
        self.requests.clear()
        self.call("Page.navigate", url=f"file://{path}")
        while not any(event.get("method") == "Page.loadEventFired" for event in self.events):
            self._keep(self._next())

    def evaluate(self, expression):
        """The value of an expression in the page."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def complaints(self):
        """What the page and its policy complained of in the console."""
        entries = [event["params"]["entry"] for event in self.events if event.get("method") == "Log.entryAdded"]
        thrown = [event["params"] for event in self.events if event.get("method") == "Runtime.exceptionThrown"]
        return [entry["text"] for entry in entries] + [str(each) for each in thrown]

    def screenshot(self, path, box=None):
        """A PNG of the window, or of a box (x, y, width, height) of the page."""
        clip = dict(zip(("x", "y", "width", "height"), box), scale=1) if box else None
        more = {"clip": clip, "captureBeyondViewport": True} if clip else {}
        data = base64.b64decode(self.call("Page.captureScreenshot", format="png", **more)["data"])
        with open(path, "wb") as opened:
            opened.write(data)

    def pdf(self):
        """The page as it is printed."""
        printed = self.call("Page.printToPDF", printBackground=True, preferCSSPageSize=True)
        return base64.b64decode(printed["data"])
