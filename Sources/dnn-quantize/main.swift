import DNNCommandLine
import DNNTrain

let syntax = CommandLineSyntax(
  name: "dnn-quantize", summary: "make an 8-bit model of a float32 one",
  examples: [
    .init("dnn-quantize model.dnn --data mnist --out small.dnn", "a quarter of the size, and faster"),
    .init(
      "dnn-quantize model.dnn --data mnist --out small.dnn --finetune 1", "the same, trained for an epoch more"),
  ],
  usage: ["MODEL --data DATA --out FILE [options]"],
  description: """
    Makes an 8-bit model of a float32 one: a quarter of the size, computed in integers, the same results on every machine.
    Ranges are taken from training images; what they do to the accuracy is measured on images held out of the training. The
    same options, model, data and processor give the same file, byte for byte, for any number of threads.
    """,
  options: [
    .init("--data", "DATA", "the data that the model was trained on, as dnn-train takes them", values: .data),
    .init("--out", "FILE", "the .dnn file to write", values: .file("dnn")),
    .init(
      "--max-drop", "POINTS", "write nothing if held-out accuracy falls by more percentage points (default: 0.1)"),
    .init("--force", nil, "write the file however far accuracy falls"),
    .init("--weights-only", nil, "store weights in 8 bits and compute in float32"),
    .init(
      "--finetune", "EPOCHS", "train further with the rounding in the loop, and keep what is best on held-out images"),
    .init("--lr", "RATE", "the learning rate of --finetune, falling by a cosine (default: 0.0001)"),
    .init("--seed", "N", "decides which images are calibrated on, and the order of training (default: 1)"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 0)"),
    .init("--json", nil, "print one JSON object"),
    .init("--quiet", nil, "print results and errors only"),
  ],
  arguments: .init("MODEL", values: .file("dnn")),
  statuses: [.model, .unsupported])

runProgram(syntax) { options in
  try quantize(Settings(options))
  return .done
}
