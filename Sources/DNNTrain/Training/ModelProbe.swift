import DNNModel
import MNISTInfer

/// Shows the values between a model's layers, by the trainer's own forward pass in float32: what quantization calibrates on,
/// and a check of the runtime.
///
/// One caller at a time.
public final class ModelProbe {
  /// The model's values: 0 is the normalised picture, i + 1 the output of layer i of the file after its activation. The last is
  /// the logits; the softmax's probabilities are left out.
  public let shapes: [Shape]
  private let network: TrainableNetwork
  private let parameters: Buffer<Float>
  private let workspace: Workspace

  /// Unpacks a model's weights.
  ///
  /// - Parameter model: what the runtime's reader accepts; a quantized one becomes float32 (see `ModelFile.dequantized()`).
  /// - Throws: `ArchitectureError` if a layer is larger than training allows, `Failure` if memory runs out.
  public init(_ model: ModelFile) throws {
    network = try TrainableNetwork(Architecture(model), input: model.input, normalisation: model.normalisation)
    parameters = try Buffer(count: network.parameterCount)
    workspace = try Workspace(network)
    shapes = network.valueOfArchitecture.map { [network] in network.values[$0].shape }
    network.setParameters(parameters.start, from: model)
    for block in ParameterBlock.all(of: network) { network.pack(block, from: parameters.start) }
  }

  /// Calls `body` with every value of every picture, pictures in their order and in each the values in theirs.
  ///
  /// - Parameters:
  ///   - pictures: 8-bit pictures of the model's input shape, one after another.
  ///   - body: takes the picture's index, the value's, and its elements: row-major, channels last, so that element i belongs to
  ///     channel i mod the shape's channels. The elements are gone when it returns.
  public func forEachValue(
    of pictures: [UInt8], _ body: (_ picture: Int, _ value: Int, _ elements: UnsafeBufferPointer<Float>) -> Void
  ) {
    let size = network.input.count
    precondition(pictures.count.isMultiple(of: size), "\(pictures.count) bytes are no pictures of \(size)")
    var elements = [Float](repeating: 0, count: shapes.reduce(0) { max($0, $1.count) })
    for first in stride(from: 0, to: pictures.count / size, by: shardSize) {
      let count = min(shardSize, pictures.count / size - first)
      pictures.withUnsafeBufferPointer { bytes in
        guard let start = bytes.baseAddress else { return }
        for place in 0..<count { workspace.load(start + (first + place) * size, as: place, of: network) }
      }
      network.forward(workspace, imageCount: count, parameters: parameters.start, noise: nil)
      for place in 0..<count {
        for value in shapes.indices {
          elements.withUnsafeMutableBufferPointer { elements in
            copy(network.valueOfArchitecture[value], ofImage: place, to: elements)
            body(first + place, value, UnsafeBufferPointer(rebasing: elements[..<shapes[value].count]))
          }
        }
      }
    }
  }

  private func copy(_ value: Int, ofImage place: Int, to elements: UnsafeMutableBufferPointer<Float>) {
    let layout = network.values[value]
    let start = workspace.values[value] + place * layout.size
    var element = 0
    for y in 0..<layout.shape.height {
      for x in 0..<layout.shape.width {
        let pixel = start + layout.pixel(y, x)
        for channel in 0..<layout.shape.channels { elements[element + channel] = pixel[channel] }
        element += layout.shape.channels
      }
    }
  }
}
