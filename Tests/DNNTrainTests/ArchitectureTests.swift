import MNISTInfer
import Testing

@testable import DNNTrain

@Suite struct ArchitectureTests {
  @Test func everyLayer() throws {
    let architecture = try Architecture(
      parsing:
        " conv 32 5x3 stride 2 pad 1 relu;maxpool 2; maxpool 3x2 stride 1 ;\tflatten; dense 128 relu; dropout 0.5; dense 10 ;"
    )
    var convolution = Window(height: 5, width: 3, strideHeight: 2, strideWidth: 2)
    (convolution.padTop, convolution.padLeft, convolution.padBottom, convolution.padRight) = (1, 1, 1, 1)
    #expect(
      architecture.nodes.map(\.specification) == [
        .convolution(outputs: 32, window: convolution, activation: .relu),
        .maxPool(window: Window(height: 2, width: 2, strideHeight: 2, strideWidth: 2)),
        .maxPool(window: Window(height: 3, width: 2)),
        .flatten,
        .dense(outputs: 128, activation: .relu),
        .dropout(rate: 0.5),
        .dense(outputs: 10, activation: .none),
      ])
    #expect(try Architecture(parsing: architecture.description).nodes == architecture.nodes)
    #expect(architecture.classCount == 10)
  }

  @Test(
    "errors give the place and what was found",
    arguments: [
      ("", 1, "the end"),
      ("cnv 3 3x3; dense 10", 1, "\"cnv\""),
      ("dense 10; ; dense 3", 11, "\";\""),
      ("conv 3x3; dense 10", 6, "\"3x3\""),
      ("conv 0 3x3; dense 10", 6, "\"0\""),
      ("conv 3 3; dense 10", 8, "\"3\""),
      ("conv 3 3x; dense 10", 8, "\"3x\""),
      ("conv 3 3x3x3; dense 10", 8, "\"3x3x3\""),
      ("conv 3 3x3 stride; dense 10", 18, "\";\""),
      ("conv 3 3x3 pad -1; dense 10", 16, "\"-1\""),
      ("conv 3 3x3 relu stride 2; dense 10", 17, "\"stride\""),
      ("maxpool; dense 10", 8, "\";\""),
      ("maxpool 0; dense 10", 9, "\"0\""),
      ("dropout 1; dense 10", 9, "\"1\""),
      ("dropout nan; dense 10", 9, "\"nan\""),
      ("dense", 6, "the end"),
      ("dense 99999999999999999999", 7, "\"99999999999999999999\""),
      ("dense 10 softmax", 10, "\"softmax\""),
    ])
  func syntax(text: String, column: Int, found: String) {
    do {
      _ = try Architecture(parsing: text)
      Issue.record("\"\(text)\" was accepted")
    } catch ArchitectureError.syntax(let actualColumn, let expected, let actualFound) {
      #expect(actualColumn == column && actualFound == found, "\"\(text)\": expected \(expected)")
    } catch {
      Issue.record("\"\(text)\": \(error)")
    }
  }

  @Test(arguments: ["flatten", "dense 10 relu", "dense 10; dropout 0.5", "conv 10 3x3"])
  func mustEndInLogits(text: String) {
    #expect(throws: ArchitectureError.lastLayer) { try Architecture(parsing: text) }
  }

  @Test func windowThatDoesNotFit() throws {
    let architecture = try Architecture(parsing: "maxpool 2; conv 3 5x5; dense 10")
    #expect(
      throws: ArchitectureError.doesNotFit(
        layer: "conv1", description: "conv 3 5x5", input: Shape(height: 4, width: 4, channels: 1))
    ) { try TrainableNetwork(architecture, input: Shape(height: 8, width: 8, channels: 1)) }
  }

  @Test(arguments: ["conv 65536 3x3 pad 200; dense 10", "dense 65536 relu; dense 65536 relu; dense 10"])
  func tooLarge(text: String) throws {
    let architecture = try Architecture(parsing: text)
    #expect(throws: ArchitectureError.self) {
      try TrainableNetwork(architecture, input: Shape(height: 28, width: 28, channels: 1))
    }
  }

  @Test(arguments: Recipe.all.map(\.name))
  func recipes(name: String) throws {
    let recipe = try #require(Recipe(named: name))
    let architecture = try Architecture(parsing: recipe.architecture)
    #expect(architecture.description == recipe.architecture)
    _ = try TrainableNetwork(architecture, input: Shape(height: 28, width: 28, channels: 1))
  }
}
