import DNNModel
import Foundation
import MNISTInfer

/// The network as its definition reads, in double precision, one picture at a time and as plainly as possible: what the
/// runtime's results are compared with.
struct ReferenceNetwork {
  let model: ModelFile

  /// The values of one picture after a layer, channels last.
  struct Image {
    var shape: Shape
    var values: [Double]

    init(_ shape: Shape) {
      self.shape = shape
      values = [Double](repeating: 0, count: shape.count)
    }

    /// Zero outside of the picture.
    subscript(y: Int, x: Int, channel: Int) -> Double {
      get { contains(y, x) ? values[(y * shape.width + x) * shape.channels + channel] : 0 }
      set { values[(y * shape.width + x) * shape.channels + channel] = newValue }
    }

    func contains(_ y: Int, _ x: Int) -> Bool { y >= 0 && y < shape.height && x >= 0 && x < shape.width }
  }

  /// The probabilities of one picture.
  func probabilities(_ picture: [UInt8]) -> [Double] { values(picture).last?.values ?? [] }

  /// Every value of one picture.
  func values(_ picture: [UInt8]) -> [Image] {
    var values = [Image(model.input)]
    for (index, byte) in picture.enumerated() {
      let (scale, offset) = model.normalisation[index % model.input.channels]
      values[0].values[index] = Double(byte) * Double(scale) + Double(offset)
    }
    for layer in model.layers { values.append(run(layer, layer.inputs.map { values[$0] })) }
    return values
  }

  func run(_ layer: LayerDescription, _ inputs: [Image]) -> Image {
    let input = inputs[0]
    var output = Image(layer.output)
    switch layer.kind {
    case .convolution: convolve(layer, input, &output)
    case .dense:
      let weights = model.values(ofTensor: layer.weights!)
      let bias = bias(of: layer)
      for n in 0..<layer.output.channels {
        output.values[n] = bias[n]
        for k in 0..<input.values.count {
          output.values[n] += input.values[k] * Double(weights[k * layer.output.channels + n])
        }
      }
    case .maxPool: pool(layer, input, &output) { $0.max()! }
    case .averagePool: pool(layer, input, &output) { $0.reduce(0, +) / Double($0.count) }
    case .globalAveragePool:
      for channel in 0..<input.shape.channels {
        let all = stride(from: channel, to: input.values.count, by: input.shape.channels).map { input.values[$0] }
        output.values[channel] = all.reduce(0, +) / Double(all.count)
      }
    case .add: output.values = zip(input.values, inputs[1].values).map { $0 + $1 }
    case .flatten, .activation: output.values = input.values
    case .softmax:
      let largest = input.values.max()!
      let exponentials = input.values.map { exp($0 - largest) }
      output.values = exponentials.map { $0 / exponentials.reduce(0, +) }
    }
    output.values = output.values.map { activate($0, layer) }
    return output
  }

  private func bias(of layer: LayerDescription) -> [Double] {
    layer.bias.map { model.values(ofTensor: $0).map { Double($0) } }
      ?? [Double](repeating: 0, count: layer.output.channels)
  }

  func activate(_ x: Double, _ layer: LayerDescription) -> Double {
    let parameter = Double(layer.activationParameter)
    switch layer.activation {
    case .none: return x
    case .relu: return max(x, 0)
    case .leakyRelu: return x > 0 ? x : parameter * x
    case .clippedRelu: return min(max(x, 0), parameter)
    case .sigmoid: return 1 / (1 + exp(-x))
    case .tanh: return tanh(x)
    }
  }

  private func convolve(_ layer: LayerDescription, _ input: Image, _ output: inout Image) {
    let window = layer.window
    let weights = model.values(ofTensor: layer.weights!)
    let bias = bias(of: layer)
    let (depth, columns) = (input.shape.channels / window.groups, layer.output.channels)
    for y in 0..<layer.output.height {
      for x in 0..<layer.output.width {
        for n in 0..<columns {
          var sum = bias[n]
          let firstChannel = n / (columns / window.groups) * depth
          for ky in 0..<window.height {
            for kx in 0..<window.width {
              for c in 0..<depth {
                let weight = weights[((ky * window.width + kx) * depth + c) * columns + n]
                sum +=
                  Double(weight)
                  * input[
                    y * window.strideHeight - window.padTop + ky * window.dilationHeight,
                    x * window.strideWidth - window.padLeft + kx * window.dilationWidth, firstChannel + c]
              }
            }
          }
          output[y, x, n] = sum
        }
      }
    }
  }

  private func pool(_ layer: LayerDescription, _ input: Image, _ output: inout Image, _ combine: ([Double]) -> Double) {
    let window = layer.window
    for y in 0..<layer.output.height {
      for x in 0..<layer.output.width {
        for channel in 0..<input.shape.channels {
          var inside: [Double] = []
          for ky in 0..<window.height {
            for kx in 0..<window.width {
              let (row, column) = (
                y * window.strideHeight - window.padTop + ky, x * window.strideWidth - window.padLeft + kx
              )
              if input.contains(row, column) { inside.append(input[row, column, channel]) }
            }
          }
          output[y, x, channel] = combine(inside)
        }
      }
    }
  }
}
