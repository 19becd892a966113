import DNNModel
import Foundation
import MNISTInfer

/// An integer model as FileFormat.md defines it, one picture at a time and as plainly as possible: what the runtime's results are
/// compared with, bit for bit. Shares nothing with the runtime but the description of the model.
struct IntegerReference {
  let model: ModelFile

  /// The integers of one picture's value, channels last.
  struct Image {
    var shape: Shape
    var values: [Int]
    /// What stands outside of the picture.
    var zeroPoint: Int

    subscript(y: Int, x: Int, channel: Int) -> Int {
      get { contains(y, x) ? values[(y * shape.width + x) * shape.channels + channel] : zeroPoint }
      set { values[(y * shape.width + x) * shape.channels + channel] = newValue }
    }

    func contains(_ y: Int, _ x: Int) -> Bool { y >= 0 && y < shape.height && x >= 0 && x < shape.width }
  }

  /// The probabilities of one picture.
  func probabilities(_ picture: [UInt8]) -> [Float] {
    let values = values(picture)
    let logits = values[model.layers[model.layers.count - 1].inputs[0]].values
    return Self.softmax(logits, scale: scale(model.layers[model.layers.count - 1].inputs[0]))
  }

  /// Every value of one picture but the last.
  func values(_ picture: [UInt8]) -> [Image] {
    var values = [Image(shape: model.input, values: picture.map { Int($0) }, zeroPoint: zeroPoint(0))]
    for (index, layer) in model.layers.dropLast().enumerated() {
      values.append(run(layer, index, layer.inputs.map { values[$0] }))
    }
    return values
  }

  private func scale(_ value: Int) -> Double { Double(model.quantization[value].scale) }
  private func zeroPoint(_ value: Int) -> Int { model.quantization[value].zeroPoint }

  // MARK: Factors

  /// The multipliers and shift of factors that share it.
  static func fixed(_ factors: [Double], bits: Int = 31) -> (multipliers: [Int], shift: Int) {
    var shift = bits - frexp(factors.max()!).1
    if rint(scalbn(factors.max()!, shift)) == scalbn(1, bits) { shift -= 1 }
    return (factors.map { Int(rint(scalbn($0, shift))) }, shift)
  }

  private static func round(_ value: Int, _ shift: Int) -> Int { (value + 1 << (shift - 1)) >> shift }

  private static func clamp(_ value: Int, _ low: Int, _ high: Int) -> Int { min(max(value, low), high) }

  private func bounds(_ layer: LayerDescription, _ index: Int) -> (low: Int, high: Int) {
    let zero = zeroPoint(index + 1)
    switch layer.activation {
    case .relu: return (zero, 255)
    case .clippedRelu:
      let steps = rint(Double(layer.activationParameter) / scale(index + 1))
      return (zero, Int(min(255, Double(zero) + steps)))
    default: return (0, 255)
    }
  }

  // MARK: Layers

  private func run(_ layer: LayerDescription, _ index: Int, _ inputs: [Image]) -> Image {
    let input = inputs[0]
    let zero = zeroPoint(index + 1)
    var output = Image(
      shape: layer.output, values: [Int](repeating: zero, count: layer.output.count), zeroPoint: zero)
    switch layer.kind {
    case .convolution: convolve(layer, index, input, &output)
    case .dense:
      let weights = int8(layer.weights!)
      for n in 0..<layer.output.channels {
        var sum = bias(layer, n)
        for (k, q) in input.values.enumerated() {
          sum += (q - input.zeroPoint) * weights[k * layer.output.channels + n]
        }
        output.values[n] = scaled(sum, layer, index, column: n)
      }
    case .maxPool, .averagePool: pool(layer, index, input, &output)
    case .globalAveragePool:
      for channel in 0..<input.shape.channels {
        let all = stride(from: channel, to: input.values.count, by: input.shape.channels).map { input.values[$0] }
        output.values[channel] = mean(all, layer, index)
      }
    case .add:
      let (m, s) = Self.fixed(layer.inputs.map { scale($0) / scale(index + 1) }, bits: 20)
      let (low, high) = bounds(layer, index)
      for i in output.values.indices {
        let sum =
          (input.values[i] - input.zeroPoint) * m[0] + (inputs[1].values[i] - inputs[1].zeroPoint) * m[1]
        output.values[i] = Self.clamp(zero + Self.round(sum, s), low, high)
      }
    case .activation:
      guard case .uint8(let table) = model.tensors[layer.weights!].elements else { fatalError("no table") }
      output.values = input.values.map { Int(table[$0]) }
    case .flatten, .softmax: output.values = input.values
    }
    return output
  }

  private func int8(_ tensor: Int) -> [Int] {
    guard case .int8(let elements, _) = model.tensors[tensor].elements else { fatalError("no int8 tensor") }
    return elements.map { Int($0) }
  }

  private func bias(_ layer: LayerDescription, _ column: Int) -> Int {
    guard let bias = layer.bias, case .int32(let values) = model.tensors[bias].elements else { return 0 }
    return Int(values[column])
  }

  /// Whether layer `index` writes logits of 32 bits.
  private func writesLogits(_ index: Int) -> Bool {
    let readers = model.layers.filter { $0.inputs.contains(index + 1) }
    return readers.count == 1 && readers[0].kind == .softmax
  }

  /// From the sum of a convolution or dense layer to its output.
  private func scaled(_ sum: Int, _ layer: LayerDescription, _ index: Int, column: Int) -> Int {
    guard case .int8(_, let scales) = model.tensors[layer.weights!].elements else { fatalError("no int8 tensor") }
    let factors = model.values(ofTensor: scales).map {
      (scale(layer.inputs[0]) * Double($0)) / scale(index + 1)
    }
    let (m, s) = Self.fixed(factors)
    let value = Self.round(sum * m[column], s)
    if writesLogits(index) { return Self.clamp(value, Int(Int32.min), Int(Int32.max)) }
    let (low, high) = bounds(layer, index)
    return Self.clamp(zeroPoint(index + 1) + value, low, high)
  }

  private func convolve(_ layer: LayerDescription, _ index: Int, _ input: Image, _ output: inout Image) {
    let window = layer.window
    let weights = int8(layer.weights!)
    let (depth, columns) = (input.shape.channels / window.groups, layer.output.channels)
    for y in 0..<layer.output.height {
      for x in 0..<layer.output.width {
        for n in 0..<columns {
          var sum = bias(layer, n)
          let firstChannel = n / (columns / window.groups) * depth
          for (i, row) in rows(layer, y).enumerated() {
            for (j, column) in self.columns(layer, x).enumerated() {
              for c in 0..<depth {
                let weight = weights[((i * window.width + j) * depth + c) * columns + n]
                sum += (input[row, column, firstChannel + c] - input.zeroPoint) * weight
              }
            }
          }
          output[y, x, n] = scaled(sum, layer, index, column: n)
        }
      }
    }
  }

  /// Rows of the input under the window of an output row, inside and outside.
  private func rows(_ layer: LayerDescription, _ y: Int) -> [Int] {
    let window = layer.window
    return (0..<window.height).map { y * window.strideHeight - window.padTop + $0 * window.dilationHeight }
  }

  private func columns(_ layer: LayerDescription, _ x: Int) -> [Int] {
    let window = layer.window
    return (0..<window.width).map { x * window.strideWidth - window.padLeft + $0 * window.dilationWidth }
  }

  private func pool(_ layer: LayerDescription, _ index: Int, _ input: Image, _ output: inout Image) {
    for y in 0..<layer.output.height {
      for x in 0..<layer.output.width {
        for channel in 0..<input.shape.channels {
          var inside: [Int] = []
          for row in rows(layer, y) {
            for column in columns(layer, x) where input.contains(row, column) {
              inside.append(input[row, column, channel])
            }
          }
          output[y, x, channel] = layer.kind == .maxPool ? inside.max()! : mean(inside, layer, index)
        }
      }
    }
  }

  private func mean(_ elements: [Int], _ layer: LayerDescription, _ index: Int) -> Int {
    let input = layer.inputs[0]
    let (m, s) = Self.fixed([scale(input) / (scale(index + 1) * Double(elements.count))])
    let sum = elements.reduce(0) { $0 + $1 - zeroPoint(input) }
    return Self.clamp(zeroPoint(index + 1) + Self.round(sum * m[0], s), 0, 255)
  }

  // MARK: Softmax

  static func softmax(_ logits: [Int], scale: Double) -> [Float] {
    let powers = powers(logits, scale: scale)
    return powers.map { Float(Double($0) / Double(powers.reduce(0, +))) }
  }

  /// Of the polynomial that approximates 2^(30 - x), the lowest power first.
  static let coefficients = [1_073_741_824, -744_258_157, 257_898_519, -59_395_848, 9_908_897, -1_024_387]

  /// 2^30 times e to the difference from the largest logit.
  static func powers(_ logits: [Int], scale: Double) -> [Int] {
    let (m, s) = fixed([scale * 1.4426950408889634])
    return logits.map { logit in
      let difference = logits.max()! - logit
      guard difference < Int32.max else { return 0 }
      let halvings = (difference * m[0]) >> (s - 24)
      let (whole, fraction) = (halvings >> 24, halvings & (1 << 24 - 1))
      guard whole <= 30 else { return 0 }
      let value = coefficients.dropLast().reversed().reduce(coefficients[5]) { $1 + ($0 * fraction) >> 24 }
      return value >> whole
    }
  }
}
