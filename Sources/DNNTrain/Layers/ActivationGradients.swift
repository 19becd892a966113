import MNISTInfer

/// Passes the gradient of a layer's output back through the layer's activation and, if asked, adds it up over the image's
/// pixels, which is the gradient of the bias.
///
/// - Parameters:
///   - activation: what the layer applies.
///   - output: one image of the layer's output, from which the derivative follows: that of ReLU is 1 where the output is above
///     0 (and 0 at 0), of the clipped one 1 between its bounds, of sigmoid y (1 - y), of tanh 1 - y². For a leaky ReLU of
///     negative slope, its input.
///   - outputLayout: where the output stands.
///   - gradient: changed in place.
///   - gradientLayout: where the gradient stands.
///   - bias: what the sum is added to, or nil.
func passBack(
  through activation: ActivationFunction, output: UnsafePointer<Float>, _ outputLayout: ValueLayout,
  gradient: UnsafeMutablePointer<Float>, _ gradientLayout: ValueLayout, bias: UnsafeMutablePointer<Float>?
) {
  let places = GradientPlaces(
    output: output, outputLayout: outputLayout, gradient: gradient, gradientLayout: gradientLayout, bias: bias)
  let parameter = activation.parameter
  switch activation.kind {
  case .none: if bias != nil { places.update { slope, _ in slope } }
  case .relu: places.update { slope, y in slope.replacing(with: 0, where: y .<= 0) }
  case .leakyRelu: places.update { slope, y in slope.replacing(with: slope * parameter, where: y .<= 0) }
  case .clippedRelu:
    places.update { slope, y in slope.replacing(with: 0, where: (y .<= 0) .| (y .>= Vector(repeating: parameter))) }
  case .sigmoid: places.update { slope, y in slope * (y - y * y) }
  case .tanh: places.update { slope, y in slope - slope * (y * y) }
  }
}

private struct GradientPlaces {
  let output: UnsafePointer<Float>
  let outputLayout: ValueLayout
  let gradient: UnsafeMutablePointer<Float>
  let gradientLayout: ValueLayout
  let bias: UnsafeMutablePointer<Float>?

  /// Replaces each vector of the gradient, given it and the output's, and adds it to the bias.
  @inline(__always) func update(_ change: (Vector, Vector) -> Vector) {
    if let bias {
      forEachPixel { gradient, output in
        forEachVector { channel in
          let slope = change(Vector(gradient + channel), Vector(output + channel))
          slope.store(gradient + channel)
          (Vector(bias + channel) + slope).store(bias + channel)
        }
      }
    } else {
      forEachPixel { gradient, output in
        forEachVector { channel in
          change(Vector(gradient + channel), Vector(output + channel)).store(gradient + channel)
        }
      }
    }
  }

  @inline(__always) private func forEachVector(_ body: (Int) -> Void) {
    var channel = 0
    while channel < outputLayout.pixelStride {
      body(channel)
      channel += Vector.scalarCount
    }
  }

  @inline(__always) private func forEachPixel(_ body: (UnsafeMutablePointer<Float>, UnsafePointer<Float>) -> Void) {
    for y in 0..<outputLayout.shape.height {
      var outputPixel = output + outputLayout.pixel(y, 0)
      var gradientPixel = gradient + gradientLayout.pixel(y, 0)
      for _ in 0..<outputLayout.shape.width {
        body(gradientPixel, outputPixel)
        outputPixel += outputLayout.pixelStep
        gradientPixel += gradientLayout.pixelStep
      }
    }
  }
}
