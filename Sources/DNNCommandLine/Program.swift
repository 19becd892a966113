import DNNCluster
import DNNModel
import Glibc
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
  run(syntax, .alone) { options, _ in try body(options) }
}

/// The same for a program that works in several processes, if something like mpirun starts it so: of these, the root alone
/// speaks.
///
/// - Parameters:
///   - syntax: what it is called with.
///   - body: everything else; what it returns is the exit status.
public func runProgram(
  _ syntax: CommandLineSyntax, _ body: (CommandLineOptions, Communicator) throws -> ExitStatus
) -> Never {
  do {
    let ranks = try Communicator.join()
    if !ranks.isAlone { Terminal.voice = ranks.isRoot ? .shared : .none }
    run(syntax, ranks, body)
  } catch {
    Terminal.report(error, program: syntax.name)
    exit(ExitStatus.failure.rawValue)
  }
}

private func run(
  _ syntax: CommandLineSyntax, _ ranks: Communicator, _ body: (CommandLineOptions, Communicator) throws -> ExitStatus
) -> Never {
  // A reader of the output that goes away must not end the process in the middle of its work.
  signal(SIGPIPE, SIG_IGN)
  let words = Array(CommandLine.arguments.dropFirst())
  do {
    let options = try CommandLineOptions(words, syntax)
    let status: ExitStatus
    if let text = answer(to: options, syntax) {
      try Terminal.print(text)
      status = .done
    } else {
      status = try body(options, ranks)
    }
    ranks.leave()
    exit(status.rawValue)
  } catch {
    let status = exitStatus(of: error).rawValue
    guard ranks.isMetByAll() else {
      Terminal.voice = .shared
      Terminal.report(error, program: "\(syntax.name), \(ranks.name(ofRank: ranks.rank))")
      ranks.abort(status: status)
    }
    Terminal.report(error, program: syntax.name)
    if error is UsageError {
      Terminal.note("\((syntax.subcommand(calledBy: words) ?? syntax).name) --help shows how it is called")
    }
    ranks.leave()
    exit(status)
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
  // The rank itself ends with the status.
  case is RankError: .done
  case let error as ModelError: error.failure.status == .unsupported ? .unsupported : .model
  case let failure as Failure where failure.status == .badPicture: .picture
  default: .failure
  }
}
