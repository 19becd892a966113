import DNNCommandLine
import DNNModel
import Glibc
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
    .init(
      "--threads", "N", "threads, each with pictures of its own; 0 for one a processor (default: 0)"),
  ],
  arguments: .init("IMAGE", values: .file("png")),
  statuses: [.picture, .model, .unsupported])

runProgram(syntax) { options, ranks in
  let top = try options.integer("--top", in: 1...65_536) ?? 1
  let confidence = try options.number("--min-confidence", in: Float(0)...1) ?? 0
  let threads = try options.integer("--threads", in: 0...256)
  guard !options.arguments.isEmpty else { throw UsageError("give a PNG file, a folder, or - for standard input") }
  if options.has("--json") && options.has("--plain") { throw UsageError("give --json or --plain, not both") }
  if options.has("--show") && (options.has("--json") || options.has("--plain")) {
    throw UsageError("--show is for people: leave out --json or --plain")
  }
  let classifier: Classifier
  do {
    classifier = try Classifier(path: options.text("--model"), threads: 1)
  } catch let failure as Failure {
    throw ModelError(failure)
  }

  var status = ExitStatus.done
  var summary = Summary()
  // One bad picture does not keep the others from being answered.
  func report(_ error: any Error) throws {
    // An answer or a picture that cannot be written: nor can the next one.
    if error is FileError { throw error }
    Terminal.report(error, program: syntax.name)
    summary.failed += 1
    status = .picture
  }
  var paths: [String] = []
  for argument in options.arguments {
    do { paths += try files(of: argument) } catch { try report(error) }
  }
  let target = try options.outputPath("--save-prepared", ranks)
  if target != nil && paths.count != 1 { throw UsageError("--save-prepared takes one picture, not \(paths.count)") }

  let isAligned = Terminal.usesColour && top == 1 && !options.has("--show")
  let width = isAligned ? min(paths.map(\.count).max() ?? 0, Terminal.width / 2) : 0
  let format: Output = options.has("--json") ? .json : options.has("--plain") ? .plain : .text(width: width)
  let task = PictureTask(
    top: top, confidence: confidence, format: format, shows: options.has("--show"), preparedPath: target)
  // Standard input is read in its turn, after everything before it was answered.
  let readsInput = paths.contains("-")
  if readsInput && !ranks.isAlone { throw UsageError("-: several processes have no standard input to share") }
  try check(ranks, classifier, modelPath: options.text("--model"), paths)
  let classifiers = classifiers(
    sharing: classifier, threads: threads, processors: ranks.processorShare, pictures: readsInput ? 1 : paths.count)
  var output = BufferedOutput(isImmediate: readsInput || isatty(1) == 1)
  try inOrder(paths.count, ranks, workers: classifiers) {
    task.outcome(of: paths[$0], by: $1)
  } deliver: { outcome in
    try output.add(outcome.text)
    if let answer = outcome.answer { summary.add(answer) }
    if let error = outcome.error {
      try output.flush()
      try report(error)
    }
  }
  try output.flush()
  // Ten lines are counted at a glance.
  if case .text = format, paths.count > 10 { Terminal.note(summary.text) }
  return status
}

/// A classifier for each thread that takes pictures of its own.
///
/// - Parameters:
///   - classifier: the first, of one thread.
///   - threads: how many there are to be, 0 for one a processor; those that no picture is left for help with the others. nil for
///     one a processor, without such help.
///   - processors: for this process.
///   - pictures: how many can be classified at the same time.
/// - Returns: at least one; fewer than asked for where memory or threads run out.
func classifiers(
  sharing classifier: Classifier, threads: Int?, processors: Int, pictures: Int
) -> [Classifier] {
  let all = threads.flatMap { $0 > 0 ? $0 : nil } ?? processors
  let count = max(min(all, pictures), 1)
  let helpers = threads == nil ? 1 : all / count
  func another() -> Classifier? { try? Classifier(sharing: classifier, threads: helpers) }
  let first = helpers == 1 ? classifier : another() ?? classifier
  return [first] + (1..<count).compactMap { _ in another() }
}
