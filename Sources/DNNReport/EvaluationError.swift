/// Why a model cannot be measured on data: the file, what does not fit, and what to do.
public enum EvaluationError: Error, Equatable, CustomStringConvertible {
  /// Images of another size than the model's input; height, width and channels of each.
  case shapesDiffer(file: String, model: [Int], data: [Int])
  /// A label that the model has no class for.
  case labelOutOfRange(path: String, index: Int, label: Int, classCount: Int)
  /// More classes than labels can tell apart.
  case tooManyClasses(file: String, classCount: Int)
  /// Models of different numbers of classes.
  case classCountsDiffer(first: String, firstCount: Int, second: String, secondCount: Int)
  /// A picture of samples with more pixels than any program should have to open.
  case sheetTooLarge(width: Int, height: Int)

  /// What does not fit and what to do.
  public var description: String {
    switch self {
    case .shapesDiffer(let file, let model, let data):
      "\(file): takes images of \(sides(model)), but the data's are of \(sides(data)): "
        + "give --data the kind of images the model was trained on"
    case .labelOutOfRange(let path, let index, let label, let classCount):
      "\(path): label \(index) is \(label), but the model tells \(classCount) classes apart, from 0: "
        + "give --data the kind of images the model was trained on"
    case .tooManyClasses(let file, let classCount):
      "\(file): tells \(classCount) classes apart, but labels are bytes: give a model of at most "
        + "\(EvaluationData.largestClassCount) classes"
    case .classCountsDiffer(let first, let firstCount, let second, let secondCount):
      "\(first) tells \(firstCount) classes apart, but \(second) \(secondCount): compare models of the same classes"
    case .sheetTooLarge(let width, let height):
      "a sheet of \(width)×\(height) pixels would be too large: take data of smaller images or fewer classes"
    }
  }
}

private func sides(_ shape: [Int]) -> String { shape.map(String.init).joined(separator: "×") }
