/**
 * The library in a browser or in Node: mnistinfer.wasm, with the model of handwritten digits inside.
 *
 *     const digits = await Classifier.load(fetch("mnistinfer.wasm"));
 *     const { label, probability } = digits.classify(context.getImageData(0, 0, 280, 280));
 */
export class Classifier {
  #library;
  #model;
  #session;
  #error;

  /** The classes' names, by index. */
  labels;
  /** Height, width and channels of what the network sees. */
  shape;

  /**
   * @param source  mnistinfer.wasm: its bytes, a Response, or a promise of either
   * @param model  the bytes of a .dnn file; without them, the model inside of the library
   */
  static async load(source, model) {
    const loaded = await source;
    const isResponse = loaded instanceof globalThis.Response;
    if (isResponse && !loaded.ok) throw new Error(`${loaded.url}: ${loaded.status} ${loaded.statusText}`);
    // Compiling while it loads is for servers that call it WebAssembly; many call it bytes.
    const { instance } = isResponse && loaded.headers.get("Content-Type") === "application/wasm"
      ? await WebAssembly.instantiateStreaming(loaded)
      : await WebAssembly.instantiate(isResponse ? await loaded.arrayBuffer() : loaded);
    return new Classifier(instance.exports, model);
  }

  constructor(library, model) {
    this.#library = library;
    this.#error = this.#allocate(256);
    this.#model = this.#open((handle) =>
      model === undefined
        ? library.dnn_model_open_default(handle, this.#error)
        : this.#with([model], (bytes) => library.dnn_model_open_memory(bytes, model.length, handle, this.#error)));
    this.#session = this.#open((handle) => library.dnn_session_open(this.#model, 0, handle, this.#error));
    const count = library.dnn_model_class_count(this.#model);
    this.labels = Array.from({ length: count }, (_, index) => this.#text(library.dnn_model_label(this.#model, index)));
    this.shape = this.#with([12], (place) => {
      library.dnn_model_input_shape(this.#model, place, place + 4, place + 8);
      const [height, width, channels] = new Uint32Array(library.memory.buffer, place, 3);
      return { height, width, channels };
    });
  }

  /** The likeliest class of an ImageData, or of anything with width, height and RGBA data. */
  classify(picture) {
    const probabilities = this.predict(this.prepare(picture));
    const classIndex = probabilities.indexOf(Math.max(...probabilities));
    return { classIndex, label: this.labels[classIndex], probability: probabilities[classIndex] };
  }

  /** What the network sees of a picture: height × width × channels bytes. */
  prepare({ data, width, height }) {
    if (data.length !== 4 * width * height) {
      throw new RangeError(`${data.length} bytes are no RGBA picture of ${width}×${height} pixels`);
    }
    return this.#with([data, this.#imageSize], (pixels, image) => {
      this.#check(this.#library.dnn_prepare_rgba(this.#model, pixels, width, height, 4 * width, image, this.#error));
      return this.#bytes(image, this.#imageSize).slice();
    });
  }

  /** The probabilities of all classes, for one or more images as `prepare` gives them, one after another. */
  predict(images) {
    const count = images.length / this.#imageSize;
    if (!Number.isInteger(count)) throw new RangeError(`${images.length} bytes are no multiple of ${this.#imageSize}`);
    return this.#with([images, 4 * count * this.labels.length], (place, result) => {
      this.#check(this.#library.dnn_predict_u8(this.#session, place, count, result, this.#error));
      return new Float32Array(this.#library.memory.buffer, result, count * this.labels.length).slice();
    });
  }

  /** Runs the model's self-test: how far off its probabilities are, and how far off they may be. */
  verify() {
    return this.#with([12], (place) => {
      this.#check(this.#library.dnn_session_verify(this.#session, place, this.#error));
      const view = new DataView(this.#library.memory.buffer, place, 12);
      return {
        pictures: view.getUint32(0, true),
        largestDifference: view.getFloat32(4, true),
        tolerance: view.getFloat32(8, true),
      };
    });
  }

  /** Gives the memory back. The classifier cannot be used afterwards. */
  close() {
    this.#library.dnn_session_close(this.#session);
    this.#library.dnn_model_close(this.#model);
    this.#library.free(this.#error);
  }

  get #imageSize() { return this.shape.height * this.shape.width * this.shape.channels; }

  #open(call) {
    return this.#with([4], (place) => {
      this.#check(call(place));
      return new DataView(this.#library.memory.buffer).getUint32(place, true);
    });
  }

  /** Throws what the library reported. */
  #check(status) {
    if (status !== 0) throw new ClassifierError(status, this.#text(this.#error + 4));
  }

  /** Calls with memory for each item: bytes that are copied into it, or a number of bytes; and frees it. */
  #with(items, call) {
    const places = [];
    try {
      for (const item of items) {
        places.push(this.#allocate(item.length ?? item));
        if (item.length !== undefined) this.#bytes(places.at(-1), item.length).set(item);
      }
      return call(...places);
    } finally {
      for (const place of places) this.#library.free(place);
    }
  }

  #allocate(size) {
    const place = this.#library.malloc(size);
    if (place === 0) throw new ClassifierError(2, `no memory for ${size} bytes`);
    return place;
  }

  /** A view that is valid until the library allocates. */
  #bytes(place, size) { return new Uint8Array(this.#library.memory.buffer, place, size); }

  #text(place) {
    const bytes = new Uint8Array(this.#library.memory.buffer, place);
    return new TextDecoder().decode(bytes.subarray(0, bytes.indexOf(0)));
  }
}

/** Why a call failed: `status` is a dnn_status of mnistinfer.h. */
export class ClassifierError extends Error {
  constructor(status, message) {
    super(message);
    this.name = "ClassifierError";
    this.status = status;
  }
}
