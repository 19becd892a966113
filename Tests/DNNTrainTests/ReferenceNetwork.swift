import Foundation
import MNISTInfer

@testable import DNNTrain

/// A network computed the plain way, in double precision, with nothing of the library but the description of its layers: all
/// images of a shard at once, because batch normalisation looks at them together.
struct ReferenceNetwork {
  let nodes: [NetworkPlan.Node]
  let input: Shape
  /// For each layer its parameters, those of a weighted sum in the order of a model's file.
  var parameters: [[Parameter.Role: [Double]]]

  /// An image and a place for what dropout multiplies by, layer by layer.
  struct Image {
    var pixels: [Double]
    var label: Int
    var dropoutFactors: [[Double]]
  }

  /// The logits of each image, as in training.
  func logits(_ images: [Image]) -> [[Double]] { values(images).last ?? [] }

  /// Mean cross-entropy.
  func loss(_ images: [Image]) -> Double {
    zip(logits(images), images).reduce(0) { sum, pair in
      let (x, image) = pair
      let largest = x.max() ?? 0
      return sum + log(x.reduce(0) { $0 + exp($1 - largest) }) - (x[image.label] - largest)
    } / Double(images.count)
  }

  /// By value and image: 0 is the pictures, i + 1 the outputs of layer i.
  func values(_ images: [Image]) -> [[[Double]]] {
    var values = [images.map(\.pixels)]
    var shapes = [input]
    for (index, node) in nodes.enumerated() {
      let (inputs, shape) = (values[node.inputs[0]], shapes[node.inputs[0]])
      let own = parameters[index]
      var outputs: [[Double]] = []
      var outputShape = shape
      switch node.specification {
      case .convolution(let count, let window, _):
        for values in inputs { outputs.append(convolve(values, shape, window, count, own, &outputShape)) }
      case .depthwise(var window, _):
        window.groups = shape.channels
        for values in inputs { outputs.append(convolve(values, shape, window, shape.channels, own, &outputShape)) }
      case .maxPool(let window):
        for values in inputs { outputs.append(pool(values, shape, window, &outputShape) { $0.max() ?? .nan }) }
      case .averagePool(let window):
        for values in inputs { outputs.append(pool(values, shape, window, &outputShape, mean)) }
      case .globalAveragePool:
        let window = Window(height: shape.height, width: shape.width)
        for values in inputs { outputs.append(pool(values, shape, window, &outputShape, mean)) }
      case .dense(let count, _):
        outputs = inputs.map { dense($0, count, own) }
        outputShape = Shape(count: count)
      case .batchNormalisation: outputs = normalise(inputs, shape.channels, own)
      case .dropout:
        outputs = zip(inputs, images).map { values, image in
          zip(values, image.dropoutFactors[index]).map { $0 * $1 }
        }
      case .flatten:
        outputs = inputs
        outputShape = Shape(count: shape.count)
      case .add: outputs = zip(inputs, values[node.inputs[1]]).map { zip($0, $1).map { $0 + $1 } }
      case .activation: outputs = inputs
      case .custom: preconditionFailure("not described by a text")
      }
      values.append(outputs.map { $0.map { activate($0, node.specification.activation) } })
      shapes.append(outputShape)
    }
    return values
  }

  /// How much batch normalisation enlarges what goes through it, for all its layers together: it divides by the deviation.
  func amplification(_ images: [Image]) -> Double {
    let values = values(images)
    return nodes.enumerated().reduce(1) { product, node in
      guard case .batchNormalisation = node.element.specification else { return product }
      let inputs = values[node.element.inputs[0]]
      let channels = parameters[node.offset][.scale]?.count ?? 1
      let largest = (0..<channels).map { channel in
        let all = inputs.flatMap { image in stride(from: channel, to: image.count, by: channels).map { image[$0] } }
        let centre = mean(all)
        return 1 / (mean(all.map { ($0 - centre) * ($0 - centre) }) + 1e-5).squareRoot()
      }.max()
      // One value alone is divided by the running deviation, which is near 1.
      return product * (inputs.count * inputs[0].count == channels ? 1 : max(largest ?? 1, 1))
    }
  }

  private func mean(_ values: [Double]) -> Double { values.reduce(0, +) / Double(values.count) }

  private func activate(_ x: Double, _ activation: ActivationFunction) -> Double {
    let parameter = Double(activation.parameter)
    switch activation.kind {
    case .none: return x
    case .relu: return max(x, 0)
    case .leakyRelu: return x > 0 ? x : parameter * x
    case .clippedRelu: return min(max(x, 0), parameter)
    case .sigmoid: return 1 / (1 + exp(-x))
    case .tanh: return tanh(x)
    }
  }

  private func dense(_ values: [Double], _ outputs: Int, _ own: [Parameter.Role: [Double]]) -> [Double] {
    let (weights, bias) = (own[.weights] ?? [], own[.bias])
    return (0..<outputs).map { n in
      values.indices.reduce(bias?[n] ?? 0) { $0 + values[$1] * weights[$1 * outputs + n] }
    }
  }

  private func normalise(_ images: [[Double]], _ channels: Int, _ own: [Parameter.Role: [Double]]) -> [[Double]] {
    var results = images
    for channel in 0..<channels {
      let places = stride(from: channel, to: images[0].count, by: channels)
      let all = images.flatMap { image in places.map { image[$0] } }
      let count = Double(all.count)
      // One value has no variance: the running statistics, as they are at first or as the test set them.
      let centre = all.count > 1 ? all.reduce(0, +) / count : own[.mean]?[channel] ?? 0
      let variance =
        all.count > 1
        ? all.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / count : own[.variance]?[channel] ?? 1
      let deviation = (variance + 1e-5).squareRoot()
      for image in images.indices {
        for place in places {
          results[image][place] =
            (images[image][place] - centre) / deviation * (own[.scale]?[channel] ?? 1) + (own[.shift]?[channel] ?? 0)
        }
      }
    }
    return results
  }

  private func convolve(
    _ values: [Double], _ shape: Shape, _ window: Window, _ outputs: Int, _ own: [Parameter.Role: [Double]],
    _ outputShape: inout Shape
  ) -> [Double] {
    let (weights, bias) = (own[.weights] ?? [], own[.bias])
    let (depth, outputsOfGroup) = (shape.channels / window.groups, outputs / window.groups)
    outputShape = size(shape, window, channels: outputs)
    var result: [Double] = []
    for y in 0..<outputShape.height {
      for x in 0..<outputShape.width {
        for n in 0..<outputs {
          var sum = bias?[n] ?? 0
          for dy in 0..<window.height {
            for dx in 0..<window.width {
              let row = y * window.strideHeight + dy * window.dilationHeight - window.padTop
              let column = x * window.strideWidth + dx * window.dilationWidth - window.padLeft
              if row < 0 || row >= shape.height || column < 0 || column >= shape.width { continue }
              for c in 0..<depth {
                let weight = weights[((dy * window.width + dx) * depth + c) * outputs + n]
                let channel = n / outputsOfGroup * depth + c
                sum += values[(row * shape.width + column) * shape.channels + channel] * weight
              }
            }
          }
          result.append(sum)
        }
      }
    }
    return result
  }

  private func pool(
    _ values: [Double], _ shape: Shape, _ window: Window, _ outputShape: inout Shape, _ combine: ([Double]) -> Double
  ) -> [Double] {
    outputShape = size(shape, window, channels: shape.channels)
    var result: [Double] = []
    for y in 0..<outputShape.height {
      for x in 0..<outputShape.width {
        for c in 0..<shape.channels {
          var inside: [Double] = []
          for dy in 0..<window.height {
            for dx in 0..<window.width {
              let (row, column) = (
                y * window.strideHeight + dy - window.padTop, x * window.strideWidth + dx - window.padLeft
              )
              if row < 0 || row >= shape.height || column < 0 || column >= shape.width { continue }
              inside.append(values[(row * shape.width + column) * shape.channels + c])
            }
          }
          result.append(combine(inside))
        }
      }
    }
    return result
  }

  private func size(_ shape: Shape, _ window: Window, channels: Int) -> Shape {
    let height = (window.height - 1) * window.dilationHeight + 1
    let width = (window.width - 1) * window.dilationWidth + 1
    return Shape(
      height: (shape.height + window.padTop + window.padBottom - height) / window.strideHeight + 1,
      width: (shape.width + window.padLeft + window.padRight - width) / window.strideWidth + 1, channels: channels)
  }
}
