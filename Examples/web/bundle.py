"""Puts style, scripts and the WebAssembly module into one page, which then needs no server: a page from the disk may not load
other files.

Usage: python3 bundle.py FOLDER MODULE.wasm PAGE.html
"""
import base64
import pathlib
import sys

folder, module, page = map(pathlib.Path, sys.argv[1:])


def read(name):
    return (folder / name).read_text()


def replace(text, old, new):
    assert text.count(old) == 1, f"{old} is {text.count(old)} times in the page"
    return text.replace(old, new)


html = replace(read("index.html"), '<link rel="stylesheet" href="page.css">', f"<style>\n{read('page.css')}</style>")
script = replace(read("page.mjs"), 'import { Classifier } from "./mnistinfer.mjs";\n', "")
script = replace(script, 'fetch("mnistinfer.wasm")', "wasm()")
library = read("mnistinfer.mjs").replace("export class", "class")
data = base64.b64encode(module.read_bytes()).decode()
bytes_of = f'const wasm = () => Uint8Array.from(atob("{data}"), (c) => c.charCodeAt(0));'
script = f'<script type="module">\n{library}\n{bytes_of}\n{script}</script>'
page.write_text(replace(html, '<script type="module" src="page.mjs"></script>', script))
