import Foundation
import Testing

@testable import DNNTrain

@Suite struct ChildProgramTests {
  private func shell(_ script: String) throws -> ChildProgram { try ChildProgram(running: ["sh", "-c", script]) }

  @Test func itsStatusAndMessagesComeBack() throws {
    let program = try shell("echo 'one\ntwo' >&2; exit 23")
    #expect(program.status == 23)
    #expect(program.messages == "one\ntwo\n")
    #expect(try shell("kill -9 $$").status == 9)
  }

  @Test func moreMessagesThanAPipeHoldsComeBack() throws {
    let program = try shell("head -c 300000 /dev/zero >&2")
    #expect(program.status == 0)
    #expect(program.messages.utf8.count == 300_000)
  }

  @Test func wordsArriveAsTheyAre() throws {
    let words = ["a b", "", "$HOME", "é\"'"]
    let program = try ChildProgram(running: ["sh", "-c", "printf '%s|' \"$@\" >&2", "sh"] + words)
    #expect(program.messages == words.map { $0 + "|" }.joined())
  }

  @Test func itHasTheEnvironmentNoInputAndNoOtherFiles() throws {
    let environment = ProcessInfo.processInfo.environment["PATH"] ?? ""
    #expect(try shell("printf %s \"$PATH\" >&2").messages == environment)
    #expect(try shell("cat >&2").messages.isEmpty)
    // One that a program would inherit, far from those that other tests open meanwhile.
    let descriptor = fcntl(0, F_DUPFD, 200)
    defer { close(descriptor) }
    #expect(descriptor >= 200)
    let there = try shell("ls /proc/$$/fd >&2; true").messages.split(separator: "\n")
    #expect(there.contains("2") && !there.contains("\(descriptor)"), "\(there)")
  }

  @Test func aProgramThatIsNotThereIsAnError() {
    #expect { try ChildProgram(running: ["no-such-program-is-here"]) } throws: {
      ($0 as? ChildProgram.StartError)?.code == ENOENT
    }
  }
}
