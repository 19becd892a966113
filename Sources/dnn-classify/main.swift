import DNNCommandLine
import DNNModel
import Foundation
import MNISTInfer

let syntax = CommandLineSyntax(
  name: "dnn-classify", summary: "say what is on PNG pictures",
  examples: [
    .init("dnn-classify digit.png", "a handwritten digit"),
    .init("dnn-classify --min-confidence 0.9 scans/", "all pictures in a folder; doubtful ones are named so"),
    .init("dnn-classify --top 3 --json *.png", "the likeliest three classes, for programs"),
    .init("dnn-classify --model fashion.dnn - < shirt.png", "a model of your own, a picture from standard input"),
  ],
  usage: ["[options] IMAGE…"],
  description: """
    Says what is on PNG pictures, with the model of handwritten digits that is built in or with one of your own. For a folder,
    all PNG files in it and in the folders in it are taken.

    A picture on which there is nothing to see, as a blank one, is an answer and no error. A picture that cannot be read is
    named on standard error, and the others are answered all the same.
    """,
  options: [
    .init("--model", "FILE", "a .dnn file (default: the built-in digits model)", values: .file("dnn")),
    .init("--top", "N", "print the N likeliest classes (default: 1)"),
    .init(
      "--min-confidence", "X", "call a picture uncertain whose likeliest class has a probability below X (default: 0)"),
    .init(
      "--json", nil,
      "print an object a line: file, class, label, probability, top; without an answer class and label are null, and reason is "
        + "\"nothing\" or \"uncertain\""),
    .init(
      "--plain", nil,
      "print file, answer (class, uncertain or nothing), label and probability, with tabs between them"),
    .init("--show", nil, "show what the network sees"),
    .init("--save-prepared", "FILE", "write what the network sees of the one picture as a PNG", values: .file("png")),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 1)"),
  ],
  arguments: .init("IMAGE", values: .file("png")),
  statuses: [.picture, .model, .unsupported])

runProgram(syntax) { options in
  let top = try options.integer("--top", in: 1...65_536) ?? 1
  let confidence = try options.number("--min-confidence", in: Float(0)...1) ?? 0
  let threads = try options.integer("--threads", in: 0...256) ?? 1
  guard !options.arguments.isEmpty else { throw UsageError("give a PNG file, a folder, or - for standard input") }
  if options.has("--json") && options.has("--plain") { throw UsageError("give --json or --plain, not both") }
  if options.has("--show") && (options.has("--json") || options.has("--plain")) {
    throw UsageError("--show is for people: leave out --json or --plain")
  }
  let classifier: Classifier
  do {
    classifier = try Classifier(path: options.text("--model"), threads: threads)
  } catch let failure as Failure {
    throw ModelError(failure)
  }

  var status = ExitStatus.done
  var summary = Summary()
  // One bad picture does not keep the others from being answered.
  func attempt(_ work: () throws -> Void) throws {
    do {
      try work()
    } catch let error as FileError {
      // An answer or a picture that cannot be written: nor can the next one.
      throw error
    } catch {
      Terminal.report(error, program: syntax.name)
      summary.failed += 1
      status = .picture
    }
  }
  var paths: [String] = []
  for argument in options.arguments { try attempt { paths += try files(of: argument) } }
  let target = try options.outputPath("--save-prepared")
  if target != nil && paths.count != 1 { throw UsageError("--save-prepared takes one picture, not \(paths.count)") }

  let isAligned = Terminal.usesColour && top == 1 && !options.has("--show")
  let width = isAligned ? min(paths.map(\.count).max() ?? 0, Terminal.width / 2) : 0
  let output: Output = options.has("--json") ? .json : options.has("--plain") ? .plain : .text(width: width)
  for path in paths {
    try attempt {
      let input = try Input(path: path)
      let answer = try input.answer(of: classifier, top: top, confidence: confidence)
      try Terminal.print(output.line(path, answer))
      summary.add(answer)
      if case .nothing = answer { return }
      if options.has("--show") { try Terminal.print(shown(try input.image(for: classifier), classifier.input)) }
      if let target { try save(input.image(for: classifier), classifier.input, to: target) }
    }
  }
  // Ten lines are counted at a glance.
  if case .text = output, paths.count > 10 { Terminal.note(summary.text) }
  return status
}

/// Writes an image as a PNG.
func save(_ image: [UInt8], _ shape: Shape, to path: String) throws {
  guard let bytes = encodedPNG(image, width: shape.width, height: shape.height, channels: shape.channels) else {
    throw OutOfMemory()
  }
  try writeAtomically(bytes, to: path)
}

/// For a PNG.
struct OutOfMemory: Error, CustomStringConvertible {
  var description: String { "no memory for a picture" }
}
