import Foundation
import MNISTInfer

@testable import DNNTrain

/// A network computed the plain way, in double precision, with nothing of the library but the description of its layers.
struct ReferenceNetwork {
  let layers: [LayerSpecification]
  let input: Shape
  /// For each layer its weights, in the order of a model's file, and its biases; empty where it has none.
  var weights: [[Double]]
  var biases: [[Double]]

  /// An image and a place for what dropout multiplies by, layer by layer.
  struct Image {
    var pixels: [Double]
    var label: Int
    var dropoutFactors: [[Double]]
  }

  func logits(_ image: Image) -> [Double] {
    var (values, shape) = (image.pixels, input)
    for (index, layer) in layers.enumerated() {
      switch layer {
      case .convolution(let outputs, let window, let hasRelu):
        (values, shape) = convolve(values, shape, window, outputs, weights[index], biases[index])
        if hasRelu { values = values.map { max($0, 0) } }
      case .maxPool(let window): (values, shape) = pool(values, shape, window)
      case .flatten: shape = Shape(count: shape.count)
      case .dense(let outputs, let hasRelu):
        values = (0..<outputs).map { n in
          values.indices.reduce(biases[index][n]) { $0 + values[$1] * weights[index][$1 * outputs + n] }
        }
        if hasRelu { values = values.map { max($0, 0) } }
        shape = Shape(count: outputs)
      case .dropout: values = zip(values, image.dropoutFactors[index]).map { $0 * $1 }
      }
    }
    return values
  }

  /// Mean cross-entropy.
  func loss(_ images: [Image]) -> Double {
    images.reduce(0) { sum, image in
      let x = logits(image)
      let largest = x.max() ?? 0
      return sum + log(x.reduce(0) { $0 + exp($1 - largest) }) - (x[image.label] - largest)
    } / Double(images.count)
  }

  private func convolve(
    _ values: [Double], _ shape: Shape, _ window: Window, _ outputs: Int, _ weights: [Double], _ bias: [Double]
  ) -> ([Double], Shape) {
    let height = (shape.height + window.padTop + window.padBottom - window.height) / window.strideHeight + 1
    let width = (shape.width + window.padLeft + window.padRight - window.width) / window.strideWidth + 1
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for n in 0..<outputs {
          var sum = bias[n]
          for dy in 0..<window.height {
            for dx in 0..<window.width {
              let row = y * window.strideHeight + dy - window.padTop
              let column = x * window.strideWidth + dx - window.padLeft
              if row < 0 || row >= shape.height || column < 0 || column >= shape.width { continue }
              for c in 0..<shape.channels {
                let weight = weights[((dy * window.width + dx) * shape.channels + c) * outputs + n]
                sum += values[(row * shape.width + column) * shape.channels + c] * weight
              }
            }
          }
          result.append(sum)
        }
      }
    }
    return (result, Shape(height: height, width: width, channels: outputs))
  }

  private func pool(_ values: [Double], _ shape: Shape, _ window: Window) -> ([Double], Shape) {
    let height = (shape.height - window.height) / window.strideHeight + 1
    let width = (shape.width - window.width) / window.strideWidth + 1
    var result: [Double] = []
    for y in 0..<height {
      for x in 0..<width {
        for c in 0..<shape.channels {
          var largest = -Double.infinity
          for row in y * window.strideHeight..<y * window.strideHeight + window.height {
            for column in x * window.strideWidth..<x * window.strideWidth + window.width {
              largest = max(largest, values[(row * shape.width + column) * shape.channels + c])
            }
          }
          result.append(largest)
        }
      }
    }
    return (result, Shape(height: height, width: width, channels: shape.channels))
  }
}
