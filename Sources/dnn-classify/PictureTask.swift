import DNNModel
import MNISTInfer

/// What is to be done with each picture.
struct PictureTask {
  let top: Int
  let confidence: Float
  let format: Output
  /// Whether the answer is followed by what the network sees.
  let shows: Bool
  /// Where to write what the network sees.
  let preparedPath: String?

  /// What came of a picture.
  struct Outcome {
    /// For standard output.
    var text = ""
    /// nil if there is none.
    var answer: Answer?
    /// What went wrong, if anything did.
    var error: (any Error)?
  }

  func outcome(of path: String, by classifier: Classifier) -> Outcome {
    var outcome = Outcome()
    do {
      let input = try Input(path: path)
      let answer = try input.answer(of: classifier, top: top, confidence: confidence)
      outcome.text = try format.line(path, answer)
      outcome.answer = answer
      if case .nothing = answer { return outcome }
      if shows { outcome.text += shown(try input.image(for: classifier), classifier.input) }
      if let preparedPath { try save(input.image(for: classifier), classifier.input, to: preparedPath) }
    } catch {
      outcome.error = error
    }
    return outcome
  }
}

/// Writes an image as a PNG.
private func save(_ image: [UInt8], _ shape: Shape, to path: String) throws {
  guard let bytes = encodedPNG(image, width: shape.width, height: shape.height, channels: shape.channels) else {
    throw OutOfMemory()
  }
  try writeAtomically(bytes, to: path)
}

/// For a PNG.
private struct OutOfMemory: Error, CustomStringConvertible {
  var description: String { "no memory for a picture" }
}
