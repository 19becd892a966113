"""A web server on loopback for tests of what is fetched: python3 Tests/mirror.py FOLDER

Prints its port, then a line for each request: its path and its range, or "all". Under /cut/ the first answer for a file ends
half-way; under /whole/ no range can be asked for; everything else is as the folder has it.
"""
import http.server
import pathlib
import re
import sys

folder = pathlib.Path(sys.argv[1])
seen = set()


class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        mode, path = re.fullmatch(r"/(cut/|whole/)?(.*)", self.path).groups()
        asked = re.fullmatch(r"bytes=(\d+)-", self.headers["Range"] or "")
        print(self.path, asked.group(1) if asked else "all", flush=True)
        file = folder / path
        if not file.is_file():
            self.send_error(404)
            return
        content = file.read_bytes()
        start = int(asked.group(1)) if asked and mode != "whole/" else 0
        self.send_response(206 if start else 200)
        if start:
            self.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
        self.send_header("Content-Length", str(len(content) - start))
        self.end_headers()
        end = len(content)
        if mode == "cut/" and path not in seen:
            seen.add(path)
            end //= 2
        self.wfile.write(content[start:end])

    def log_message(self, *_):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
print(server.server_address[1], flush=True)
server.serve_forever()
