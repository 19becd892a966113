import DNNModel
import Glibc
import Synchronization

/// Standard output and standard error.
public enum Terminal {
  /// Who speaks, of processes that work together.
  enum Voice: UInt8, AtomicRepresentable {
    /// This one, alone.
    case own
    /// This one for all. Nobody watches: what starts processes stands between.
    case shared
    /// Another one.
    case none
  }

  private static let currentVoice = Atomic(Voice.own)

  static var voice: Voice {
    get { currentVoice.load(ordering: .relaxed) }
    set { currentVoice.store(newValue, ordering: .relaxed) }
  }

  /// Writes text to standard output. A reader that has gone away is no concern of the writer; a disk that is full is, because
  /// somebody counts on what was to be written.
  ///
  /// - Throws: `FileError`.
  public static func print(_ text: String) throws {
    if let code = write(text, to: 1), code != EPIPE { throw FileError("write", "standard output", code: code) }
  }

  /// Writes a line to standard error. Names of files may be in it, and no control character of theirs reaches the terminal.
  public static func note(_ text: String) {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
    write(lines.joined(separator: "\n") + "\n", to: 2)
  }

  /// Text with a question mark in place of each control character: those of a file's name or a label could move the cursor, change
  /// the window's title or look like a line of the program's own.
  public static func printable(_ text: String) -> String {
    let isControl: (Unicode.Scalar) -> Bool = { $0.value < 0x20 || 0x7f...0x9f ~= $0.value }
    guard text.unicodeScalars.contains(where: isControl) else { return text }
    return String(String.UnicodeScalarView(text.unicodeScalars.map { isControl($0) ? "?" : $0 }))
  }

  /// Writes an error as every program of this project does: its name, then what is wrong.
  public static func report(_ error: any Error, program: String) { note("\(program): \(error)") }

  /// Whether somebody watches standard error.
  public static var isInteractive: Bool { isatty(2) == 1 }

  /// Whether text on standard output may be bold or in colour: a terminal that can, and nobody said no
  /// (https://no-color.org).
  public static let usesColour =
    voice == .own && isatty(1) == 1 && environmentVariable("TERM") != "dumb"
    && (environmentVariable("NO_COLOR") ?? "").isEmpty

  /// Text for standard output, bold where that can be shown.
  public static func bold(_ text: String) -> String { usesColour ? "\u{1b}[1m\(text)\u{1b}[m" : text }

  /// Characters in a line of standard output: at most 100, which is enough to read, and 80 where it is no terminal.
  public static var width: Int {
    var size = winsize()
    guard ioctl(1, UInt(TIOCGWINSZ), &size) == 0, size.ws_col > 0 else { return 80 }
    return min(max(Int(size.ws_col), 40), 100)
  }

  /// - Returns: the system's reason why not all was written, or nil.
  @discardableResult
  private static func write(_ text: String, to descriptor: Int32) -> Int32? {
    if voice == .none { return nil }
    var bytes = Array(text.utf8)[...]
    while !bytes.isEmpty {
      let written = bytes.withUnsafeBytes { Glibc.write(descriptor, $0.baseAddress, $0.count) }
      if written < 0 && errno == EINTR { continue }
      if written <= 0 { return errno }
      bytes = bytes.dropFirst(written)
    }
    return nil
  }

  /// A line of standard error that is written over itself.
  public struct LiveLine {
    private var lastUpdate: ContinuousClock.Instant?

    /// Nothing written yet.
    public init() {}

    /// Shows text in place of what the line showed, at most ten times a second.
    public mutating func show(_ text: @autoclosure () -> String) {
      let now = ContinuousClock.now
      if let lastUpdate, now - lastUpdate < .milliseconds(100) { return }
      lastUpdate = now
      Terminal.write("\r" + text() + LiveLine.clearRest, to: 2)
    }

    /// Clears the line for whatever is written next.
    public mutating func clear() {
      if lastUpdate != nil { Terminal.write("\r" + LiveLine.clearRest, to: 2) }
      lastUpdate = nil
    }

    /// Erase to the end of the line (ECMA-48, EL).
    private static let clearRest = "\u{1b}[K"
  }
}
