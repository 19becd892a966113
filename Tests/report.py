"""Opens reports in Chromium, as a phone and a desktop show them, light and dark, and on paper.

usage: report.py BROWSER REPORT…

If the environment variable SCREENSHOTS names a folder, pictures of what the browser shows go there, for people to look at.
"""

import base64
import html
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

WIDTHS = {"phone": 390, "desktop": 1280}
# The numbers that Chromium has for prefers-color-scheme.
SCHEMES = {"dark": 0, "light": 1}

# Runs in the page and says what only a browser knows. Colours are drawn and read back, which understands every notation.
PROBE = """
const context = document.createElement("canvas").getContext("2d", {willReadFrequently: true});
const rgba = colour => {
  context.clearRect(0, 0, 1, 1);
  context.fillStyle = colour;
  context.fillRect(0, 0, 1, 1);
  return [...context.getImageData(0, 0, 1, 1).data];
};
const background = element => {
  for (let one = element; one; one = one.parentElement) {
    const colour = rgba(getComputedStyle(one).backgroundColor);
    if (colour[3] === 255) return colour;
  }
  return [255, 255, 255, 255];
};
const texts = [], shapes = [];
const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
while (walker.nextNode()) {
  const element = walker.currentNode.parentElement;
  if (!walker.currentNode.data.trim() || ["SCRIPT", "STYLE", "title"].includes(element.tagName)) continue;
  const style = getComputedStyle(element);
  const colour = element instanceof SVGElement ? style.fill : style.color;
  texts.push([walker.currentNode.data.trim().slice(0, 40), rgba(colour), background(element), parseFloat(style.fontSize)]);
}
for (const shape of document.querySelectorAll("svg .right, svg .wrong, svg .curve, svg .dot, svg .whisker, svg .axis")) {
  const style = getComputedStyle(shape);
  shapes.push([shape.outerHTML.slice(0, 60), rgba(style.fill === "none" ? style.stroke : style.fill), background(shape)]);
}
const sorted = [...document.querySelectorAll("table.sortable")].flatMap(table =>
  [...table.querySelectorAll("thead button")].flatMap(button => ["descending", "ascending"].map(direction => {
    button.click();
    const title = button.closest("th");
    const rows = [...table.tBodies[0].rows].map(row => row.cells[title.cellIndex].textContent.trim());
    return [title.textContent, direction, title.getAttribute("aria-sort"), rows];
  })));
const result = {
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth, texts, shapes, sorted,
  fetched: performance.getEntriesByType("resource").map(entry => entry.name),
  dark: matchMedia("(prefers-color-scheme: dark)").matches, width: innerWidth,
};
document.title = "probe:" + btoa(unescape(encodeURIComponent(JSON.stringify(result))));
"""


def browse(browser, page, *options):
    """The page's elements after its scripts ran, and the browser's messages."""
    with tempfile.TemporaryDirectory() as profile:
        command = [browser, "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--hide-scrollbars",
                   "--disable-background-networking", "--disable-component-update", f"--user-data-dir={profile}",
                   "--enable-logging=stderr", *options, page.as_uri()]
        result = subprocess.run(command, capture_output=True, text=True, timeout=300)
        expect(result.returncode == 0, page, f"{browser} ends with {result.returncode}: {result.stderr[-500:]}")
        return result


def expect(condition, page, message):
    if not condition:
        sys.exit(f"FAILED: {page.name}: {message}")


def check_messages(browser, page):
    """A script's error, and anything that the page's policy keeps it from fetching, is a message on the console."""
    messages = [line for line in browse(browser, page, "--dump-dom").stderr.splitlines() if "CONSOLE" in line]
    expect(not messages, page, "\n".join(messages))


def check_without_scripts(browser, page):
    with tempfile.TemporaryDirectory() as folder:
        copy = pathlib.Path(folder, page.name)
        copy.write_text(page.read_text().replace("script-src 'unsafe-inline'", "script-src 'none'"))
        shown = browse(browser, copy, "--dump-dom").stdout
    expect("<button>" not in shown, page, "scripts ran")
    for part in ["<table", "<svg", "Confusion matrix", "How it was made"]:
        expect(part in shown, page, f"has no {part} without scripts")


def check_looks(browser, page, scheme):
    # Without its policy, so that what it would fetch is fetched, and seen.
    text = re.sub('<meta http-equiv="Content-Security-Policy"[^>]*>', "", page.read_text())
    text = text.replace("</body>", f'<script>addEventListener("load", () => {{{PROBE}}});</script></body>')
    # A frame can be narrower than Chromium lets a window be.
    frames = [f"""<iframe style="width: {width}px; border: 0" srcdoc="{html.escape(text)}"></iframe>"""
              for width in WIDTHS.values()]
    with tempfile.TemporaryDirectory() as folder:
        window = pathlib.Path(folder, page.name)
        window.write_text("<!DOCTYPE html><title></title>" + "".join(frames) + """<script>
            addEventListener("load", () => { document.title = Array.from(frames).map(one => one.document.title).join(" "); });
            </script>""")
        shown = browse(browser, window, "--dump-dom", "--window-size=1400,1000",
                       f"--blink-settings=preferredColorScheme={SCHEMES[scheme]}")
    found = re.findall("probe:([A-Za-z0-9+/=]*)", re.search("<title>(.*?)</title>", shown.stdout)[1])
    expect(len(found) == len(WIDTHS), page, f"the probes did not run: {shown.stderr[-500:]}")
    for width, probe in zip(WIDTHS.values(), (json.loads(base64.b64decode(one)) for one in found)):
        expect(probe["width"] == width and probe["dark"] == (scheme == "dark"), page, f"not shown {width} wide and {scheme}")
        expect(probe["fetched"] == [], page, f"fetches {probe['fetched']}")
        expect(probe["overflow"] <= 0, page, f"is {probe['overflow']} pixels too wide for {width}")
        check_contrast(page, scheme, probe)
        check_sorting(page, probe["sorted"])


def check_contrast(page, scheme, probe):
    """Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11: 4.5 for text, 3 for graphics."""
    expect(len(probe["texts"]) > 100 and len(probe["shapes"]) > 10, page, "the probe saw too little")
    for text, colour, background, size in probe["texts"]:
        ratio = contrast(colour, background)
        expect(ratio >= 4.5, page, f"{scheme}: '{text}' in {colour} on {background} has a contrast of {ratio:.2f}")
        expect(size >= 11, page, f"'{text}' has {size} pixels")
    for shape, colour, background in probe["shapes"]:
        ratio = contrast(colour, background)
        expect(ratio >= 3, page, f"{scheme}: {shape} in {colour} on {background} has a contrast of {ratio:.2f}")


def contrast(first, second):
    lighter, darker = sorted([luminance(first), luminance(second)], reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def luminance(colour):
    linear = [value / 255 / 12.92 if value / 255 <= 0.04045 else ((value / 255 + 0.055) / 1.055) ** 2.4 for value in colour[:3]]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def check_sorting(page, columns):
    expect(columns, page, "has no table to sort")
    for title, direction, said, rows in columns:
        expect(said == direction, page, f"a click on '{title}' sorts {said}, not {direction}")
        try:
            values = [float(re.sub(r"[,%\s]", "", row)) for row in rows]
        except ValueError:
            values = [row.casefold() for row in rows]
        expect(values == sorted(values, reverse=direction == "descending"), page, f"'{title}' is not {direction}: {rows}")


def take_pictures(browser, page, folder):
    for scheme, number in SCHEMES.items():
        for name, width in WIDTHS.items():
            browse(browser, page, f"--window-size={width},8000", f"--blink-settings=preferredColorScheme={number}",
                   f"--screenshot={folder / page.stem}-{name}-{scheme}.png")
    browse(browser, page, f"--print-to-pdf={folder / page.stem}.pdf", "--no-pdf-header-footer",
           f"--blink-settings=preferredColorScheme={SCHEMES['dark']}")


def main():
    browser, *paths = sys.argv[1:]
    for page in (pathlib.Path(path).resolve() for path in paths):
        check_messages(browser, page)
        check_without_scripts(browser, page)
        for scheme in SCHEMES:
            check_looks(browser, page, scheme)
        if "SCREENSHOTS" in os.environ:
            take_pictures(browser, page, pathlib.Path(os.environ["SCREENSHOTS"]).resolve())
        print(f"{page.name}: fine in {browser} on a phone and a desktop, dark and light")


main()
