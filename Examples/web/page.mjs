import { Classifier } from "./mnistinfer.mjs";

const element = (id) => document.getElementById(id);
const paper = element("paper");
const pen = paper.getContext("2d");
const seen = element("seen").getContext("2d");
const dark = matchMedia("(prefers-color-scheme: dark)");
const nothingToSee = 21;    // DNN_NOTHING_TO_SEE of mnistinfer.h
const penWidth = paper.width / 13;    // as thick as MNIST's strokes are for the size of its digits

/** Lines of points in the canvas's pixels, in the order in which they were drawn. */
const strokes = [];
/** The stroke of each pointer that is down. */
const drawing = new Map();
const keyboard = { x: paper.width / 2, y: paper.height / 2, stroke: undefined };
/** What is read: the drawing in a size that takes little time to prepare, and is large enough for its strokes. */
const small = new OffscreenCanvas(224, 224).getContext("2d", { willReadFrequently: true });
let isScheduled = false;
let classifier;
let rows;

try {
  classifier = await Classifier.load(fetch("mnistinfer.wasm"));
  rows = classifier.labels.map(addRow);
  update();
} catch (error) {
  element("problem").textContent = `The network could not be started: ${error.message}`;
  element("problem").hidden = false;
}

function addRow(label) {
  const row = document.createElement("li");
  row.innerHTML = '<span class="label"></span><span class="track" aria-hidden="true"><span class="fill"></span></span>'
    + '<span class="share"></span>';
  row.querySelector(".label").textContent = label;
  row.querySelector(".fill").style.display = "block";
  element("classes").append(row);
  return row;
}

// --- Drawing ---

function position(event) {
  const box = paper.getBoundingClientRect();
  return {
    x: (event.clientX - box.left - paper.clientLeft) / paper.clientWidth * paper.width,
    y: (event.clientY - box.top - paper.clientTop) / paper.clientHeight * paper.height,
  };
}

paper.addEventListener("pointerdown", (event) => {
  if (event.button !== 0) return;
  paper.setPointerCapture(event.pointerId);
  drawing.set(event.pointerId, begin(position(event)));
});

paper.addEventListener("pointermove", (event) => {
  const stroke = drawing.get(event.pointerId);
  if (!stroke) return;
  // All that the pointer did since the last frame, which makes fast curves round.
  const moves = event.getCoalescedEvents?.() ?? [];
  for (const move of moves.length > 0 ? moves : [event]) stroke.push(position(move));
  update();
});

for (const type of ["pointerup", "pointercancel"]) {
  paper.addEventListener(type, (event) => {
    if (drawing.delete(event.pointerId)) announce();
  });
}

const steps = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };

paper.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.altKey || event.metaKey) return;
  if (event.key in steps) {
    const [x, y] = steps[event.key];
    const step = paper.width / 28;
    keyboard.x = Math.min(Math.max(keyboard.x + x * step, 0), paper.width);
    keyboard.y = Math.min(Math.max(keyboard.y + y * step, 0), paper.height);
    keyboard.stroke?.push({ x: keyboard.x, y: keyboard.y });
  } else if (event.key === " ") {
    keyboard.stroke = keyboard.stroke ? undefined : begin({ x: keyboard.x, y: keyboard.y });
    if (!keyboard.stroke) announce();
  } else if (event.key === "Backspace") {
    undo();
  } else if (event.key === "Delete") {
    clear();
  } else {
    return;
  }
  event.preventDefault();
  update();
});

for (const type of ["focus", "blur"]) paper.addEventListener(type, update);
element("undo").addEventListener("click", undo);
element("clear").addEventListener("click", clear);
dark.addEventListener("change", update);

function begin(point) {
  const stroke = [point];
  strokes.push(stroke);
  update();
  return stroke;
}

function undo() {
  strokes.pop();
  lift();
}

function clear() {
  strokes.length = 0;
  lift();
}

function lift() {
  drawing.clear();
  keyboard.stroke = undefined;
  update();
  announce();
}

// --- Reading ---

/** Draws and reads once before the next frame, however many events there are until then. */
function update() {
  if (isScheduled) return;
  isScheduled = true;
  requestAnimationFrame(() => {
    isScheduled = false;
    draw();
    read();
    drawCursor();
  });
}

function draw() {
  const style = getComputedStyle(document.documentElement);
  pen.fillStyle = style.getPropertyValue("--paper");
  pen.fillRect(0, 0, paper.width, paper.height);
  pen.strokeStyle = style.getPropertyValue("--ink");
  pen.lineWidth = penWidth;
  pen.lineCap = pen.lineJoin = "round";
  for (const [first, ...rest] of strokes) {
    pen.beginPath();
    pen.moveTo(first.x, first.y);
    for (const point of rest.length > 0 ? rest : [first]) pen.lineTo(point.x, point.y);
    pen.stroke();
  }
  element("undo").disabled = element("clear").disabled = strokes.length === 0;
}

/** Where the keyboard's pen is; drawn after reading, because it is no ink. */
function drawCursor() {
  if (!paper.matches(":focus-visible")) return;
  pen.beginPath();
  pen.arc(keyboard.x, keyboard.y, penWidth / 2, 0, 2 * Math.PI);
  pen.strokeStyle = getComputedStyle(document.documentElement).getPropertyValue("--best");
  pen.lineWidth = keyboard.stroke ? 8 : 3;
  pen.stroke();
}

function read() {
  if (!rows) return;
  small.drawImage(paper, 0, 0, 224, 224);
  const picture = small.getImageData(0, 0, 224, 224);
  const start = performance.now();
  let image;
  try {
    image = classifier.prepare(picture);
  } catch (error) {
    // A dot, or nothing at all, is no digit.
    if (error.status !== nothingToSee) throw error;
    show();
    element("time").textContent = "28 × 28 pixels";
    return;
  }
  const middle = performance.now();
  const probabilities = classifier.predict(image);
  const end = performance.now();
  show(image, probabilities);
  element("time").textContent =
    `28 × 28 pixels, prepared in ${(middle - start).toFixed(1)} ms, read in ${(end - middle).toFixed(1)} ms`;
}

/** Shows what the network sees and how likely each digit is; without arguments, that there is nothing. */
function show(image, probabilities) {
  const best = probabilities ? probabilities.indexOf(Math.max(...probabilities)) : -1;
  const pixels = new ImageData(28, 28);
  for (let index = 0; index < 28 * 28; index++) {
    const value = image?.[index] ?? 0;
    pixels.data.set([value, value, value, 255], 4 * index);
  }
  seen.putImageData(pixels, 0, 0);
  rows.forEach((row, index) => {
    row.classList.toggle("best", index === best);
    row.querySelector(".fill").style.transform = `scaleX(${probabilities?.[index] ?? 0})`;
    row.querySelector(".share").textContent = best < 0 ? "" : `${(100 * probabilities[index]).toFixed(1)} %`;
  });
  element("digit").textContent = best < 0 ? "–" : classifier.labels[best];
}

/** Says the answer in words when a stroke is done: a screen reader would stumble over every change. */
function announce() {
  requestAnimationFrame(() => requestAnimationFrame(() => {
    if (!rows) return;
    const best = element("classes").querySelector(".best");
    element("words").textContent = best
      ? `Reads ${best.querySelector(".label").textContent}, ${best.querySelector(".share").textContent}`
      : strokes.length === 0 ? "Nothing drawn yet." : "Nothing to read yet.";
  }));
}
