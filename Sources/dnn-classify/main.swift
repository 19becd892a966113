import DNNCommandLine
import DNNModel
import MNISTInfer

let syntax = CommandLineSyntax(
  name: "dnn-classify", summary: "say what is on PNG pictures",
  examples: [
    .init("dnn-classify digit.png", "a handwritten digit"),
    .init("dnn-classify --top 3 --json *.png", "the likeliest three classes, for programs"),
    .init("dnn-classify --model fashion.dnn - < shirt.png", "a model of your own, a picture from standard input"),
  ],
  usage: ["[options] IMAGE…"],
  description: """
    Says what is on PNG pictures, with the model of handwritten digits that is built in or with one of your own.
    """,
  options: [
    .init("--model", "FILE", "a .dnn file (default: the built-in digits model)", values: .file("dnn")),
    .init("--top", "N", "print the N likeliest classes (default: 1)"),
    .init("--json", nil, "print an object a line: file, class, label, probability, top"),
    .init("--threads", "N", "threads to compute with; 0 for one a processor (default: 1)"),
  ],
  arguments: .init("IMAGE", values: .file("png")),
  statuses: [.picture, .model, .unsupported])

runProgram(syntax) { options in
  let top = try options.integer("--top", in: 1...65_536) ?? 1
  let threads = try options.integer("--threads", in: 0...256) ?? 1
  guard !options.arguments.isEmpty else { throw UsageError("give a PNG file, or - for standard input") }
  let classifier: Classifier
  do {
    classifier = try Classifier(path: options.text("--model"), threads: threads)
  } catch let failure as Failure {
    throw ModelError(failure)
  }
  var status = ExitStatus.done
  for path in options.arguments {
    do {
      let predictions = try classify(path, classifier, top: top)
      Terminal.print(try options.has("--json") ? jsonLine(path, predictions) : plainLines(path, predictions))
    } catch {
      // One bad picture does not keep the others from being answered.
      Terminal.report(error, program: "dnn-classify")
      status = .picture
    }
  }
  return status
}
