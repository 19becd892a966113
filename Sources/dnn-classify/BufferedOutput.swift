import DNNCommandLine

/// Standard output in few writes: what comes within some milliseconds goes out together.
struct BufferedOutput {
  /// Whether somebody waits for every line.
  let isImmediate: Bool
  private var text = ""
  private var lastWrite = ContinuousClock.now

  init(isImmediate: Bool) { self.isImmediate = isImmediate }

  mutating func add(_ more: String) throws {
    text += more
    if isImmediate || text.utf8.count >= 1 << 16 || ContinuousClock.now - lastWrite > .milliseconds(5) { try flush() }
  }

  /// Writes what is left. To be called at the end, and before anything goes to standard error.
  mutating func flush() throws {
    defer { text = "" }
    if !text.isEmpty { try Terminal.print(text) }
    lastWrite = .now
  }
}
