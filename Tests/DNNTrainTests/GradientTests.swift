import MNISTInfer
import Testing

@testable import DNNTrain

/// The unit roundoff of single precision.
private let roundoff = 0x1p-24

/// A network and an input small enough for differences, odd enough to meet every edge.
struct GradientCase: CustomTestStringConvertible, Sendable {
  let architecture: String
  let height: Int
  let width: Int
  var channels = 1
  var imageCount = 3

  var testDescription: String { "\(architecture), input \(height)x\(width)x\(channels), \(imageCount) images" }

  static let all = [
    GradientCase(architecture: "dense 3", height: 2, width: 3),
    GradientCase(architecture: "dense 17 relu; dense 5 relu; dense 4", height: 3, width: 3, imageCount: 16),
    // Convolution as the first layer, whose input has no gradient.
    GradientCase(architecture: "conv 3 3x3 relu; dense 3", height: 6, width: 5),
    GradientCase(architecture: "conv 5 3x2 stride 2 pad 1 relu; dense 3", height: 6, width: 7, channels: 3),
    GradientCase(architecture: "conv 33 1x1; maxpool 4; dense 3", height: 4, width: 4, channels: 2, imageCount: 1),
    // Convolution after another one: stride, padding, windows that leave a rest, channels around a vector's width.
    GradientCase(architecture: "conv 4 1x1; conv 5 3x3 relu; dense 3", height: 6, width: 5),
    GradientCase(architecture: "conv 4 1x1; conv 3 3x3 pad 1 relu; dense 3", height: 4, width: 5),
    GradientCase(architecture: "conv 7 2x2; conv 9 3x3 stride 2 relu; dense 3", height: 9, width: 7),
    GradientCase(architecture: "conv 3 2x2; conv 5 2x3 stride 3 pad 2; dense 3", height: 6, width: 8),
    GradientCase(architecture: "conv 2 1x1; conv 3 1x1 stride 2; dense 3", height: 5, width: 4),
    GradientCase(architecture: "conv 2 1x1; conv 3 2x2 pad 3 relu; dense 3", height: 3, width: 2),
    GradientCase(architecture: "conv 17 2x2 relu; conv 16 3x3; dense 3", height: 5, width: 5, imageCount: 2),
    // By Winograd's method: whole tiles and rests, padding of all kinds, a strided convolution before it, pictures as its input.
    GradientCase(architecture: "conv 9 1x1; conv 17 3x3 relu; globalavgpool; dense 3", height: 7, width: 8),
    GradientCase(
      architecture: "conv 8 2x2 stride 2 relu; conv 16 3x3 pad 1; batchnorm relu; maxpool 2; dense 3", height: 13,
      width: 11),
    GradientCase(
      architecture: "conv 11 1x1; conv 8 3x3 pad 2 tanh; conv 9 3x3 pad 0,1,3,0 leakyrelu 0.1; globalavgpool; dense 3",
      height: 3, width: 6, imageCount: 2),
    GradientCase(architecture: "conv 12 3x3 pad 1 relu; avgpool 4; dense 3", height: 8, width: 9, channels: 9),
    // Pooling: a rest, overlapping windows, gaps, straight on the picture.
    GradientCase(architecture: "conv 5 2x2; maxpool 2; dense 3", height: 6, width: 8),
    GradientCase(architecture: "conv 3 2x2 relu; maxpool 3 stride 1; dense 3", height: 6, width: 5),
    GradientCase(architecture: "conv 3 1x1; maxpool 1x2 stride 3; dense 3", height: 7, width: 5),
    GradientCase(architecture: "maxpool 2; conv 3 2x2; maxpool 2x1; conv 2 1x1 stride 2; dense 3", height: 9, width: 9),
    // Dropout between vectors and between pictures, and as the first layer.
    GradientCase(architecture: "dense 9 relu; dropout 0.5; dense 3", height: 3, width: 3),
    GradientCase(
      architecture: "conv 5 2x2; dropout 0.25; conv 4 2x2 stride 2 pad 1 relu; dense 3", height: 5, width: 5),
    GradientCase(architecture: "dropout 0.3; conv 3 2x2 relu; dense 3", height: 4, width: 5, channels: 3),
    // Activations, fused and alone; a slope below zero, which the output does not tell.
    GradientCase(architecture: "conv 5 2x2 leakyrelu 0.25; dense 7 leakyrelu 0; dense 3", height: 4, width: 4),
    GradientCase(architecture: "dense 6; conv 9 1x1 clippedrelu 0.3; dense 7 sigmoid; dense 3", height: 3, width: 4),
    GradientCase(architecture: "conv 5 2x2 tanh; relu6; sigmoid; tanh; dense 3", height: 4, width: 4),
    GradientCase(architecture: "conv 5 2x2 leakyrelu -0.5; leakyrelu -0.25; dense 3", height: 4, width: 4),
    // Dilation, strides and padding that differ by direction or side.
    GradientCase(architecture: "conv 4 1x1; conv 5 3x2 dilation 2x3 pad 1x2 relu; dense 3", height: 7, width: 6),
    GradientCase(
      architecture: "conv 4 1x1; conv 3 3x3 stride 1x2 pad 2,0,1,3 dilation 2; dense 3", height: 6, width: 7),
    // Groups: depthwise, several outputs or inputs a group, after a layer that learns and on the picture.
    GradientCase(architecture: "conv 9 1x1; depthwise 3x3 pad 1 relu; dense 3", height: 4, width: 5),
    GradientCase(architecture: "depthwise 3x2 stride 2 dilation 1x2 tanh; dense 3", height: 7, width: 6, channels: 3),
    GradientCase(architecture: "depthwise 2x2; dense 3", height: 4, width: 4),
    GradientCase(
      architecture: "conv 6 1x1; conv 12 3x3 groups 6 stride 2 pad 1 relu; dense 3", height: 5, width: 4),
    GradientCase(
      architecture: "conv 6 1x1; conv 9 2x2 groups 3 dilation 2 relu; conv 3 2x1 groups 3; dense 3",
      height: 6, width: 5),
    GradientCase(architecture: "conv 4 2x2 groups 2 relu; dense 3", height: 4, width: 5, channels: 4),
    // Pooling with padding, by the mean, over all.
    GradientCase(architecture: "conv 5 2x2; maxpool 3 stride 2 pad 1; dense 3", height: 7, width: 6),
    GradientCase(architecture: "conv 9 2x2 relu; avgpool 2; dense 3", height: 6, width: 8),
    GradientCase(architecture: "conv 3 1x1; avgpool 3x2 stride 1x2 pad 2,1,0,1; dense 3", height: 5, width: 6),
    GradientCase(architecture: "conv 3 2x2 relu; conv 4 2x2; globalavgpool", height: 5, width: 6),
    GradientCase(architecture: "conv 7 3x3 stride 2 relu; globalavgpool; dense 5 relu; dense 4", height: 7, width: 9),
    // Batch normalisation: after pictures and vectors, on the picture, twice, without a weighted sum before it, and with one
    // value a channel.
    GradientCase(architecture: "conv 5 2x2; batchnorm relu; dense 3", height: 4, width: 5),
    GradientCase(architecture: "conv 9 1x1; conv 5 3x3 stride 2; batchnorm; maxpool 2; dense 3", height: 9, width: 8),
    GradientCase(architecture: "dense 9; batchnorm tanh; dense 3", height: 3, width: 3, imageCount: 7),
    GradientCase(
      architecture: "batchnorm; conv 4 2x2; batchnorm leakyrelu 0.1; batchnorm; dense 3", height: 5, width: 4),
    GradientCase(architecture: "depthwise 2x2; batchnorm relu; dense 3", height: 4, width: 4, channels: 2),
    GradientCase(architecture: "conv 4 2x2; batchnorm sigmoid; globalavgpool; batchnorm; dense 3", height: 3, width: 4),
    GradientCase(architecture: "dense 9; batchnorm relu; dense 3", height: 3, width: 3, imageCount: 1),
    // Sums: a residual block, a projection, a value added to itself, the picture added, one value read by many.
    GradientCase(
      architecture: "conv 5 1x1 relu as a; conv 4 3x3 pad 1 relu; conv 5 3x3 pad 1; add a relu; dense 3", height: 4,
      width: 5),
    GradientCase(
      architecture:
        "conv 3 1x1; batchnorm relu as a; conv 9 3x3 stride 2 pad 1; batchnorm relu; conv 9 3x3 pad 1; batchnorm as b; "
        + "from a; conv 9 1x1 stride 2; batchnorm; add b relu; globalavgpool; dense 3",
      height: 5, width: 6),
    GradientCase(architecture: "conv 5 2x2 as a; add a tanh; dense 3", height: 4, width: 4),
    GradientCase(architecture: "conv 2 1x1; add input; conv 3 2x2; dense 3", height: 4, width: 4, channels: 2),
    GradientCase(
      architecture:
        "conv 4 2x2 stride 2 as a; conv 4 3x3 pad 1 as b; from a; maxpool 3 stride 1 pad 1; add a; add b leakyrelu 0.1; "
        + "dense 5 as c; from a; flatten; dense 5; add c relu; dense 3",
      height: 6, width: 8),
    // All of it.
    GradientCase(
      architecture:
        "conv 6 3x3 relu; maxpool 2; conv 9 2x2 relu; maxpool 2; flatten; dense 11 relu; dropout 0.5; dense 4",
      height: 12, width: 13, imageCount: 2),
  ]
}

/// Each product of the chain that leads to a result is rounded once, so an error is at most roundings × 2^-24 of the sum of the
/// terms' magnitudes. That sum is not known; the largest element of the same kind stands for it, times 4 because terms of both
/// signs cancel. Batch normalisation enlarges the terms and then takes away their mean and slope, so that the result may be
/// small against them: there the sum counts as enlarged.
private func tolerance(_ harness: NetworkHarness, _ expected: [Double]) -> Double {
  let largest = expected.reduce(0) { max($0, abs($1)) }
  return 4 * Double(harness.roundings) * roundoff * max(largest, 0.01) * harness.amplification
}

@Suite struct GradientTests {
  @Test("output equals the reference's", arguments: GradientCase.all, [UInt64(1), 2, 3])
  func forward(example: GradientCase, seed: UInt64) throws {
    let harness = try NetworkHarness(example, seed: seed)
    let loss = harness.run()
    for (place, expected) in harness.reference.logits(harness.images).enumerated() {
      let bound = tolerance(harness, expected)
      for (actual, expected) in zip(harness.logits(ofImage: place), expected) {
        #expect(abs(Double(actual) - expected) <= bound, "\(example.testDescription), seed \(seed), image \(place)")
      }
    }
    #expect(abs(loss - harness.reference.loss(harness.images)) <= tolerance(harness, [loss]))
  }

  @Test("gradients equal finite differences", arguments: GradientCase.all, [UInt64(1), 2, 3])
  func gradients(example: GradientCase, seed: UInt64) throws {
    let harness = try NetworkHarness(example, seed: seed)
    _ = harness.run()
    for (index, layer) in harness.network.layers.enumerated() {
      for parameter in layer.parameters where parameter.role.isLearned {
        let start = harness.gradient.start + harness.network.parameterOffsets[index]
        let actual = parameter.elements(of: start)
        let expected = harness.differences(layer: index, parameter.role)
        let bound = tolerance(harness, expected)
        for (element, (actual, expected)) in zip(actual, expected).enumerated() {
          #expect(
            abs(Double(actual) - expected) <= bound,
            "\(example.testDescription), seed \(seed), \(layer.name).\(parameter.role)[\(element)]: \(actual), not \(expected)"
          )
        }
      }
    }
  }

  @Test("padding of parameters has zero gradients", arguments: GradientCase.all)
  func padding(example: GradientCase) throws {
    let harness = try NetworkHarness(example, seed: 4)
    _ = harness.run()
    for (index, layer) in harness.network.layers.enumerated() {
      for parameter in layer.parameters where parameter.role.isLearned {
        let start = harness.gradient.start + harness.network.parameterOffsets[index] + parameter.offset
        for element in 0..<parameter.size where element % parameter.stride >= parameter.columns {
          #expect(start[element] == 0, "\(example.testDescription), \(layer.name).\(parameter.role)[\(element)]")
        }
      }
    }
  }

  @Test("a workspace used before gives the same bytes as a fresh one")
  func reuse() throws {
    let example = GradientCase(architecture: "conv 3 2x2; conv 5 2x3 stride 3 pad 2 relu; dense 3", height: 6, width: 8)
    let harness = try NetworkHarness(example, seed: 5)
    _ = harness.run()
    let first = (0..<harness.gradient.count).map { harness.gradient[$0].bitPattern }
    _ = harness.run()
    #expect(first == (0..<harness.gradient.count).map { harness.gradient[$0].bitPattern })
  }

  @Test("dropout drops the share it is asked to and keeps the mean", arguments: [0.1, 0.5, 0.8])
  func dropoutRate(rate: Double) throws {
    let harness = try NetworkHarness(
      "dropout \(rate); dense 2", input: Shape(height: 20, width: 20, channels: 2), imageCount: 8, seed: 6)
    _ = harness.run()
    let factors = harness.images.flatMap { $0.dropoutFactors[0] }
    #expect(factors.allSatisfy { $0 == 0 || $0 == Double(Float(1 / (1 - rate))) })
    let dropped = Double(factors.count { $0 == 0 }) / Double(factors.count)
    let deviation = (rate * (1 - rate) / Double(factors.count)).squareRoot()
    #expect(abs(dropped - rate) < 4 * deviation, "\(dropped) of \(factors.count)")
  }
}

extension NetworkHarness {
  convenience init(_ example: GradientCase, seed: UInt64) throws {
    try self.init(
      example.architecture, input: Shape(height: example.height, width: example.width, channels: example.channels),
      imageCount: example.imageCount, seed: seed)
  }
}
