/// Turns a picture of any size and colour into the model's input, in integer arithmetic, so that every build on every machine
/// gets the same pixels.
///
/// A picture that already is what the data set holds (the input's size, opaque, light on dark) goes through unchanged.
///
/// Throws `Status.nothingToSee` if the preparation's steps include that and there is nothing.
package func prepare(
  _ picture: borrowing Picture, _ preparation: Preparation, _ input: Shape, into target: UnsafeMutablePointer<UInt8>
) throws(Failure) {
  if input.channels > 2 {
    try stretchColour(picture, input, into: target)
  } else if preparation.steps == .none {
    try prepareSimply(picture, preparation, input, into: target)
  } else {
    try prepareInSteps(picture, preparation, input, into: target)
  }
}

/// For models of one or two channels whose preparation has no steps.
private func prepareSimply(
  _ picture: borrowing Picture, _ preparation: Preparation, _ input: Shape, into target: UnsafeMutablePointer<UInt8>
) throws(Failure) {
  let grey = try Plane(greyOf: picture)
  if preparation.polarity == .lightOnDark, grey.borderMedian() > 127 { grey.invert() }
  if grey.width == input.width && grey.height == input.height && isOpaqueGrey(picture) {
    grey.write(to: target, channels: input.channels)
    return
  }
  switch preparation.placement {
  case .stretch:
    let plane = try Plane(width: input.width, height: input.height)
    try grey.scale(from: Plane.Box(grey), into: plane, at: Plane.Box(plane))
    plane.write(to: target, channels: input.channels)
  case .centreOfMass, .fit:
    grey.stretchContrast(background: grey.borderMedian())
    let plane = try Plane(width: input.width, height: input.height)
    if let ink = grey.boundingBox(threshold: Plane.inkThreshold) {
      let size = fittingSize(ink, in: (preparation.boxWidth, preparation.boxHeight))
      let scaled = try Plane(width: size.width, height: size.height)
      try grey.scale(from: ink, into: scaled, at: Plane.Box(scaled))
      scaled.place(preparation.placement, into: plane)
    }
    plane.write(to: target, channels: input.channels)
  }
}

/// The size of a rectangle scaled with its aspect kept: one side fills the box, the other has at least one pixel.
func fittingSize(_ source: Plane.Box, in box: (width: Int, height: Int)) -> (width: Int, height: Int) {
  let (width, height) = (Int64(source.width), Int64(source.height))
  let (high, wide) = (width * Int64(box.height), height * Int64(box.width))
  if high >= wide { return (box.width, max(1, Int((wide + width / 2) / width))) }
  return (max(1, Int((high + height / 2) / height)), box.height)
}

/// Whether all pixels are opaque and without colour.
func isOpaqueGrey(_ picture: borrowing Picture) -> Bool {
  let pixels = picture.pixels.start
  for index in 0..<(picture.width * picture.height) {
    let pixel = pixels + 4 * index
    if pixel[3] != 255 || pixel[0] != pixel[1] || pixel[1] != pixel[2] { return false }
  }
  return true
}

/// For models of colour pictures: scaled to the input's size, channel by channel; a fourth channel is alpha.
private func stretchColour(_ picture: borrowing Picture, _ input: Shape, into target: UnsafeMutablePointer<UInt8>)
  throws(Failure)
{
  // The caller's image is only written once nothing can fail.
  let image = try Buffer<UInt8>(count: input.count)
  let plane = try Plane(width: input.width, height: input.height)
  for channel in 0..<input.channels {
    let source = try Plane(channel: channel, of: picture)
    try source.scale(from: Plane.Box(source), into: plane, at: Plane.Box(plane))
    for index in 0..<(plane.width * plane.height) { image[index * input.channels + channel] = plane.values[index] }
  }
  target.copy(from: image.start, count: input.count)
}
