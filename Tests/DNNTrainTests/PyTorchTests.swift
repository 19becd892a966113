import Foundation
import MNISTInfer
import Testing

@testable import DNNTrain

/// Ten steps of training beside PyTorch's with the same weights and images. pytorch.py says how its losses were made.
@Suite struct PyTorchTests {
  struct Case: Decodable, Sendable, CustomTestStringConvertible {
    let network: String
    let images: Int
    let optimizer: String
    let labelSmoothing: Float
    let losses: [Double]

    var testDescription: String { "\(optimizer), smoothing \(labelSmoothing): \(network)" }

    static let all: [Case] = {
      let path = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "pytorch.json")
      guard let cases = try? JSONDecoder().decode([Case].self, from: Data(contentsOf: path)) else {
        fatalError("\(path.path) is not what pytorch.py prints")
      }
      return cases
    }()
  }

  @Test("the loss of each of ten steps", arguments: Case.all)
  func losses(example: Case) throws {
    #expect(example.losses.count == 10)
    var numbers = Numbers()
    let trainer = try PyTorchTests.trainer(example)
    PyTorchTests.setParameters(trainer, &numbers)
    let shape = trainer.network.input
    let data = Dataset(
      shape: shape, images: (0..<example.images * shape.count).map { _ in UInt8(numbers.draw() >> 16) },
      labels: (0..<example.images).map { _ in Int(numbers.draw() >> 8) % 10 })
    for (step, expected) in example.losses.enumerated() {
      let actual = trainer.trainStep(Array(0..<example.images)[...], of: data).loss / Double(example.images)
      #expect(abs(actual - expected) < 1e-5, "\(example.testDescription), step \(step): \(actual), not \(expected)")
    }
  }

  private static func trainer(_ example: Case) throws -> Trainer {
    let optimizer: any Optimizer =
      switch example.optimizer {
      case "sgd": SGD(learningRate: 0.05)
      case "nesterov": SGD(learningRate: 0.05, isNesterov: true)
      case "adam", "adamw": Adam(learningRate: 0.002)
      case "rmsprop": RMSprop(learningRate: 0.0005)
      default: fatalError("pytorch.json has an optimizer \(example.optimizer)")
      }
    var options = TrainingOptions(
      epochs: 10, batchSize: example.images, seed: 1, threads: 2, optimizer: optimizer)
    options.weightDecay = example.optimizer == "adamw" ? 0.1 : 0
    options.labelSmoothing = example.labelSmoothing
    return try Trainer(
      Architecture(parsing: example.network), input: Shape(height: 12, width: 12, channels: 1), options: options)
  }

  /// The same as `Numbers` in pytorch.py.
  private struct Numbers {
    private var state: UInt32 = 1

    mutating func draw() -> UInt32 {
      state = state &* 1_664_525 &+ 1_013_904_223
      return state >> 8
    }

    mutating func vector(_ count: Int, scale: Float, offset: Float = 0) -> [Float] {
      (0..<count).map { _ in offset + (Float(draw()) * 0x1p-24 - 0.5) * scale }
    }
  }

  /// Layer by layer, each with its weights or scales first.
  private static func setParameters(_ trainer: Trainer, _ numbers: inout Numbers) {
    for (index, layer) in trainer.network.layers.enumerated() {
      for parameter in layer.parameters where parameter.role.isLearned {
        let count = parameter.rows * parameter.columns
        let elements =
          switch parameter.role {
          case .weights:
            numbers.vector(count, scale: Float(exp2((log2(24 / Double(parameter.rows)) / 2).rounded(.down))))
          case .scale: numbers.vector(count, scale: 0.5, offset: 1)
          default: numbers.vector(count, scale: 0.125)
          }
        parameter.setElements(elements, of: trainer.parameters.start + trainer.network.parameterOffsets[index])
      }
    }
    trainer.packAll()
  }
}
