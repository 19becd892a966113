"""Opens reports in Chromium, as a phone and a desktop show them, light and dark, and on paper.

usage: report.py REPORT…

If the environment variable SCREENSHOTS names a folder, pictures of what the browser shows go there, for people to look at.
"""

import base64
import os
import pathlib
import re
import sys

from browser import Browser, find

WIDTHS = {"phone": 390, "desktop": 1280}

# Runs in the page and says what only a browser knows. Colours are drawn and read back, which understands every notation.
PROBE = """(() => {
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
return {
  overflow: document.documentElement.scrollWidth - document.documentElement.clientWidth, texts, shapes, sorted,
  dark: matchMedia("(prefers-color-scheme: dark)").matches, width: innerWidth,
};
})()"""


def expect(condition, page, message):
    if not condition:
        sys.exit(f"FAILED: {page.name}: {message}")


def check_fetches(browser, page):
    """Neither a message on the console, which a forbidden request would leave, nor a request for anything else."""
    expect(not browser.messages, page, f"messages on the console: {browser.messages}")
    others = [url for url in browser.requests if url != page.as_uri() and not url.startswith("data:")]
    expect(page.as_uri() in browser.requests and not others, page, f"fetches {others}")


def check_look(browser, page, width, dark):
    browser.open(page.as_uri(), WIDTHS[width], 900, mobile=width == "phone", dark=dark)
    probe = browser.evaluate(PROBE)
    look = f"{'dark' if dark else 'light'} on a {width}"
    expect(probe["width"] == WIDTHS[width] and probe["dark"] == dark, page, f"not shown {look}")
    expect(probe["overflow"] <= 0, page, f"{look}: {probe['overflow']} pixels too wide")
    check_contrast(page, look, probe)
    check_sorting(page, probe["sorted"])


def check_paper(browser, page):
    """Black on white, whatever the screen is."""
    browser.open(page.as_uri(), WIDTHS["desktop"], 900, dark=True)
    browser.call("Emulation.setEmulatedMedia", media="print", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    probe = browser.evaluate(PROBE)
    check_contrast(page, "on paper", probe)
    expect(browser.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)", page, "prints paper")
    pdf = base64.b64decode(browser.call("Page.printToPDF", printBackground=True)["data"])
    expect(pdf.startswith(b"%PDF"), page, "does not print")
    browser.call("Emulation.setEmulatedMedia", media="")
    return pdf


def check_without_scripts(browser, page):
    browser.call("Emulation.setScriptExecutionDisabled", value=True)
    browser.open(page.as_uri(), WIDTHS["desktop"], 900)
    browser.call("Emulation.setScriptExecutionDisabled", value=False)
    expect(browser.evaluate("document.querySelectorAll('button').length") == 0, page, "scripts ran")
    for part in ["table td", "svg text", "svg rect", "img"]:
        expect(browser.evaluate(f"document.querySelectorAll('{part}').length") > 0, page, f"has no {part} without scripts")


def check_contrast(page, look, probe):
    """Web Content Accessibility Guidelines 2.2, 1.4.3 and 1.4.11: 4.5 for text, 3 for graphics."""
    expect(len(probe["texts"]) > 100 and len(probe["shapes"]) > 10, page, "the probe saw too little")
    for text, colour, background, size in probe["texts"]:
        ratio = contrast(colour, background)
        expect(ratio >= 4.5, page, f"{look}: '{text}' in {colour} on {background} has a contrast of {ratio:.2f}")
        expect(size >= 11, page, f"'{text}' has {size} pixels")
    for shape, colour, background in probe["shapes"]:
        ratio = contrast(colour, background)
        expect(ratio >= 3, page, f"{look}: {shape} in {colour} on {background} has a contrast of {ratio:.2f}")


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


def take_pictures(browser, page, pdf, folder):
    for width in WIDTHS:
        for dark in (False, True):
            browser.open(page.as_uri(), WIDTHS[width], 900, mobile=width == "phone", dark=dark)
            browser.screenshot(folder / f"{page.stem}-{width}-{'dark' if dark else 'light'}.png")
    (folder / f"{page.stem}.pdf").write_bytes(pdf)


def main():
    if not find():
        print("SKIPPED: opening reports, because there is no Chromium here")
        return
    for page in (pathlib.Path(path).resolve() for path in sys.argv[1:]):
        with Browser() as browser:
            for width in WIDTHS:
                for dark in (False, True):
                    check_look(browser, page, width, dark)
            pdf = check_paper(browser, page)
            check_without_scripts(browser, page)
            check_fetches(browser, page)
            if "SCREENSHOTS" in os.environ:
                take_pictures(browser, page, pdf, pathlib.Path(os.environ["SCREENSHOTS"]))
        print(f"{page.name}: fine on a phone and a desktop, dark and light, on paper and without scripts")


main()
