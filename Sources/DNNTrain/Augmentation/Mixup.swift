import Glibc

/// Mixes a second image of the training set into an image, with a share from a beta distribution. Unlike in the paper, every image
/// draws a share and a partner of its own, so that its changes do not depend on its batch.
struct Mixup {
  /// Both parameters of the distribution, above 0 and up to 1.
  let alpha: Float

  /// What is mixed into an image.
  ///
  /// - Parameters:
  ///   - key: decides.
  ///   - count: images to choose from.
  /// - Returns: another image, and its share, up to a half: the first image is the one that counts more.
  func draw(_ key: RandomKey, count: Int) -> (image: Int, share: Float) {
    var generator = RandomGenerator(key)
    let image = generator.index(below: count)
    // Jöhnk's method (Erzeugung von betaverteilten und gammaverteilten Zufallszahlen, 1964).
    while true {
      let x = pow(generator.positiveUnit(), 1 / Double(alpha))
      let y = pow(generator.positiveUnit(), 1 / Double(alpha))
      if x + y <= 1 { return (image, Float(min(x, y) / (x + y))) }
    }
  }

  /// Replaces an image's bytes by the mixture.
  static func mix(
    _ other: UnsafePointer<UInt8>, share: Float, into image: UnsafeMutablePointer<UInt8>, count: Int
  ) {
    for index in 0..<count {
      let (a, b) = (Float(image[index]), Float(other[index]))
      image[index] = UInt8(a + share * (b - a) + 0.5)
    }
  }
}
