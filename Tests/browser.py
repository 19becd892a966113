"""A headless Chromium that is steered through its pipe (Chrome DevTools Protocol), for tests of pages."""
import base64
import json
import os
import shutil
import subprocess
import tempfile


def find():
    """The browser's path, or None."""
    return next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)


class Browser:
    """One page. Whatever it says on its console, or throws, is in `messages`; what it asks for, in `requests`."""

    def __init__(self):
        self.folder = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)    # Chromium still writes for a moment
        to_browser, self._commands = os.pipe()
        self._answers, from_browser = os.pipe()
        # The browser reads from 3 and writes to 4, which must not be the numbers of our own ends.
        script = 'exec "$0" "$@" 3<&{} 4>&{}'.format(to_browser, from_browser)
        self.process = subprocess.Popen(
            ["bash", "-c", script, find(), "--headless", "--no-sandbox", "--disable-gpu", "--hide-scrollbars",
             "--remote-debugging-pipe", f"--user-data-dir={self.folder.name}", "about:blank"],
            pass_fds=(to_browser, from_browser), stderr=subprocess.DEVNULL)
        os.close(to_browser)
        os.close(from_browser)
        self._number, self._session, self._rest = 0, None, b""
        self.messages, self.requests, self._loaded = [], [], False
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self._session = self.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(f"{domain}.enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.close(self._commands)
        self.process.terminate()
        self.process.wait()
        os.close(self._answers)
        self.folder.cleanup()

    def call(self, method, **parameters):
        """Gives a command and returns its result."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": parameters}
        if self._session:
            message["sessionId"] = self._session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self._commands, data):]
        while True:
            answer = self._read()
            if answer.get("id") == self._number:
                if "error" in answer:
                    raise RuntimeError(f"{method}: {answer['error']['message']}")
                return answer["result"]

    def _read(self):
        while b"\0" not in self._rest:
            part = os.read(self._answers, 1 << 20)
            if not part:
                raise RuntimeError("the browser has ended")
            self._rest += part
        message, self._rest = self._rest.split(b"\0", 1)
        message = json.loads(message)
        self._note(message.get("method"), message.get("params"))
        return message

    def _note(self, event, what):
        if event == "Runtime.exceptionThrown":
            details = what["exceptionDetails"]
            self.messages.append(details.get("exception", {}).get("description") or details["text"])
        elif event == "Runtime.consoleAPICalled":
            self.messages.append(str([one.get("value") for one in what["args"]]))
        elif event == "Log.entryAdded":
            self.messages.append(what["entry"]["text"])
        elif event == "Network.requestWillBeSent":
            self.requests.append(what["request"]["url"])
        elif event == "Page.loadEventFired":
            self._loaded = True

    def open(self, url, width, height, mobile=False, dark=False):
        """Loads a page in a window of a size."""
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=2 if mobile else 1,
                  mobile=mobile)
        self.call("Emulation.setTouchEmulationEnabled", enabled=mobile)
        self.call("Emulation.setEmulatedMedia",
                  features=[{"name": "prefers-color-scheme", "value": "dark" if dark else "light"}])
        self._loaded = False
        self.call("Page.navigate", url=url)
        while not self._loaded:
            self._read()

    def evaluate(self, script):
        """The value of an expression, awaited."""
        result = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in result:
            raise RuntimeError(result["exceptionDetails"]["exception"].get("description", "exception"))
        return result["result"].get("value")

    def frame(self):
        """Waits until what happened is on the screen."""
        self.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(() => "
                      "requestAnimationFrame(done))))")

    def box(self, selector):
        """Left, top, width and height of an element in the window."""
        return self.evaluate(f"(({{left, top, width, height}}) => [left, top, width, height])"
                             f"(document.querySelector({json.dumps(selector)}).getBoundingClientRect())")

    def mouse(self, points):
        """Draws a line with the button held."""
        for number, (x, y) in enumerate(points):
            kinds = ["mousePressed"] if number == 0 else ["mouseMoved"]
            if number == len(points) - 1:
                kinds.append("mouseReleased")
            for kind in kinds:
                self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", buttons=1, clickCount=1)
        self.frame()

    def finger(self, points):
        for number, (x, y) in enumerate(points):
            kind = "touchStart" if number == 0 else "touchMove"
            self.call("Input.dispatchTouchEvent", type=kind, touchPoints=[{"x": x, "y": y}])
        self.call("Input.dispatchTouchEvent", type="touchEnd", touchPoints=[])
        self.frame()

    def key(self, name, times=1):
        text = {"text": name} if len(name) == 1 else {}
        for _ in range(times):
            self.call("Input.dispatchKeyEvent", type="keyDown", key=name, **text)
            self.call("Input.dispatchKeyEvent", type="keyUp", key=name)
        self.frame()

    def screenshot(self, path):
        data = self.call("Page.captureScreenshot", captureBeyondViewport=True)["data"]
        with open(path, "wb") as file:
            file.write(base64.b64decode(data))
