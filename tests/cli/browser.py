"""A headless Chromium driven over its debugging pipe (file descriptors 3 and 4, JSON ended by a zero
byte), with the standard library alone. Whatever the page says or asks for is kept: console, log,
exceptions, requests."""

import base64
import fcntl
import json
import os
import re
import select
import shutil
import subprocess
import tempfile
import time

failed = []  # what check() did not find good


def check(what, good, found=""):
    print(f"{'ok ' if good else 'BAD'} {what}{': ' if found != '' else ''}{found}")
    if not good:
        failed.append(what)


def stays_alone(page):
    """No message of any kind, and no request but for the file itself and what lies inside it."""
    page.listen(0.3)
    check("no console message, no exception", not page.said, page.said[:3] or "")
    asked = [u for u in page.requests if not u.startswith(("blob:", "data:"))]
    check("no request but the file", len(asked) == 1 and asked[0].startswith("file:"), asked if len(asked) != 1 else "")


def data_of(path):
    """What a page shows: the JSON inside it."""
    with open(path, encoding="utf-8") as page:
        text = page.read()
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.S).group(1))


def find_chromium():
    """The program, or None. KUCHI_CHROMIUM names another."""
    names = [os.environ.get("KUCHI_CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    return next((shutil.which(n) for n in names if n and shutil.which(n)), None)


class Browser:
    """One page of one browser. Use it in a with statement: the browser ends with it."""

    def __init__(self, width=1320, height=1000, dark=False, touch=False):
        self.profile = tempfile.mkdtemp(prefix="kuchi-chromium-")
        # Away from 3 and 4, which the browser's ends become.
        to_read, self.to_write = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in os.pipe())
        self.from_read, from_write = (fcntl.fcntl(fd, fcntl.F_DUPFD_CLOEXEC, 10) for fd in os.pipe())
        flags = ["--headless=new", "--remote-debugging-pipe", "--autoplay-policy=no-user-gesture-required",
                 "--mute-audio", "--no-first-run", "--disable-gpu", "--disable-dev-shm-usage", "--hide-scrollbars",
                 "--disable-background-networking", "--disable-component-update", "--disable-sync",
                 f"--user-data-dir={self.profile}", f"--window-size={width},{height}"]
        if os.geteuid() == 0:
            flags.append("--no-sandbox")  # Chromium refuses its sandbox to root

        def wire():
            os.dup2(to_read, 3)
            os.dup2(from_write, 4)

        self.process = subprocess.Popen([find_chromium(), *flags, "about:blank"], preexec_fn=wire, close_fds=False,
                                        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.buffer = b""
        self.next_id = 0
        self.answers = {}
        self.said, self.requests = [], []
        self.loaded = False
        target = self.call("Target.createTarget", {"url": "about:blank"}, None)["targetId"]
        self.session = self.call("Target.attachToTarget", {"targetId": target, "flatten": True}, None)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")
        self.call("Emulation.setDeviceMetricsOverride",
                  {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": touch})
        self.theme("dark" if dark else "light")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        try:
            self.call("Browser.close", {}, None)
            self.process.wait(10)
        except Exception:
            self.process.kill()
            self.process.wait()
        shutil.rmtree(self.profile, ignore_errors=True)

    def call(self, method, params=None, session=True, seconds=60):
        self.next_id += 1
        mine = self.next_id
        message = {"id": mine, "method": method, "params": params or {}}
        if session:
            message["sessionId"] = self.session
        os.write(self.to_write, json.dumps(message).encode() + b"\0")
        until = time.monotonic() + seconds
        while mine not in self.answers:
            self.listen(until - time.monotonic())
        answer = self.answers.pop(mine)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']}")
        return answer["result"]

    def listen(self, seconds):
        """Takes in one piece of what the browser says, if it comes in time."""
        if not select.select([self.from_read], [], [], max(0, seconds))[0]:
            if seconds > 1:
                raise TimeoutError("the browser does not answer")
            return
        piece = os.read(self.from_read, 1 << 16)
        if not piece:
            raise RuntimeError("the browser has gone")
        self.buffer += piece
        *whole, self.buffer = self.buffer.split(b"\0")
        for text in whole:
            self.take(json.loads(text))

    def take(self, message):
        if "id" in message:
            self.answers[message["id"]] = message
            return
        method, params = message["method"], message.get("params", {})
        if method == "Page.loadEventFired":
            self.loaded = True
        elif method == "Runtime.consoleAPICalled":
            self.said.append(("console", params["type"], str(params["args"])))
        elif method == "Runtime.exceptionThrown":
            self.said.append(("exception", json.dumps(params["exceptionDetails"])[:600]))
        elif method == "Log.entryAdded":
            self.said.append(("log", params["entry"]["level"], params["entry"]["text"]))
        elif method == "Network.requestWillBeSent":
            self.requests.append(params["request"]["url"])

    def open(self, path):
        self.loaded = False
        self.call("Page.navigate", {"url": "file://" + os.path.abspath(path)})
        until = time.monotonic() + 60
        while not self.loaded:
            self.listen(until - time.monotonic())

    def run(self, expression, seconds=60):
        """The value of an expression in the page; promises are waited for, so long."""
        result = self.call("Runtime.evaluate",
                           {"expression": expression, "returnByValue": True, "awaitPromise": True}, seconds=seconds)
        if "exceptionDetails" in result:
            raise RuntimeError(json.dumps(result["exceptionDetails"])[:600])
        return result["result"].get("value")

    def wait(self, expression, seconds=10):
        until = time.monotonic() + seconds
        while not self.run(expression):
            if time.monotonic() > until:
                raise TimeoutError(f"never came true: {expression}")
            time.sleep(0.05)

    def key(self, key, modifiers=0):
        """A key as from a keyboard: " ", "ArrowLeft", "j" …; modifiers: 8 is Shift."""
        code = {" ": "Space"}.get(key, key)
        for kind in ("keyDown", "keyUp"):
            params = {"type": kind, "key": key, "code": code, "modifiers": modifiers,
                      "windowsVirtualKeyCode": 27 if key == "Escape" else 0}
            if len(key) == 1 and kind == "keyDown":
                params["text"] = key
            self.call("Input.dispatchKeyEvent", params)

    def theme(self, name):
        self.call("Emulation.setEmulatedMedia", {"features": [{"name": "prefers-color-scheme", "value": name}]})

    def shot(self, path, whole=False):
        area = {}
        if whole:
            size = self.call("Page.getLayoutMetrics")["cssContentSize"]
            area = {"clip": {**size, "scale": 1}}
        shot = self.call("Page.captureScreenshot", {"format": "png", "captureBeyondViewport": whole, **area})
        with open(path, "wb") as out:
            out.write(base64.b64decode(shot["data"]))
