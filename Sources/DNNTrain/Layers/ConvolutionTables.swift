import MNISTInfer

/// Where a convolution finds its windows and pixels, as kernels read it.
final class ConvolutionTables {
  /// By output pixel: where its window starts in the input, where it is, and where its gradient is.
  let windowStarts: Buffer<Int32>
  let outputPixels: Buffer<Int32>
  let outputGradientPixels: Buffer<Int32>
  /// By input pixel: where its window starts in the output's gradient, and where its own gradient is. Empty if nobody needs
  /// that.
  let gradientWindowStarts: Buffer<Int32>
  let inputGradientPixels: Buffer<Int32>

  init(_ window: Window, _ layouts: LayerLayouts) throws(Failure) {
    let (input, output, outputGradient) = (layouts.input, layouts.output, layouts.outputGradient)
    windowStarts = try offsetTable(
      pixels(of: output.shape) {
        input.position($0 * window.strideHeight - window.padTop, $1 * window.strideWidth - window.padLeft)
      })
    outputPixels = try offsetTable(pixels(of: output.shape, output.pixel))
    outputGradientPixels = try offsetTable(pixels(of: output.shape, outputGradient.pixel))
    let propagated = layouts.inputGradient.map { pixels(of: input.shape, $0.pixel) } ?? []
    inputGradientPixels = try offsetTable(propagated)
    gradientWindowStarts = try offsetTable(
      propagated.isEmpty
        ? []
        : pixels(of: input.shape) {
          outputGradient.position(
            $0 + window.padTop - window.extentHeight + 1, $1 + window.padLeft - window.extentWidth + 1)
        })
  }

  /// The output's gradient needs zeros wherever the turned window reaches past a real pixel.
  static func geometry(_ window: Window, outputs: Int, input: Shape) -> LayerGeometry? {
    guard let (height, width) = window.outputSize(input) else { return nil }
    var geometry = LayerGeometry(output: Shape(height: height, width: width, channels: outputs))
    geometry.inputBorder = ValueLayout.Border(
      top: window.padTop, left: window.padLeft, bottom: window.padBottom, right: window.padRight)
    geometry.gradientSpacing = ValueLayout.Spacing(rows: window.strideHeight, columns: window.strideWidth)
    geometry.gradientBorder = ValueLayout.Border(
      top: max(window.extentHeight - 1 - window.padTop, 0), left: max(window.extentWidth - 1 - window.padLeft, 0),
      bottom: max(input.height - 1 + window.padTop - (height - 1) * window.strideHeight, 0),
      right: max(input.width - 1 + window.padLeft - (width - 1) * window.strideWidth, 0))
    if WinogradTiling.suits(window, input: input, output: geometry.output) {
      WinogradTiling.extend(&geometry, window, input: input)
    }
    return geometry
  }
}

/// A number for each pixel, row by row.
private func pixels(of shape: Shape, _ number: (Int, Int) -> Int) -> [Int] {
  (0..<shape.height).flatMap { y in (0..<shape.width).map { x in number(y, x) } }
}
