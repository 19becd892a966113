import DNNCommandLine
import Testing

@Suite struct ParsingTests {
  private static let syntax = CommandLineSyntax(
    name: "paint", summary: "paint a picture", examples: [], usage: ["[options] PICTURE…"],
    groups: [
      .init(
        "options",
        [
          .init("--colour", "NAME", "what with", values: .oneOf(["red", "green", "blue"])),
          .init("--width", "N", "how wide", values: .usually("fine")),
          .init("--dry", nil, "do not"),
        ])
    ],
    arguments: .init("PICTURE", values: .file("png")),
    subcommands: [
      CommandLineSyntax(
        name: "paint wash", summary: "wash the brushes", examples: [], usage: [""],
        options: [.init("--water", "LITRES", "how much")])
    ])

  private func parse(_ words: String...) throws -> CommandLineOptions {
    try CommandLineOptions(words, ParsingTests.syntax)
  }

  @Test func optionsAndArguments() throws {
    let options = try parse("a.png", "--width=3=4", "--dry", "-", "--colour", "red", "--", "--width")
    #expect(options.text("--width") == "3=4")
    #expect(options.text("--colour") == "red")
    #expect(options.has("--dry") && !options.has("--help"))
    #expect(options.arguments == ["a.png", "-", "--width"])
    #expect(options.subcommand == nil)
    #expect(try parse("-h").has("--help"))
    #expect(try parse("--width", "-3").text("--width") == "-3", "a value may begin with a dash")
  }

  @Test(
    arguments: [
      (["--colur", "red"], "unknown option --colur; did you mean --colour?"),
      (["--help=yes"], "--help takes no value"),
      (["--width"], "--width needs a value: N"),
      (["--dry", "--dry"], "--dry is there twice"),
      (["--colour", "gren"], "--colour gren: take one of red, green, blue; did you mean green?"),
      (["--colour", "mauve"], "--colour mauve: take one of red, green, blue"),
      (["--colour="], "--colour : take one of red, green, blue"),
      (["--xyzzy"], "unknown option --xyzzy"),
      (["-x"], "unknown option -x"),
      (["wash", "--width", "3"], "unknown option --width"),
      (["wash", "up"], "unexpected argument \"up\""),
    ])
  func mistakes(words: [String], message: String) {
    let error = #expect(throws: UsageError.self) { try CommandLineOptions(words, ParsingTests.syntax) }
    #expect(error?.description == message)
  }

  @Test func subcommands() throws {
    let options = try parse("wash", "--water", "3")
    #expect(options.subcommand == "wash")
    #expect(options.text("--water") == "3")
    #expect(try parse("--dry", "wash").subcommand == nil, "the word of a subcommand comes first")
  }

  @Test func numbers() throws {
    let options = try parse("--width", "12")
    #expect(try options.integer("--width", in: 0...12) == 12)
    #expect(throws: UsageError.self) { try options.integer("--width", in: 0...11) }
    #expect(try options.integer("--colour", in: 0...1) == nil)
    for text in ["", "1.5", "x", "99999999999999999999"] {
      #expect(throws: UsageError.self, "\(text)") { try parse("--width", text).integer("--width", in: 0...Int.max) }
    }
    for text in ["0", "-1", "nan", "inf", "11"] {
      #expect(throws: UsageError.self, "\(text)") { try parse("--width", text).positiveNumber("--width", upTo: 10) }
    }
  }
}
