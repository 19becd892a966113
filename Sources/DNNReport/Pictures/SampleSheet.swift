import DNNModel
import DNNTrain
import MNISTInfer

/// Images of each class, as one picture: a row a class, with its name; if a model answered, with the answer below each image,
/// orange where it is wrong.
public struct SampleSheet {
  private let images: Dataset
  private let labels: [String]
  private let predictions: Predictions?

  /// Images of each class that are shown, spread over the data.
  private static let columns = 12
  /// Around everything.
  private static let margin = 8
  private static let gap = 6
  private static let ink: Canvas.Colour = (27, 31, 36)
  private static let right: Canvas.Colour = (0, 114, 178)
  private static let wrong: Canvas.Colour = (192, 80, 0)

  /// A sheet of labelled images.
  ///
  /// - Parameters:
  ///   - images: the images.
  ///   - labels: the classes' names; one for each label that occurs.
  ///   - predictions: what a model made of the same images, or nil.
  public init(_ images: Dataset, labels: [String], predictions: Predictions? = nil) {
    precondition(images.labels.allSatisfy { $0 < labels.count })
    self.images = images
    self.labels = labels
    self.predictions = predictions
  }

  /// The PNG file.
  ///
  /// - Throws: `EvaluationError.sheetTooLarge`.
  public func png() throws -> [UInt8] {
    let (width, height) = (left + SampleSheet.columns * cellWidth, 2 * SampleSheet.margin + labels.count * cellHeight)
    guard width * height <= Picture.maximumPixels else {
      throw EvaluationError.sheetTooLarge(width: width, height: height)
    }
    var canvas = Canvas(width: width, height: height)
    for label in labels.indices { draw(class: label, on: &canvas) }
    guard let bytes = encodedPNG(canvas.pixels, width: width, height: height, channels: 3) else {
      throw EvaluationError.sheetTooLarge(width: width, height: height)
    }
    return bytes
  }

  /// Small images are doubled.
  private var scale: Int { max(images.shape.height, images.shape.width) <= 64 ? 2 : 1 }
  /// Wide enough for an answer of 11 letters.
  private var cellWidth: Int { max(images.shape.width * scale, 11 * Canvas.advance) + SampleSheet.gap }
  private var cellHeight: Int {
    max(images.shape.height * scale, 2 * BitmapFont.height) + SampleSheet.gap
      + (predictions == nil ? 0 : BitmapFont.height + 4)
  }
  private var names: [String] { labels.map { String($0.prefix(16)) } }
  private var left: Int {
    2 * SampleSheet.margin + 2 * Canvas.advance * (names.map(\.count).max() ?? 0)
  }

  private func draw(class label: Int, on canvas: inout Canvas) {
    let y = SampleSheet.margin + label * cellHeight
    let middle = y + max(images.shape.height * scale / 2 - BitmapFont.height, 0)
    canvas.write(names[label], x: SampleSheet.margin, y: middle, scale: 2, SampleSheet.ink)
    for (column, image) in chosen(label).enumerated() {
      let x = left + column * cellWidth
      let size = images.shape.count
      canvas.draw(images.images[image * size..<(image + 1) * size], images.shape, x: x, y: y, scale: scale)
      guard let predictions else { continue }
      let answer = labels[predictions.predicted[image]].prefix((cellWidth - SampleSheet.gap) / Canvas.advance)
      let colour = predictions.isRight(image: image) ? SampleSheet.right : SampleSheet.wrong
      canvas.write(String(answer), x: x, y: y + images.shape.height * scale + 3, scale: 1, colour)
    }
  }

  /// Evenly spread over the images of a class; all if there are few.
  private func chosen(_ label: Int) -> [Int] {
    let all = images.labels.indices.filter { images.labels[$0] == label }
    let count = min(all.count, SampleSheet.columns)
    return (0..<count).map { all[$0 * all.count / count] }
  }
}
