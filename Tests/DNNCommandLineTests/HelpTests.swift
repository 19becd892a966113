import Foundation
import Testing

@testable import DNNCommandLine

@Suite struct HelpTests {
  /// What is hard to show: quotes, brackets, dashes, dots at the beginning of a line, letters beyond ASCII.
  private let hostile = CommandLineSyntax(
    name: "paint", summary: "paint pictures", examples: [.init("paint 'a b' \\n", "use quotes")],
    usage: ["[options]"], description: ".TH is no request — and 'this is none, either.\n\n  .not this\n  \\or that",
    options: [.init("--odd", "NAME", "it's a \"quote\", a [bracket]: a\\b, $HOME `pwd` (3 × 4 %)")])

  @Test func linesAreNoWiderThanAsked() {
    for width in [40, 80, 100] {
      #expect(hostile.help(width: width).split(separator: "\n").allSatisfy { $0.count <= width }, "\(width)")
    }
  }

  /// Where there is no room for a line, a shell still reads the command as one.
  @Test func longCommandsAreBrokenBeforeOptions() {
    let syntax = CommandLineSyntax(
      name: "paint", summary: "paint",
      examples: [.init("paint --colour red --brush \"6 mm; soft\" --canvas A4 --out picture.png", "all of it")],
      usage: ["--colour NAME | --pattern FILE [options] --out FILE PICTURE…"], options: [])
    let help = syntax.help(width: 40)
    #expect(help.split(separator: "\n").allSatisfy { $0.count <= 40 }, "\(help)")
    let lines = ["  paint --colour red \\", "    --brush \"6 mm; soft\" --canvas A4 \\", "    --out picture.png\n"]
    #expect(help.contains(lines.joined(separator: "\n")), "\(help)")
    #expect(help.contains("usage: paint --colour NAME |\n             --pattern FILE [options]\n"), "\(help)")
    #expect(syntax.manual(version: "1.0").contains("PICTURE...\n"))
  }

  @Test func examplesComeFirst() throws {
    let help = hostile.help(width: 80)
    let example = try #require(help.range(of: "paint 'a b' \\n"))
    let usage = try #require(help.range(of: "usage: paint [options]"))
    #expect(example.upperBound < usage.lowerBound)
    #expect(!help.contains("\u{1b}"))
    #expect(hostile.help(width: 80) { "*\($0)*" }.contains("*options:*"))
  }

  @Test func textIsNoRequestOfTheManual() {
    let lines = hostile.manual(version: "1.0").split(separator: "\n")
    let requests = [".TH", ".SH", ".B", ".PP", ".RS", ".RE", ".EX", ".EE", ".TP", ".br", ".SS"]
    for line in lines where line.hasPrefix(".") || line.hasPrefix("'") {
      #expect(requests.contains { line == $0 || line.hasPrefix($0 + " ") }, "\(line)")
    }
    #expect(lines.contains { $0.hasPrefix("\\&.TH is no request \\[u2014] and \\(aqthis") })
    #expect(lines.allSatisfy { $0.utf8.allSatisfy { $0 < 128 } })
  }

  @Test func descriptionsAreParagraphsAndLines() {
    let pieces = Prose.pieces(of: "one\ntwo\n  a\n   b\nthree\n\nfour\n\n  c\n")
    #expect(
      pieces == [
        .paragraph("one two"), .literal(["a", " b"]), .paragraph("three"), .paragraph("four"), .literal(["c"]),
      ])
  }

  @Test func longWordsHaveALineToThemselves() {
    #expect(wrapped("a bcdefgh ij kl", width: 5) == ["a", "bcdefgh", "ij kl"])
    #expect(wrapped("", width: 5) == [])
  }
}
