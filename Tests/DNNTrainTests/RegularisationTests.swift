import MNISTInfer
import Testing

@testable import DNNTrain

/// What happens to a step besides the optimizer's formula.
@Suite struct RegularisationTests {
  private let data = bars(count: 60, seed: 1)

  private func trainer(_ change: (inout TrainingOptions) -> Void = { _ in }) throws -> Trainer {
    var options = TrainingOptions(
      epochs: 2, batchSize: 20, seed: 1, threads: 2, optimizer: SGD(learningRate: 0.5, momentum: 0))
    change(&options)
    return try Trainer(
      Architecture(parsing: "conv 5 3x3; batchnorm relu; dense 4"), input: data.shape, options: options)
  }

  /// All parameters, or those of some roles.
  private func values(_ trainer: Trainer, _ roles: [Parameter.Role]) -> [Float] {
    zip(trainer.network.layers, trainer.network.parameterOffsets).flatMap { layer, offset in
      layer.parameters.filter { roles.contains($0.role) }.flatMap {
        $0.elements(of: trainer.parameters.start + offset)
      }
    }
  }

  private let learned: [Parameter.Role] = [.weights, .bias, .scale, .shift]

  /// The change of a first step.
  private func step(_ trainer: Trainer, _ roles: [Parameter.Role]) -> [Float] {
    let before = values(trainer, roles)
    _ = trainer.trainStep(Array(0..<20)[...], of: data)
    return zip(values(trainer, roles), before).map { $0 - $1 }
  }

  @Test("decay takes learning rate × decay of every weight, and nothing of anything else")
  func weightDecay() throws {
    let first = values(try trainer(), [.weights])
    let plain = step(try trainer(), [.weights])
    let decayed = step(try trainer { $0.weightDecay = 0.125 }, [.weights])
    for index in first.indices {
      #expect(abs(decayed[index] - (plain[index] - 0.5 * 0.125 * first[index])) < 1e-6, "weight \(index)")
    }
    let others: [Parameter.Role] = [.bias, .scale, .shift, .mean, .variance]
    #expect(step(try trainer { $0.weightDecay = 0.125 }, others) == step(try trainer(), others))
  }

  @Test("a gradient that is too long keeps its direction and gets the length asked for")
  func clipping() throws {
    let plain = step(try trainer(), learned)
    // The step is -0.5 × the gradient.
    let norm = 2 * plain.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    let clipped = step(try trainer { $0.clipNorm = Float(norm / 4) }, learned)
    for index in plain.indices { #expect(abs(clipped[index] - plain[index] / 4) < 1e-6, "parameter \(index)") }
    // Statistics are no gradients.
    let statistics: [Parameter.Role] = [.mean, .variance]
    #expect(step(try trainer { $0.clipNorm = Float(norm / 4) }, statistics) == step(try trainer(), statistics))
    #expect(step(try trainer { $0.clipNorm = Float(norm * 1.01) }, learned) == plain)
  }

  @Test("the average follows the weights, faster at first, and is what training ends with")
  func average() throws {
    let trainer = try trainer { $0.averageDecay = 0.4 }
    var expected = Array(UnsafeBufferPointer(start: trainer.parameters.start, count: trainer.parameters.count))
    for step in 1...5 {
      _ = trainer.trainStep(Array(0..<20)[...], of: data)
      // 2/11, 3/12 and 4/13 are below 0.4, 5/14 too; 6/15 is not.
      let decay = min(0.4, Float(1 + step) / Float(10 + step))
      for index in expected.indices {
        expected[index] = decay * expected[index] + (1 - decay) * trainer.parameters[index]
      }
    }
    for index in expected.indices { #expect(abs(trainer.average[index] - expected[index]) < 1e-5, "\(index)") }
    trainer.train(on: data, heldOut: data) { _ in }
    #expect((0..<trainer.parameters.count).allSatisfy { trainer.parameters[$0] == trainer.average[$0] })
  }

  @Test("the rate follows the schedule")
  func schedule() throws {
    // One epoch of 3 steps of warm-up: the first step is a third.
    let plain = step(try trainer(), learned)
    let warm = step(try trainer { $0.schedule = LearningRateSchedule(.cosine, warmUp: 1) }, learned)
    for index in plain.indices { #expect(abs(warm[index] - plain[index] / 3) < 1e-6, "parameter \(index)") }
  }

  @Test("frozen layers stay, the others learn, and unknown ones are refused")
  func frozen() throws {
    let trainer = try trainer { $0.frozenLayers = ["conv", "norm1"] }
    let network = trainer.network
    let changes = step(trainer, learned + [.mean, .variance])
    let head = 49 * 5 * 4 + 4
    #expect(trainer.parameterCount == head)
    #expect(changes.dropLast(head).allSatisfy { $0 == 0 })
    #expect(changes.suffix(head).count { $0 != 0 } > head / 2)
    #expect(network.gradients[1] == nil && network.gradients[2] == nil, "nothing goes back through frozen layers")
    #expect(throws: ArchitectureError.noSuchLayer(name: "conv7", layers: ["conv1", "norm1", "dense1"])) {
      _ = try self.trainer { $0.frozenLayers = ["conv7"] }
    }
  }

  /// Breaks a weight at one step.
  private struct Breaking: Optimizer {
    let base = SGD(learningRate: 0.05, momentum: 0)
    let breaks: Int
    var name: String { "breaking" }
    var learningRate: Float { base.learningRate }
    var stateCount: Int { 0 }

    func update(
      _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
      stateStride: Int, count: Int, step: Int, learningRate: Float
    ) {
      base.update(
        parameters, gradient: gradient, state: state, stateStride: stateStride, count: count, step: step,
        learningRate: learningRate)
      if step == breaks { parameters[0] = .nan }
    }
  }

  @Test("a weight that is no number ends training with the last good ones", arguments: [3, 4, 5, 6, 7])
  func divergence(breaks: Int) throws {
    // Three steps an epoch. What breaks in the last step of one shows when it ends.
    let trainer = try trainer {
      $0.optimizer = Breaking(breaks: breaks)
      $0.epochs = 4
    }
    let other = try self.trainer {
      $0.optimizer = Breaking(breaks: 0)
      $0.epochs = max((breaks - 1) / 3, 1)
    }
    let outcome = trainer.train(on: data, heldOut: data) { _ in }
    #expect(outcome == .diverged(epoch: (breaks - 1) / 3 + 1))
    if breaks > 3 {
      other.train(on: data, heldOut: data) { _ in }
      #expect(values(trainer, learned) == values(other, learned), "not the weights of the epoch before")
    } else {
      #expect(values(trainer, learned) == values(try self.trainer(), learned), "not the first weights")
    }
  }

  @Test("training ends after so many epochs without improvement")
  func patience() throws {
    let trainer = try trainer {
      $0.optimizer = SGD(learningRate: 0, momentum: 0)
      $0.epochs = 50
      $0.patience = 3
    }
    // Nothing but the running statistics changes; accuracy cannot rise for long.
    var accuracies: [Double] = []
    let outcome = trainer.train(on: data, heldOut: data) { accuracies += $0.heldOutAccuracy.map { [$0] } ?? [] }
    #expect(outcome == .finished && accuracies.count < 50)
    let best = try #require(accuracies.firstIndex(of: accuracies.max() ?? 0))
    #expect(accuracies.count == best + 1 + 3, "\(accuracies)")
  }
}
