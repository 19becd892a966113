"""The library in a browser: the page as people use it, and the same bytes as the native library's.

    MNISTINFER_LIBRARY=…/libmnistinfer.so python3 Tests/web.py WEB [SCREENSHOTS]

WEB is the folder that Examples/web/build.sh made. With a folder for SCREENSHOTS, leaves pictures of the page there. Needs
Chromium and NumPy; uses MNIST's test images in ../shared/data or $DNN_DATA, and noise where there are none.
"""
import base64
import functools
import gzip
import http.server
import json
import os
import pathlib
import shutil
import sys
import tempfile
import threading
import unittest

import numpy as np

ROOT = pathlib.Path(__file__).resolve().parents[1]
GOLDEN = ROOT / "Tests/MNISTInferTests/Golden"
DATA = pathlib.Path(os.environ.get("DNN_DATA") or ROOT.parent / "shared/data") / "mnist/t10k-images-idx3-ubyte.gz"
sys.path.insert(0, str(ROOT / "Examples/python"))

import mnistinfer    # noqa: E402
from browser import Browser, find    # noqa: E402

WEB, SCREENSHOTS = None, None
SEVEN = [(.28, .2), (.4, .2), (.55, .2), (.72, .2), (.65, .36), (.58, .52), (.51, .68), (.44, .84)]


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


class Page(unittest.TestCase):
    """The page by itself, from the disk."""

    def setUp(self):
        self.browser = self.enterContext(Browser())

    def open(self, width=1280, height=800, **options):
        self.browser.open((WEB / "index.html").as_uri(), width, height, **options)
        self.browser.evaluate("new Promise((done) => { const wait = () => document.querySelectorAll('#classes li').length"
                              " === 10 ? done() : setTimeout(wait, 20); wait(); })")

    def tearDown(self):
        self.assertTrue(self.browser.evaluate("document.querySelector('#problem').hidden"), self.text("#problem"))
        self.assertEqual(self.browser.messages, [], "the page is free of messages")
        self.assertEqual([url for url in self.browser.requests if not url.startswith(("file:", "data:"))], [])

    def place(self, points):
        left, top, width, height = self.browser.box("#paper")
        return [(left + x * width, top + y * height) for x, y in points]

    def text(self, selector):
        return self.browser.evaluate(f"document.querySelector({json.dumps(selector)}).textContent")

    def shares(self):
        return [float(share.rstrip(" %")) for share in
                self.browser.evaluate("[...document.querySelectorAll('#classes .share')].map((one) => one.textContent)")]

    def assert_reads(self, digit):
        self.assertEqual(self.text("#digit"), digit)
        shares = self.shares()
        self.assertEqual(shares.index(max(shares)), int(digit))
        self.assertGreater(max(shares), 90)
        self.assertAlmostEqual(sum(shares), 100, delta=1)
        self.assertTrue(self.text("#words").startswith(f"Reads {digit}, "), self.text("#words"))
        self.assertRegex(self.text("#time"), r"prepared in [\d.]+ ms, read in [\d.]+ ms")
        seen = self.browser.evaluate("Array.from(document.querySelector('#seen').getContext('2d')"
                                     ".getImageData(0, 0, 28, 28).data)")
        ink = np.array(seen).reshape(28, 28, 4)[..., 0]
        self.assertGreater(np.count_nonzero(ink > 128), 15, "the network's picture is shown")

    def test_mouse(self):
        for dark in (False, True):
            self.open(dark=dark)
            self.assertEqual((self.text("#digit"), self.text("#words")), ("–", "Nothing drawn yet."))
            # The probabilities change while the line grows.
            left = self.place(SEVEN)
            self.browser.mouse(left[:3])
            before = self.shares()
            self.browser.evaluate("document.querySelector('#undo').click()")
            self.browser.frame()
            self.assertEqual(self.text("#digit"), "–", "undone")
            self.browser.mouse(left)
            self.assertNotEqual(self.shares(), before)
            self.assert_reads("7")
            self.screenshot(f"desktop-{'dark' if dark else 'light'}.png")

    def test_finger(self):
        for dark in (False, True):
            self.open(390, 844, mobile=True, dark=dark)
            self.browser.finger(self.place(SEVEN))
            self.assert_reads("7")
            width = self.browser.evaluate("document.documentElement.scrollWidth")
            self.assertLessEqual(width, 390, "the page does not scroll sideways")
            self.screenshot(f"phone-{'dark' if dark else 'light'}.png")
            self.browser.evaluate("document.querySelector('#clear').click()")
            self.browser.frame()
            self.assertEqual(self.text("#digit"), "–")

    def test_keyboard(self):
        """A one, from the top down, without a pointer."""
        self.open()
        self.browser.key("Tab")
        self.assertEqual(self.browser.evaluate("document.activeElement.id"), "paper")
        self.browser.key("ArrowUp", 9)
        self.browser.key(" ")
        self.browser.key("ArrowDown", 18)
        self.browser.key(" ")
        self.browser.frame()
        self.assert_reads("1")
        self.browser.key("Delete")
        self.browser.frame()
        self.assertEqual(self.text("#words"), "Nothing drawn yet.")

    def test_everything_has_a_name(self):
        """In the tree that screen readers get, whatever can be operated has a name."""
        self.open()
        self.browser.call("Accessibility.enable")
        nodes = self.browser.call("Accessibility.getFullAXTree")["nodes"]
        roles = {"button", "application", "image", "list", "status", "heading"}
        named = [(node["role"]["value"], node.get("name", {}).get("value")) for node in nodes
                 if not node["ignored"] and node["role"]["value"] in roles - {"status"}]
        self.assertEqual([role for role, name in named if not name], [])
        self.assertGreaterEqual({role for role, _ in named}, {"button", "application", "image", "heading"})

    def screenshot(self, name):
        if SCREENSHOTS:
            self.browser.screenshot(SCREENSHOTS / name)


class Library(unittest.TestCase):
    """mnistinfer.wasm through mnistinfer.mjs, from a server, beside the native library."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(cls.enterClassContext(tempfile.TemporaryDirectory()))
        for name in ("mnistinfer.wasm", "mnistinfer.mjs", "index.html"):
            shutil.copy(WEB / name, cls.folder)
        for kind in ("valid", "rejected"):
            for path in (GOLDEN / kind).glob("*.dnn"):
                shutil.copy(path, cls.folder / f"{kind}-{path.name}")
        server = http.server.ThreadingHTTPServer(
            ("127.0.0.1", 0), functools.partial(Quiet, directory=cls.folder))
        cls.addClassCleanup(server.server_close)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        cls.addClassCleanup(server.shutdown)
        cls.browser = cls.enterClassContext(Browser())
        cls.browser.open(f"http://127.0.0.1:{server.server_port}/index.html", 800, 600)
        cls.browser.evaluate("""(async () => {
          const { Classifier, ClassifierError } = await import("./mnistinfer.mjs");
          const module = await (await fetch("mnistinfer.wasm")).arrayBuffer();
          // The file of a name changes from picture to picture.
          const bytes = async (name) => new Uint8Array(await (await fetch(name, { cache: "no-store" })).arrayBuffer());
          const base64 = async (array) => new Promise((done) => {
            const reader = new FileReader();
            reader.onload = () => done(reader.result.slice(reader.result.indexOf(",") + 1));
            reader.readAsDataURL(new Blob([array]));
          });
          Object.assign(globalThis, { Classifier, ClassifierError, module, bytes, base64 });
          globalThis.digits = await Classifier.load(fetch("mnistinfer.wasm"));
        })()""")

    def test_ten_thousand_images(self):
        if DATA.exists():
            images = gzip.open(DATA).read()[16:]
        else:
            print(f"\n*** NOT COMPARED: there is no {DATA}; noise is compared instead ***")
            images = np.random.default_rng(1).bytes(784 * 1000)
        (self.folder / "images").write_bytes(images)
        result = self.browser.evaluate("(async () => base64(digits.predict(await bytes('images'))))()")
        found = np.frombuffer(base64.b64decode(result), np.float32).reshape(-1, 10)
        images = np.frombuffer(images, np.uint8).reshape(-1, 28, 28)
        expected = mnistinfer.Model().session().predict(images)
        different = np.count_nonzero((found.view(np.uint32) != expected.view(np.uint32)).any(axis=1))
        classes = np.count_nonzero(found.argmax(axis=1) != expected.argmax(axis=1))
        print(f"\n{len(images)} images: {different} have other bytes than the native library's, {classes} another class")
        self.assertEqual((found.shape, different), (expected.shape, 0))

    def test_prepared_pictures(self):
        """Drawings of all sizes, colours and transparencies become the same image."""
        random = np.random.default_rng(2)
        for number in range(30):
            height, width = random.integers(1, 300, 2)
            picture = np.full((height, width, 4), [*random.integers(0, 256, 3), random.choice([0, 128, 255])], np.uint8)
            top, left = random.integers(0, height), random.integers(0, width)
            picture[top:top + random.integers(1, 99), left:left + random.integers(1, 99)] = random.integers(0, 256, 4)
            (self.folder / "picture").write_bytes(picture.tobytes())
            found = self.browser.evaluate(
                f"(async () => {{ try {{ return Array.from(digits.prepare({{ data: await bytes('picture'), width: {width},"
                f" height: {height} }})); }} catch (error) {{ return [error.status]; }} }})()")
            try:
                expected = mnistinfer.Model().prepare(picture).ravel().tolist()
            except mnistinfer.Error as error:
                expected = [error.status]
            self.assertEqual(found, expected, f"picture {number}, {width}×{height}")

    def test_sides_beyond_32_bits(self):
        """Sizes that no memory holds are refused; a trap would be a WebAssembly.RuntimeError."""
        found = self.browser.evaluate("""(async () => {
          const { instance } = await WebAssembly.instantiate(module.slice(0));
          const { memory, malloc, dnn_model_open_default, dnn_prepare_rgba } = instance.exports;
          const [handle, error, pixels, image] = [4, 256, 1024, 784].map((size) => malloc(size));
          dnn_model_open_default(handle, error);
          const model = new DataView(memory.buffer).getUint32(handle, true);
          return [[0x80000000, 1], [1, 0x80000000], [0xffffffff, 0xffffffff], [0x40000000, 0x40000000], [16, 16]].map(
            ([width, height]) => dnn_prepare_rgba(model, pixels, width, height, 0x7fffffff, image, error));
        })()""")
        # A stride of 2^31 - 1 bytes is too long for 16 rows.
        self.assertEqual(found, [20, 20, 20, 20, 1])

    def test_golden_files(self):
        """Good models pass their self-test, and bad ones fail with the same status and message."""
        names = sorted(path.name for path in self.folder.glob("*.dnn"))
        self.assertGreater(len(names), 300)
        found = self.browser.evaluate("""(async () => Promise.all(%s.map(async (name) => {
          try {
            const model = await Classifier.load(module.slice(0), await bytes(name));
            const { largestDifference, tolerance } = model.verify();
            model.close();
            return [0, largestDifference <= tolerance];
          } catch (error) {
            return error instanceof ClassifierError ? [error.status, error.message] : [-1, String(error.stack)];
          }
        })))()""" % json.dumps(names))
        for name, (status, result) in zip(names, found, strict=True):
            with self.subTest(name):
                try:
                    verification = mnistinfer.Model((self.folder / name).read_bytes()).session().verify()
                    expected = 0, verification.largest_difference <= verification.tolerance
                except mnistinfer.Error as error:
                    expected = error.status, str(error)
                self.assertEqual(status, expected[0], result)
                # Numbers that 32 bits do not hold are told as the largest that they do.
                if str(2 ** 31 - 1) not in str(result):
                    self.assertEqual(result, expected[1])

    def test_servers(self):
        """Not every server knows what WebAssembly is, and not every one has the file."""
        shutil.copy(WEB / "mnistinfer.wasm", self.folder / "mnistinfer.bytes")
        kind, label = self.browser.evaluate("""(async () => {
          const response = await fetch("mnistinfer.bytes");
          const classifier = await Classifier.load(response);
          return [response.headers.get("Content-Type"), classifier.labels[7]];
        })()""")
        self.assertEqual((kind, label), ("application/octet-stream", "7"))
        message = self.browser.evaluate("Classifier.load(fetch('none.wasm')).catch((error) => error.message)")
        self.assertRegex(message, "none.wasm: 404 ")

    def test_memory_is_given_back(self):
        before, after = self.browser.evaluate("""(async () => {
          const { instance } = await WebAssembly.instantiate(module.slice(0));
          const size = () => instance.exports.memory.buffer.byteLength;
          const data = new Uint8Array(4 * 300 * 200).fill(255);
          const blank = data.slice();
          for (let row = 40; row < 160; row++) data.fill(0, 4 * (300 * row + 140), 4 * (300 * row + 155));
          const use = () => {
            const classifier = new Classifier(instance.exports);
            classifier.classify({ data, width: 300, height: 200 });
            try {
              classifier.classify({ data: blank, width: 300, height: 200 });
            } catch (error) {
              if (error.status !== 21) throw error;
            }
            classifier.close();
          };
          use();
          const first = size();
          for (let round = 0; round < 200; round++) use();
          return [first, size()];
        })()""")
        self.assertEqual(before, after)


if __name__ == "__main__":
    if not find():
        sys.exit("SKIPPED: the page in a browser, because there is no Chromium here")
    WEB = pathlib.Path(sys.argv[1]).resolve()
    SCREENSHOTS = pathlib.Path(sys.argv[2]) if len(sys.argv) > 2 else None
    unittest.main(argv=sys.argv[:1])
