import Foundation
import MNISTInfer

/// What a program ends with. The numbers are part of what scripts rely on.
public enum ExitStatus: Int32, Sendable {
  /// All done.
  case done = 0
  /// Anything that has no status of its own.
  case failure = 1
  /// The command line has to be changed.
  case usage = 2
  /// A picture could not be read.
  case picture = 3
  /// The model could not be read.
  case model = 4
  /// The model needs a newer library.
  case unsupported = 5
}

/// A model that could not be opened: exit status 4 or 5.
public struct ModelError: Error, CustomStringConvertible {
  let failure: Failure
  /// The file, what is wrong with it and what to do.
  public var description: String { failure.description }

  /// What the runtime said on opening the model.
  public init(_ failure: Failure) { self.failure = failure }
}

/// Runs a program: answers `--help` and `--version`, reports errors, and ends the process with the right status.
///
/// - Parameters:
///   - name: the program's name, as people type it.
///   - version: what `--version` prints after the name.
///   - syntax: the options it takes.
///   - body: everything else; what it returns is the exit status.
public func runProgram(
  _ name: String, version: String, _ syntax: CommandLineSyntax, _ body: (CommandLineOptions) throws -> ExitStatus
) -> Never {
  // A reader of the output that goes away must not end the process in the middle of its work.
  signal(SIGPIPE, SIG_IGN)
  do {
    let options = try CommandLineOptions(Array(CommandLine.arguments.dropFirst()), syntax)
    if options.has("--help") {
      Terminal.print(syntax.help)
    } else if options.has("--version") {
      Terminal.print("\(name) \(version)\n")
    } else {
      exit(try body(options).rawValue)
    }
    exit(ExitStatus.done.rawValue)
  } catch {
    Terminal.report(error, program: name)
    if error is UsageError { Terminal.note("\(name) --help shows how it is called") }
    exit(exitStatus(of: error).rawValue)
  }
}

private func exitStatus(of error: any Error) -> ExitStatus {
  switch error {
  case is UsageError: .usage
  case let error as ModelError: error.failure.status == .unsupported ? .unsupported : .model
  case let failure as Failure where failure.status == .badPicture: .picture
  default: .failure
  }
}
