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
      ("conv 3 3x3 groups 0; dense 10", 19, "\"0\""),
      ("conv 3 3x3 pad 1,2; dense 10", 16, "\"1,2\""),
      ("conv 3 3x3 pad 1,2,3,-4; dense 10", 16, "\"1,2,3,-4\""),
      ("depthwise 3x3 groups 2; dense 10", 15, "\"groups\""),
      ("depthwise 3; dense 10", 11, "\"3\""),
      ("maxpool 2 dilation 2; dense 10", 11, "\"dilation\""),
      ("dense 10 leakyrelu 1; dense 10", 20, "\"1\""),
      ("dense 10 clippedrelu; dense 10", 21, "\";\""),
      ("dense 10 clippedrelu inf; dense 10", 22, "\"inf\""),
      ("batchnorm 3; dense 10", 11, "\"3\""),
      ("dense 3 relu as 3; dense 10", 17, "\"3\""),
      ("dense 3 relu as input; dense 10", 17, "\"input\""),
      ("dense 3 as a; dense 3 as a; dense 10", 26, "\"a\""),
      ("dense 3; add a; dense 10", 14, "\"a\""),
      ("dense 3; add", 13, "the end"),
      ("dense 3; from input; dense 10", 10, "\"from\""),
      ("dense 3 as a; from input; dense 10", 12, "\"a\""),
      ("dense 3 as a; dense 10 as b", 27, "\"b\""),
    ])
  func syntax(text: String, column: Int, found: String) {
    do {
      _ = try Architecture(parsing: text)
      Issue.record("\"\(text)\" was accepted")
    } catch ArchitectureError.syntax(let actualColumn, let expected, let actualFound, _) {
      #expect(actualColumn == column && actualFound == found, "\"\(text)\": expected \(expected)")
    } catch {
      Issue.record("\"\(text)\": \(error)")
    }
  }

  @Test(
    "words that are nearly right, or another library's",
    arguments: [
      ("dense 10 softmax", "column 10: expected \";\" before the next layer, found \"softmax\"; softmax comes by"),
      ("dense 10; Softmax", "leave it out"), ("conv 8 3x3 same; dense 3", "\"pad 1\" keeps the size"),
      ("maxpol 2; dense 3", "; did you mean maxpool?"), ("conv2d 8 3x3; dense 3", "; did you mean conv?"),
      ("Dense 10", "; did you mean dense?"), ("dense 10 rellu; dense 3", "; did you mean relu?"),
      ("conv 8 3x3 padding 1; dense 3", "found \"padding\""), ("xyz", "found \"xyz\""),
      ("conv 3 3x3 relu stride 2; dense 10", "found \"stride\""),
    ])
  func hints(text: String, message: String) {
    do {
      _ = try Architecture(parsing: text)
      Issue.record("\"\(text)\" was accepted")
    } catch {
      #expect("\(error)".contains(message), "\(error)")
      // Without a hint, what was found is the end of the message.
      #expect(!message.hasPrefix("found") || "\(error)".hasSuffix(message), "\(error)")
    }
  }

  @Test("the parameters of a recipe are those of its file, where batch normalisation is folded")
  func costOfTheFile() throws {
    let input = Shape(height: 8, width: 8, channels: 1)
    // 9 weights and a bias for each of 4 outputs, then 36 * 4 weights and 3 biases.
    let folded = try Architecture(parsing: "conv 4 3x3; batchnorm relu; dense 3").cost(input: input)
    #expect(folded.parameters == 4 * 10 + 3 * (36 * 4 + 1))
    // With nothing to fold it into, a scale and a shift for each channel.
    let alone = try Architecture(parsing: "maxpool 2; batchnorm; dense 3").cost(input: input)
    #expect(alone.parameters == 2 + 3 * 17)
  }

  @Test(arguments: ["flatten", "dense 10 relu", "dense 10; dropout 0.5", "conv 10 3x3"])
  func mustEndInLogits(text: String) {
    #expect(throws: ArchitectureError.lastLayer) { try Architecture(parsing: text) }
  }

  private static let residual = """
    conv 8 3x3 pad 1; batchnorm relu as x1; depthwise 3x3 stride 2x1 pad 1; batchnorm relu6; \
    conv 12 3x2 pad 1,0,1,1 dilation 1x1 groups 4; batchnorm as x2; from x1; avgpool 1 stride 2x1; conv 12 1x1; \
    batchnorm; add x2 leakyrelu 0.125; clippedrelu 4.5; conv 6 3x3 dilation 2 tanh; globalavgpool
    """

  @Test("a network with branches, its usual form, and the same in Swift")
  func branches() throws {
    let architecture = try Architecture(parsing: Self.residual)
    #expect(architecture.classCount == 6)
    #expect(architecture.nodes[6].inputs == [2] && architecture.nodes[9].inputs == [9, 6])
    #expect(architecture.description == Self.residual.replacing(" dilation 1x1", with: ""))
    #expect(try Architecture(parsing: architecture.description).nodes == architecture.nodes)
    let built = try Architecture { picture in
      let stem = picture.conv(8, window: 3, padding: 1).batchNorm(.relu)
      var tall = Window(height: 3, width: 2)
      (tall.padTop, tall.padBottom, tall.padRight, tall.groups) = (1, 1, 1, 4)
      var step = Window(height: 3, width: 3, strideHeight: 2, strideWidth: 1)
      (step.padTop, step.padLeft, step.padBottom, step.padRight) = (1, 1, 1, 1)
      let branch = stem.depthwise(step).batchNorm(.relu6).conv(12, tall).batchNorm()
      let shortcut = stem.averagePool(Window(height: 1, width: 1, strideHeight: 2, strideWidth: 1))
      let sum = shortcut.conv(12, window: 1).batchNorm().add(branch, .leakyRelu(slope: 0.125))
      return sum.activation(.clippedRelu(bound: 4.5)).conv(6, window: 3, dilation: 2, .tanh).globalAveragePool()
    }
    #expect(built.nodes == architecture.nodes)
    _ = try TrainableNetwork(architecture, input: Shape(height: 28, width: 28, channels: 1))
  }

  @Test("the builder refuses what the text cannot say")
  func builder() {
    #expect(throws: ArchitectureError.outOfRange(layer: "dropout 1.0")) {
      try Architecture { $0.dropout(1).dense(3) }
    }
    #expect(throws: ArchitectureError.outOfRange(layer: "dense 0")) { try Architecture { $0.dense(0) } }
    #expect(throws: ArchitectureError.outOfRange(layer: "conv 3 3x3 leakyrelu 2.0")) {
      try Architecture { $0.conv(3, window: 3, .leakyRelu(slope: 2)).dense(3) }
    }
    #expect(throws: ArchitectureError.unread(layer: "\"dense 7\"")) {
      try Architecture { picture in
        _ = picture.dense(7)
        return picture.dense(3)
      }
    }
    #expect(throws: ArchitectureError.unread(layer: "\"dense 8\"")) {
      try Architecture { picture in
        let logits = picture.dense(3)
        _ = logits.dense(8)
        return logits
      }
    }
    #expect(throws: ArchitectureError.lastLayer) { try Architecture { $0 } }
  }

  @Test(
    "layers that do not fit each other",
    arguments: [
      ("conv 4 1x1 as a; conv 4 3x3; add a; dense 3", "add1 adds values of different shapes, 6x6x4 and 8x8x4"),
      ("conv 4 1x1; conv 6 1x1 groups 4; dense 3", "conv2 (conv 6 1x1 groups 4): the groups must divide"),
      ("maxpool 2 pad 2; dense 3", "pool1 (maxpool 2 pad 2): the padding must be smaller"),
      ("avgpool 9; dense 3", "avgpool1 (avgpool 9): the window does not fit its input of 8x8x1"),
      ("depthwise 3x3 dilation 4; dense 3", "depthwise1 (depthwise 3x3 dilation 4): the window does not fit"),
    ])
  func misfits(text: String, message: String) throws {
    let architecture = try Architecture(parsing: text)
    do {
      _ = try TrainableNetwork(architecture, input: Shape(height: 8, width: 8, channels: 1))
      Issue.record("\"\(text)\" was built")
    } catch let error as ArchitectureError { #expect(error.description.contains(message), "\(error)") }
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
