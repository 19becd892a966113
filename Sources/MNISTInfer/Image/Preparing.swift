/// Turns a picture of any size and colour into the model's input, in integer arithmetic, so that every build on every machine
/// gets the same pixels.
///
/// A picture that already is what the data set holds (the input's size, opaque, light on dark) goes through unchanged.
package func prepare(
  _ picture: borrowing Picture, _ preparation: Preparation, _ input: Shape, into target: UnsafeMutablePointer<UInt8>
) throws(Failure) {
  if input.channels > 2 {
    try stretchColour(picture, input, into: target)
    return
  }
  let grey = try Plane(greyOf: picture)
  if preparation.polarity == .lightOnDark, grey.borderMedian() > 127 { grey.invert() }
  if grey.width == input.width && grey.height == input.height && isOpaqueGrey(picture) {
    grey.write(to: target, channels: input.channels)
    return
  }
  switch preparation.placement {
  case .stretch:
    let plane = try Plane(width: input.width, height: input.height)
    grey.scale(from: Plane.Box(grey), into: plane, at: Plane.Box(plane))
    plane.write(to: target, channels: input.channels)
  case .centreOfMass:
    let plane = try Plane(width: input.width, height: input.height)
    try placeByMass(grey, preparation, into: plane)
    plane.write(to: target, channels: input.channels)
  }
}

/// Stretches contrast, finds what stands out, scales it into the box and moves its centre of mass to the middle.
private func placeByMass(
  _ grey: borrowing Plane, _ preparation: Preparation, into target: borrowing Plane
) throws(Failure) {
  grey.stretchContrast(background: grey.borderMedian())
  guard let ink = grey.boundingBox(threshold: Plane.inkThreshold) else { return }
  // The longer side fills the box, the other keeps the aspect and at least one pixel.
  var (width, height) = (preparation.boxWidth, preparation.boxHeight)
  if ink.width * height >= ink.height * width {
    height = max(1, (ink.height * width + ink.width / 2) / ink.width)
  } else {
    width = max(1, (ink.width * height + ink.height / 2) / ink.height)
  }
  let scaled = try Plane(width: width, height: height)
  grey.scale(from: ink, into: scaled, at: Plane.Box(scaled))
  let centre = scaled.centreOfMass()
  // The centre of a picture of n pixels is (n - 1) / 2; in 1/256 of a pixel, rounded to a whole one.
  let left = ((target.width - 1) * 128 - centre.x + 128) >> 8
  let top = ((target.height - 1) * 128 - centre.y + 128) >> 8
  scaled.copy(
    into: target, left: min(max(left, 0), target.width - width), top: min(max(top, 0), target.height - height))
}

private func isOpaqueGrey(_ picture: borrowing Picture) -> Bool {
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
  let plane = try Plane(width: input.width, height: input.height)
  for channel in 0..<input.channels {
    let source = try Plane(channel: channel, of: picture)
    source.scale(from: Plane.Box(source), into: plane, at: Plane.Box(plane))
    for index in 0..<(plane.width * plane.height) { target[index * input.channels + channel] = plane.values[index] }
  }
}
