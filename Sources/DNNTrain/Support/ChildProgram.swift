import DNNModel
// The environment to hand on is a variable of libc's, which any thread may write; nothing here does.
@preconcurrency import Glibc

/// Another program, run to its end.
struct ChildProgram {
  /// Its exit status, or the number of the signal that ended it.
  let status: Int32
  /// All that it wrote to standard error.
  let messages: String

  /// Why a program could not be run.
  struct StartError: Error {
    /// As errno has it.
    let code: Int32
  }

  /// Runs a program that finds nothing on standard input, has this one's standard output and environment, and of its open files
  /// no other. It belongs to this one's process group: who interrupts one at a terminal interrupts both.
  ///
  /// - Parameter words: its name, looked for in $PATH, and its arguments.
  /// - Throws: `StartError`.
  init(running words: [String]) throws(StartError) {
    var ends: [Int32] = [-1, -1]
    try ChildProgram.check(pipe(&ends) == 0 ? 0 : errno)
    defer { close(ends[0]) }
    let start = Result { () throws(StartError) in try ChildProgram.start(words, standardError: ends[1]) }
    close(ends[1])
    let process = try start.get()
    messages = ChildProgram.text(from: ends[0])
    status = ChildProgram.wait(for: process)
  }

  private static func check(_ code: Int32) throws(StartError) {
    if code != 0 { throw StartError(code: code) }
  }

  private static func start(_ words: [String], standardError: Int32) throws(StartError) -> pid_t {
    var actions = posix_spawn_file_actions_t()
    try check(posix_spawn_file_actions_init(&actions))
    defer { posix_spawn_file_actions_destroy(&actions) }
    try check(posix_spawn_file_actions_adddup2(&actions, standardError, 2))
    try check(posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0))
    for name in (try? names(inFolder: "/proc/self/fd")) ?? [] {
      guard let descriptor = Int32(String(decoding: name, as: UTF8.self)), descriptor > 2 else { continue }
      try check(posix_spawn_file_actions_addclose(&actions, descriptor))
    }
    var arguments = words.map { strdup($0) } + [nil]
    defer { for argument in arguments { free(argument) } }
    var process: pid_t = 0
    try check(posix_spawnp(&process, words[0], &actions, nil, &arguments, environ))
    return process
  }

  /// All that is written to a pipe until nobody is left who could.
  private static func text(from descriptor: Int32) -> String {
    var bytes: [UInt8] = []
    var part = [UInt8](repeating: 0, count: 4096)
    while true {
      let count = read(descriptor, &part, part.count)
      if count < 0 && errno == EINTR { continue }
      if count <= 0 { return String(decoding: bytes, as: UTF8.self) }
      bytes += part.prefix(count)
    }
  }

  private static func wait(for process: pid_t) -> Int32 {
    var state: Int32 = 0
    while waitpid(process, &state, 0) < 0 && errno == EINTR {}
    // As <sys/wait.h> takes it apart: the signal's number is in the low seven bits, the status above them.
    let signal = state & 0x7f
    return signal == 0 ? state >> 8 & 0xff : signal
  }
}
