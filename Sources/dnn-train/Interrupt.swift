import DNNCommandLine
import Glibc
import Synchronization

/// SIGINT and SIGTERM: the first asks the training to save and stop, the second ends the process at once.
enum Interrupt {
  private static let count = Atomic(0)

  /// Whether a signal has come.
  static var isRequested: Bool { count.load(ordering: .relaxed) > 0 }

  /// From now on.
  static func watch() {
    // Makes the counter now: what makes it later is nothing to run inside a signal.
    _ = isRequested
    for signal in [SIGINT, SIGTERM] {
      Glibc.signal(signal) { _ in
        if Interrupt.count.wrappingAdd(1, ordering: .relaxed).oldValue > 0 { _exit(ExitStatus.interrupted.rawValue) }
      }
    }
  }
}
