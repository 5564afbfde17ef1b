"""Opens a dashboard page in headless Chromium and checks what a reader would meet.

Usage: dashboard_check.py PAGE.html

Only Python's standard library and a Chromium are needed; the two talk over the DevTools protocol through a pair of
pipes, so no port is opened. Exits 0 when everything holds, 1 with a line per broken promise, 77 when there is no
Chromium.
"""

import contextlib
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile
import time

BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
FLAGS = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--disable-dev-shm-usage",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--remote-debugging-pipe",
)
WIDTHS = (400, 768, 1280)
DEADLINE = 60.0


class Browser:
    """A Chromium that listens on file descriptor 3 and answers on 4, one JSON text after the other, each ended by NUL."""

    def __init__(self, command, profile):
        ours_in, theirs_out = os.pipe()
        theirs_in, ours_out = os.pipe()
        self._process = subprocess.Popen(
            ["/bin/sh", "-c", f'exec "$@" 3<&{theirs_in} 4>&{theirs_out}', "sh", command, *FLAGS,
             f"--user-data-dir={profile}", "about:blank"],
            pass_fds=(theirs_in, theirs_out),
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        os.close(theirs_in)
        os.close(theirs_out)
        os.set_blocking(ours_in, False)
        self._in, self._out = ours_in, ours_out
        self._buffer, self._number, self._session = b"", 0, None
        self.events = []

    def attach(self):
        """Starts to speak to the first page."""
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(target for target in targets if target["type"] == "page")
        attached = self.call("Target.attachToTarget", targetId=page["targetId"], flatten=True)
        self._session = attached["sessionId"]

    def call(self, method, **params):
        """Sends a command and waits for its answer; events that come in between are kept."""
        self._number += 1
        message = {"id": self._number, "method": method, "params": params}
        if self._session:
            message["sessionId"] = self._session
        os.write(self._out, json.dumps(message).encode() + b"\0")
        number = self._number
        answer = self._wait(lambda received: received.get("id") == number, method)
        if "error" in answer:
            raise RuntimeError(f"{method}: {answer['error']['message']}")
        return answer["result"]

    def wait_for(self, event):
        """Waits for an event, unless it came already."""
        if not any(seen["method"] == event for seen in self.events):
            self._wait(lambda received: received.get("method") == event, event)

    def evaluate(self, expression):
        """The value of a JavaScript expression in the page."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(f"{expression}: {result['exceptionDetails'].get('text')}")
        return result["result"].get("value")

    def _wait(self, wanted, what):
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            for message in self._received():
                if "method" in message:
                    self.events.append(message)
                if wanted(message):
                    return message
            if self._process.poll() is not None:
                raise RuntimeError(f"the browser ended with {self._process.returncode} before {what}")
            time.sleep(0.005)
        raise RuntimeError(f"no answer to {what} in {DEADLINE:.0f} s")

    def _received(self):
        with contextlib.suppress(BlockingIOError):
            self._buffer += os.read(self._in, 1 << 20)
        while b"\0" in self._buffer:
            message, self._buffer = self._buffer.split(b"\0", 1)
            yield json.loads(message)

    def close(self):
        """Ends the browser, and only this one."""
        with contextlib.suppress(OSError, RuntimeError):
            self._session = None
            self.call("Browser.close")
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        os.close(self._in)
        os.close(self._out)


class Checks:
    """Promises and whether they hold."""

    def __init__(self):
        self.broken = []

    def that(self, holds, promise):
        """Notes a promise that does not hold."""
        print(f"{'ok  ' if holds else 'FAIL'} {promise}")
        if not holds:
            self.broken.append(promise)


def set_scheme(browser, scheme):
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])


def set_width(browser, width):
    browser.call("Emulation.setDeviceMetricsOverride", width=width, height=900, deviceScaleFactor=1, mobile=False)


BACKGROUND = "getComputedStyle(document.body).backgroundColor"


def check_silence(checks, browser, url):
    """No error, no warning of the policy, no request but the page itself."""
    errors = [
        event["params"].get("exceptionDetails", event["params"].get("entry", event["params"]))
        for event in browser.events
        if event["method"] == "Runtime.exceptionThrown"
        or (event["method"] == "Log.entryAdded" and event["params"]["entry"]["level"] in ("error", "warning"))
        or (event["method"] == "Runtime.consoleAPICalled" and event["params"]["type"] in ("error", "warning", "assert"))
    ]
    checks.that(not errors, f"the console is silent{': ' + json.dumps(errors)[:500] if errors else ''}")
    requests = [
        event["params"]["request"]["url"] for event in browser.events if event["method"] == "Network.requestWillBeSent"
    ]
    foreign = [request for request in requests if request != url and not request.startswith("data:")]
    checks.that(url in requests, "requests are seen at all")
    checks.that(not foreign, f"the page requests nothing{': ' + ', '.join(foreign) if foreign else ''}")


def check_plots(checks, browser):
    """Every plot is drawn, and is readable without being seen."""
    counts = browser.evaluate(
        """(() => {
          const figures = [...document.querySelectorAll("figure")];
          const plots = figures.filter((f) => f.querySelector("svg.plot, .bars"));
          const visible = (e) => e && e.getBoundingClientRect().width > 50 && e.getBoundingClientRect().height > 10;
          const named = (svg) => ["aria-labelledby", "aria-describedby"].every(
            (name) => document.getElementById(svg.getAttribute(name))?.textContent.trim());
          return {
            empty: !!document.querySelector(".empty"),
            plots: plots.length,
            invisible: plots.filter((f) => !visible(f.querySelector("svg.plot, .bars"))).length,
            unlabelled: [...document.querySelectorAll("svg.plot")].filter((svg) => !named(svg)).length,
            untitled: figures.filter((f) => !f.querySelector("h3")?.textContent.trim()).length,
            wordless: figures.filter((f) => !f.querySelector(".summary")?.textContent.trim()).length,
            tableless: plots.filter((f) => f.querySelectorAll("table tbody tr").length < 1).length,
            drawn: document.querySelectorAll("svg.plot path, .bars rect").length,
            broken: [...document.querySelectorAll("svg *")].filter((e) =>
              [...e.attributes].some((a) => /NaN|Infinity|undefined/.test(a.value))).length,
            scripts: document.scripts.length,
          };
        })()"""
    )
    if counts["empty"]:
        checks.that(True, "an empty table says so")
    else:
        checks.that(counts["plots"] > 0 and counts["drawn"] > 0, f"there are plots: {counts['plots']}")
    for kind in ("invisible", "unlabelled", "untitled", "wordless", "tableless", "broken"):
        checks.that(counts[kind] == 0, f"no plot is {kind}: {counts[kind]}")
    checks.that(counts["scripts"] == 1, "there is one script, ours")


def check_theme(checks, browser):
    """The page follows the reader's theme, and the button turns it over, twice."""
    backgrounds = {}
    for scheme in ("light", "dark"):
        set_scheme(browser, scheme)
        backgrounds[scheme] = browser.evaluate(BACKGROUND)
    checks.that(backgrounds["light"] != backgrounds["dark"], f"the theme follows the reader: {backgrounds}")
    for expected in ("light", "dark"):
        browser.evaluate("document.getElementById('theme').click()")
        turned = browser.evaluate(BACKGROUND)
        checks.that(turned == backgrounds[expected], f"the button turns to the {expected} theme: {turned}")
    worst = browser.evaluate(
        """(() => {
          const channel = (v) => (v /= 255) <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4;
          const light = (rgb) => { const [r, g, b] = rgb.match(/[\\d.]+/g).map(Number).map(channel); return 0.2126 * r + 0.7152 * g + 0.0722 * b; };
          const ratio = (a, b) => (Math.max(light(a), light(b)) + 0.05) / (Math.min(light(a), light(b)) + 0.05);
          const worst = {};
          for (const theme of ["light", "dark"]) {
            document.documentElement.dataset.theme = theme;
            const card = document.querySelector(".card, .empty");
            const back = getComputedStyle(card).backgroundColor;
            const lines = [...document.querySelectorAll("svg.plot path")].filter((p) => !p.matches(".area, .band"));
            worst[theme] = {
              lines: Math.min(21, ...lines.map((p) => ratio(getComputedStyle(p).stroke, back))),
              text: Math.min(...[...card.querySelectorAll("*"), card].filter((e) => e instanceof HTMLElement).map((e) => ratio(getComputedStyle(e).color, back))),
            };
          }
          return worst;
        })()"""
    )
    for theme, ratios in worst.items():
        checks.that(ratios["lines"] >= 3, f"lines stand out in the {theme} theme: {ratios['lines']:.1f} to 1")
        checks.that(ratios["text"] >= 4.5, f"text stands out in the {theme} theme: {ratios['text']:.1f} to 1")


def check_widths(checks, browser):
    """Nothing sticks out to the right, at any width."""
    for width in WIDTHS:
        set_width(browser, width)
        found = browser.evaluate("document.documentElement.scrollWidth")
        checks.that(found <= width, f"nothing sticks out at {width} px: {found}")
        outside = browser.evaluate(
            """[...document.querySelectorAll("svg text, h1, h3, p, figure, .card, .legend li")]
                 .filter((e) => e.getBoundingClientRect().right > innerWidth + 0.5 && !e.closest(".scroll"))
                 .map((e) => e.textContent.slice(0, 40))"""
        )
        checks.that(not outside, f"no text is cut off at {width} px{': ' + str(outside[:3]) if outside else ''}")
        collisions = browser.evaluate(
            """(() => {
              const hits = [];
              for (const plot of document.querySelectorAll("svg.plot")) {
                const boxes = [...plot.querySelectorAll("text")].map((e) => [e.textContent, e.getBoundingClientRect()]).filter(([, b]) => b.width);
                for (const [i, [a, x]] of boxes.entries()) for (const [b, y] of boxes.slice(i + 1))
                  if (x.left < y.right && y.left < x.right && x.top + 2 < y.bottom && y.top + 2 < x.bottom) hits.push(a + " / " + b);
              }
              return hits;
            })()"""
        )
        checks.that(not collisions, f"no labels overlap at {width} px{': ' + str(collisions[:3]) if collisions else ''}")


def check_pointer(checks, browser):
    """The pointer and the arrow keys show values."""
    box = browser.evaluate(
        """(() => { const p = document.querySelector("svg.plot"); if (!p) return null; p.scrollIntoView({block: "center"});
             const b = p.getBoundingClientRect(); return [b.left + b.width / 2, b.top + b.height / 2]; })()"""
    )
    if box is None:
        return
    tip = "document.querySelector('.tip:not([hidden])')?.textContent ?? ''"
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=box[0], y=box[1])
    shown = browser.evaluate(tip)
    checks.that(any(digit in shown for digit in "0123456789"), f"the pointer shows values: {shown[:60]!r}")
    browser.call("Input.dispatchMouseEvent", type="mouseMoved", x=1, y=1)
    checks.that(browser.evaluate(tip) == "", "and hides them again")
    browser.evaluate("document.querySelector('svg.plot').focus()")
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="End", code="End", windowsVirtualKeyCode=35)
    newest = browser.evaluate(tip)
    browser.call("Input.dispatchKeyEvent", type="keyDown", key="ArrowLeft", code="ArrowLeft", windowsVirtualKeyCode=37)
    checks.that(newest != "" and browser.evaluate(tip) not in ("", newest), f"the keys step through values: {newest[:60]!r}")
    name = browser.evaluate("document.querySelector('.tip strong')?.textContent ?? ''")
    checks.that(name != "", f"a value has its period: {name!r}")


def check_without_script(checks, browser, url, plots):
    """Everything but the button and the pointer works without a script."""
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.events.clear()
    browser.call("Page.navigate", url=url)
    browser.wait_for("Page.loadEventFired")
    drawn = browser.evaluate("document.querySelectorAll('svg.plot, .bars').length")
    hidden = browser.evaluate("document.getElementById('theme').getBoundingClientRect().width")
    checks.that(drawn == plots and hidden == 0, f"plots are there without a script: {drawn}")


def check_page(browser, url):
    checks = Checks()
    browser.attach()
    for domain in ("Page", "Runtime", "Log", "Network"):
        browser.call(f"{domain}.enable")
    set_width(browser, WIDTHS[-1])
    browser.call("Page.navigate", url=url)
    browser.wait_for("Page.loadEventFired")
    plots = browser.evaluate("document.querySelectorAll('svg.plot, .bars').length")
    check_plots(checks, browser)
    check_theme(checks, browser)
    check_widths(checks, browser)
    check_pointer(checks, browser)
    check_silence(checks, browser, url)
    check_without_script(checks, browser, url, plots)
    return checks.broken


def main(arguments):
    if len(arguments) != 1 or not pathlib.Path(arguments[0]).is_file():
        print(__doc__, file=sys.stderr)
        return 2
    command = next(filter(None, map(shutil.which, BROWSERS)), None)
    if command is None:
        print("skipped: there is no Chromium on this machine")
        return 77
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        browser = Browser(command, profile)
        try:
            broken = check_page(browser, pathlib.Path(arguments[0]).resolve().as_uri())
        except RuntimeError as error:
            print(f"FAIL the page can be checked: {error}")
            broken = [str(error)]
        finally:
            browser.close()
    print(f"{len(broken)} of the page's promises are broken" if broken else "the page keeps its promises")
    return 1 if broken else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
