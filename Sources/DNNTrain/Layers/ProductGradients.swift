import MNISTInfer

/// Passes the gradient of an output back through its ReLU, if it has one, and adds it up over the image's pixels, which is the
/// gradient of the bias.
///
/// Where the output is zero the gradient becomes zero: the derivative of ReLU at 0 is taken to be 0.
func maskAndAddBias(
  output: UnsafePointer<Float>, _ outputLayout: ValueLayout, gradient: UnsafeMutablePointer<Float>,
  _ gradientLayout: ValueLayout, isMasked: Bool, bias: UnsafeMutablePointer<Float>
) {
  let channels = outputLayout.pixelStride
  for y in 0..<outputLayout.shape.height {
    var outputPixel = output + outputLayout.pixel(y, 0)
    var gradientPixel = gradient + gradientLayout.pixel(y, 0)
    for _ in 0..<outputLayout.shape.width {
      var channel = 0
      while channel < channels {
        var slope = Vector(gradientPixel + channel)
        if isMasked {
          slope.replace(with: 0, where: Vector(outputPixel + channel) .<= 0)
          slope.store(gradientPixel + channel)
        }
        (Vector(bias + channel) + slope).store(bias + channel)
        channel += Vector.scalarCount
      }
      outputPixel += outputLayout.pixelStep
      gradientPixel += gradientLayout.pixelStep
    }
  }
}
