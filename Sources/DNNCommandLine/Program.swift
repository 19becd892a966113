import DNNModel
import Foundation
import MNISTInfer

/// A model that could not be opened: exit status 4 or 5.
public struct ModelError: Error, CustomStringConvertible {
  let failure: Failure
  /// The file, what is wrong with it and what to do.
  public var description: String { failure.description }

  /// What the runtime said on opening the model.
  public init(_ failure: Failure) { self.failure = failure }
}

/// Runs a program: answers the options that all have, reports errors, and ends the process with the right status.
///
/// - Parameters:
///   - syntax: what it is called with.
///   - body: everything else; what it returns is the exit status.
public func runProgram(_ syntax: CommandLineSyntax, _ body: (CommandLineOptions) throws -> ExitStatus) -> Never {
  // A reader of the output that goes away must not end the process in the middle of its work.
  signal(SIGPIPE, SIG_IGN)
  do {
    let options = try CommandLineOptions(Array(CommandLine.arguments.dropFirst()), syntax)
    if let text = answer(to: options, syntax) {
      try Terminal.print(text)
      exit(ExitStatus.done.rawValue)
    }
    exit(try body(options).rawValue)
  } catch {
    Terminal.report(error, program: syntax.name)
    if error is UsageError { Terminal.note("\(syntax.name) --help shows how it is called") }
    exit(exitStatus(of: error).rawValue)
  }
}

/// What --help and its kind print, or nil without them.
private func answer(to options: CommandLineOptions, _ syntax: CommandLineSyntax) -> String? {
  let version = Classifier.libraryVersion
  if options.has("--help") { return options.syntax.help(width: Terminal.width, emphasis: Terminal.bold) }
  if options.has("--version") { return "\(syntax.name) \(version)\n" }
  if options.has("--manual") { return syntax.manual(version: version) }
  return options.text("--completion").flatMap(Shell.init).map(syntax.completion)
}

private func exitStatus(of error: any Error) -> ExitStatus {
  switch error {
  case is UsageError: .usage
  case let error as ModelError: error.failure.status == .unsupported ? .unsupported : .model
  case let failure as Failure where failure.status == .badPicture: .picture
  default: .failure
  }
}
