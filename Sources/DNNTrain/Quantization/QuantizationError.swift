import MNISTInfer

/// Why a model cannot be quantized: what is wrong with it or with the data, and what to do.
public enum QuantizationError: Error, Equatable, CustomStringConvertible {
  /// The model is an integer model already.
  case alreadyInteger
  /// The images are of another size than those that the model takes.
  case otherShape(model: Shape, data: Shape)
  /// The channels of the model's input are normalised in different ways, and a value has one scale for all.
  case channelsDiffer
  /// The number that stands for zero in the normalised picture is no 8-bit number.
  case pictureZeroPoint(Float)
  /// The normalisation turns light to dark, and a scale is positive.
  case negativePictureScale(Float)
  /// A layer with weights or a bias that no 8-bit numbers with a scale of float32 stand for.
  case tooLarge(layer: String)
  /// A layer whose output is infinite or no number for some image.
  case notFinite(layer: String)

  /// What is wrong and what to do.
  public var description: String {
    switch self {
    case .alreadyInteger: "the model is in integers already: quantize the float32 model that it was made of"
    case .otherShape(let model, let data):
      "the images are \(data.height)×\(data.width)×\(data.channels), but the model takes "
        + "\(model.height)×\(model.width)×\(model.channels): give --data the data that it was trained on"
    case .channelsDiffer:
      "the model normalises its input's channels in different ways, which an integer model cannot: "
        + "train with one scale and offset for all, or use --weights-only"
    case .pictureZeroPoint(let zeroPoint):
      "the model's normalisation makes \(zeroPoint) of 255 the black that stands for zero, and an integer model takes whole "
        + "numbers from 0 to 255: train with an offset that is a multiple of the scale, or use --weights-only"
    case .negativePictureScale(let scale):
      "the model multiplies its input by \(scale), and an integer model takes positive scales: "
        + "train with one, or use --weights-only"
    case .tooLarge(let layer):
      "layer \(layer) has weights or a bias so large that sums of them leave float32: train the model again"
    case .notFinite(let layer):
      "layer \(layer) gives infinity or no number for some image: the model is broken; train it again"
    }
  }
}
