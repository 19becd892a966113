import DNNModel
import MNISTInfer

/// An image as a vector: channels fastest, then columns, then rows.
final class Flatten: TrainableLayer {
  let name: String
  private let layouts: LayerLayouts

  init(_ settings: LayerSettings, layouts: LayerLayouts) {
    name = settings.name
    self.layouts = layouts
  }

  func forward(_ pass: LayerPass) {
    for image in 0..<pass.imageCount {
      forEachPixel(layouts.input) { pixel, element in
        (pass.output + image * layouts.output.size + layouts.output.pixel(0, 0) + element).update(
          from: pass.input + image * layouts.input.size + pixel, count: layouts.input.shape.channels)
      }
    }
  }

  func backward(_ pass: LayerPass, gradient: UnsafeMutablePointer<Float>) {
    guard let layout = layouts.inputGradient, let inputGradient = pass.inputGradient else { return }
    let outputGradient = layouts.outputGradient
    for image in 0..<pass.imageCount {
      forEachPixel(layout) { pixel, element in
        (inputGradient + image * layout.size + pixel).update(
          from: pass.outputGradient + image * outputGradient.size + outputGradient.pixel(0, 0) + element,
          count: layout.shape.channels)
      }
    }
  }

  /// Calls `body` with each pixel's offset in an image and its first channel's index in the vector.
  private func forEachPixel(_ layout: ValueLayout, _ body: (Int, Int) -> Void) {
    var element = 0
    for y in 0..<layout.shape.height {
      for x in 0..<layout.shape.width {
        body(layout.pixel(y, x), element)
        element += layout.shape.channels
      }
    }
  }

  func export(to builder: inout ModelBuilder, inputs: [Int], values: UnsafePointer<Float>) -> Int {
    builder.append(.flatten, name: name, inputs: inputs, output: layouts.output.shape)
  }
}
