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
  /// A signal asked to stop: what a shell reports of a process that SIGINT ended.
  case interrupted = 130

  /// For the help.
  var meaning: String {
    switch self {
    case .done: "all done"
    case .failure: "anything else went wrong; a message says what"
    case .usage: "the command line has to be changed; a message says how"
    case .picture: "a picture could not be read"
    case .model: "a model could not be read"
    case .unsupported: "a model needs a newer version of this program"
    case .interrupted: "a signal asked to stop"
    }
  }
}
