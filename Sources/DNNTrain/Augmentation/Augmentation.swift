/// How training images are changed at random, so that the network learns what does not matter. Everything is off at 0.
///
/// An image's changes follow from the training's seed, the epoch and the image alone: neither from the batch that it is in nor
/// from the thread.
public struct Augmentation: Equatable, Sendable {
  /// Largest shift in pixels, down and to the right.
  public var shift: Float = 0
  /// Largest rotation in degrees, either way.
  public var rotation: Float = 0
  /// Largest share by which an image becomes larger or smaller; below 1.
  public var scale: Float = 0
  /// Largest angle in degrees, either way, by which upright lines lean; below 90.
  public var shear: Float = 0
  /// Elastic distortion (Simard, Steinkraus, Platt: Best practices for convolutional neural networks, 2003): every pixel is moved
  /// by a random field, smoothed with a Gaussian of `elasticSmoothness` pixels and multiplied by this.
  public var elasticStrength: Float = 0
  /// Standard deviation in pixels of the Gaussian.
  public var elasticSmoothness: Float = 4
  /// Largest number of pixels by which the edges of light strokes on a dark ground move, out or in: a stroke becomes wider or
  /// narrower by up to twice as much, but does not vanish.
  public var stroke: Float = 0
  /// How likely a random rectangle is filled with noise (Zhong et al.: Random erasing data augmentation, 2020).
  public var erasing: Float = 0
  /// The parameter, up to 1, of the beta distribution of a second image's share (Zhang et al.: mixup, 2018).
  public var mixup: Float = 0
  /// How likely an image is replaced by one of no class: a training image turned by a quarter, or random strokes. The target
  /// is then even (see `Outliers`). Below 1.
  public var outliers: Float = 0
  /// Whether every second image is mirrored, left to right.
  public var flips = false

  /// Nothing.
  public init() {}

  /// What keeps a handwritten digit that digit.
  public static let digits = {
    var all = Augmentation()
    (all.shift, all.rotation, all.scale, all.shear) = (2, 10, 0.1, 8)
    (all.elasticStrength, all.elasticSmoothness) = (20, 4)
    return all
  }()

  /// What keeps a piece of clothing what it is: it may face either way, and part of it may be hidden.
  public static let clothes = {
    var all = Augmentation()
    (all.shift, all.scale, all.erasing, all.flips) = (2, 0.1, 0.25, true)
    return all
  }()

  /// What suits most pictures: a little of what moves them.
  public static let pictures = {
    var all = Augmentation()
    (all.shift, all.rotation, all.scale) = (2, 5, 0.1)
    return all
  }()

  /// Whether anything moves pixels.
  var moves: Bool { flips || bendsOrMoves }
  private var bendsOrMoves: Bool {
    [shift, rotation, scale, shear, elasticStrength].contains { $0 > 0 }
  }
}
