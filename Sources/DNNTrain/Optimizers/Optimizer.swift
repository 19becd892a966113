/// How parameters follow their gradients.
///
/// Element i of the parameters depends on element i of the gradient and of the state alone, so that ranges may be updated in any
/// order and on any thread.
public protocol Optimizer: Sendable {
  /// Like "adam", for a model's provenance.
  var name: String { get }
  /// What a model's provenance should say of its constants besides; nothing for the usual ones.
  var constants: [String: String] { get }
  /// What a step is scaled by, where the schedule does not say less.
  var learningRate: Float { get }
  /// Numbers to remember for each parameter from one step to the next; zero before the first.
  var stateCount: Int { get }

  /// Updates a range of parameters, whose count is a multiple of 8.
  ///
  /// - Parameters:
  ///   - parameters: changed in place.
  ///   - gradient: of the mean loss of the batch.
  ///   - state: `stateCount` numbers a parameter, `stateStride` apart.
  ///   - stateStride: floats from a parameter's first number to its second.
  ///   - count: parameters in the range.
  ///   - step: from 1.
  ///   - learningRate: what this step is scaled by.
  func update(
    _ parameters: UnsafeMutablePointer<Float>, gradient: UnsafePointer<Float>, state: UnsafeMutablePointer<Float>,
    stateStride: Int, count: Int, step: Int, learningRate: Float)
}

extension Optimizer {
  /// Nothing.
  public var constants: [String: String] { [:] }
}
