import Testing

@testable import DNNTrain

@Suite struct OptimizerTests {
  /// Runs steps with the given gradients on one parameter that starts at 1; the vector's other seven are at 0, with gradient 0.
  private func run(_ optimizer: any Optimizer, gradients: [Float]) -> [Float] {
    var parameters: [Float] = [1, 0, 0, 0, 0, 0, 0, 0]
    var state = [Float](repeating: 0, count: 8 * optimizer.stateCount)
    return gradients.enumerated().map { index, gradient in
      optimizer.update(
        &parameters, gradient: [gradient, 0, 0, 0, 0, 0, 0, 0], state: &state, stateStride: 8, count: 8,
        step: index + 1,
        learningRate: optimizer.learningRate
      )
      #expect(parameters.dropFirst().allSatisfy { $0 == 0 })
      return parameters[0]
    }
  }

  @Test func sgdWithoutMomentum() {
    // 1 - 0.5 * 0.25, then + 0.5 * 1.
    #expect(run(SGD(learningRate: 0.5, momentum: 0), gradients: [0.25, -1]) == [0.875, 1.375])
  }

  @Test func sgdWithMomentum() {
    // v = 1, then 0.5 * 1 + 2 = 2.5, then 0.5 * 2.5 = 1.25; p = 1 - 0.25 v each time.
    #expect(run(SGD(learningRate: 0.25, momentum: 0.5), gradients: [1, 2, 0]) == [0.75, 0.125, -0.1875])
  }

  @Test func nesterov() {
    // v = 1, 2.5, 1.25 as before; the step is along g + 0.5 v: 1.5, 3.25, 0.625.
    let nesterov = SGD(learningRate: 0.25, momentum: 0.5, isNesterov: true)
    #expect(run(nesterov, gradients: [1, 2, 0]) == [0.625, -0.1875, -0.34375])
  }

  @Test func rmsprop() {
    // v = 0.25 * 4² = 4, step 4 / (2 + 0.5) = 1.6; then v = 0.75 * 4 + 0.25 * 2² = 4, step 2 / 2.5 = 0.8.
    let actual = run(RMSprop(learningRate: 0.125, decay: 0.75, epsilon: 0.5), gradients: [4, 2])
    #expect(abs(actual[0] - 0.8) < 1e-6 && abs(actual[1] - 0.7) < 1e-6, "\(actual)")
  }

  @Test func adam() {
    // Step 1: m / (1 - 0.5) = 2 and v / (1 - 0.75) = 4, so the step is 0.1 * 2 / (2 + 0.5) = 0.08.
    // Step 2: m = 0.5 * 1 + 0.5 * -1 = 0; no step, whatever v.
    // Step 3: m = 0.5 * 4 = 2, / (1 - 0.125); v = 0.75 * (0.75 * 1 + 0.25 * 1) + 0.25 * 16 = 4.75, / (1 - 0.421875).
    let adam = Adam(learningRate: 0.1, beta1: 0.5, beta2: 0.75, epsilon: 0.5)
    let first = run(adam, gradients: [2])
    #expect(abs(first[0] - 0.92) < 1e-6)
    let all = run(adam, gradients: [2, -1, 4])
    // m: 1, 0, 2. v: 1, 1, 4.75.
    #expect(abs(all[1] - 0.92) < 1e-6)
    let third = 0.92 - 0.1 * (2 / 0.875) / ((4.75 / 0.578125).squareRoot() + 0.5)
    #expect(abs(Double(all[2]) - third) < 1e-6)
  }
}
