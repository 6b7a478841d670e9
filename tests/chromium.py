"""A real Chromium without a window, driven as a person would (W3C WebDriver, through Debian's
chromium-driver). The tests skip where it is not installed."""

import base64
import contextlib
import json
import urllib.error
import urllib.request

from conftest import DEADLINE_S, wait_until
from services import Service, free_port, program

ELEMENT = "element-6066-11e4-a52e-4f735466cecf"  # section 12.1


class Chromium:
    def __init__(self, folder, *arguments):
        self.folder, self.arguments, self.port = folder, arguments, free_port()
        self.service = Service([program("chromedriver"), f"--port={self.port}"], self.port)
        self.binary = program("chromium")

    def __enter__(self):
        self.service.start()
        arguments = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run",
                     "--no-proxy-server", "--disable-dev-shm-usage", "--window-size=800,600",
                     f"--user-data-dir={self.folder}/profile", *self.arguments]  # fmt: skip
        options = {"goog:chromeOptions": {"binary": self.binary, "args": arguments}}
        self.session = ""
        try:
            answer = self._ask("POST", "", {"capabilities": {"alwaysMatch": options}})
        except BaseException:
            self.service.stop()
            raise
        self.session = "/" + answer["sessionId"]
        return self

    def __exit__(self, *_):
        with contextlib.suppress(OSError):
            self._ask("DELETE", "")
        self.service.stop()

    def _ask(self, method, path, body=None):
        request = urllib.request.Request(
            f"http://127.0.0.1:{self.port}/session{self.session}{path}", method=method,
            data=json.dumps(body).encode() if body is not None else None,
            headers={"Content-Type": "application/json"})  # fmt: skip
        try:
            with urllib.request.urlopen(request, timeout=4 * DEADLINE_S) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            with error:
                raise AssertionError(error.read().decode()[:500]) from None

    def open(self, url):
        self._ask("POST", "/url", {"url": url})

    @property
    def url(self):
        return self._ask("GET", "/url")

    def text(self):
        """Of the page, as it is seen."""
        return self.run("return document.body ? document.body.innerText : ''")

    def run(self, script, *args):
        return self._ask("POST", "/execute/sync", {"script": script, "args": list(args)})

    def find(self, selector):
        """The elements' paths."""
        found = self._ask("POST", "/elements", {"using": "css selector", "value": selector})
        return ["/element/" + one[ELEMENT] for one in found]

    def _one(self, selector):
        """Once it is there."""
        wait_until(lambda: len(self.find(selector)) == 1, f"{selector} at {self.url}")
        return self.find(selector)[0]

    def type(self, selector, text):
        element = self._one(selector)
        self._ask("POST", element + "/value", {"text": text})

    def click(self, selector):
        element = self._one(selector)
        self._ask("POST", element + "/click", {})

    def wait_for(self, text):
        wait_until(lambda: text in self.text(), f"the page that says {text!r}")

    def screenshot(self, path):
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))
