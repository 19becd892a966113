import CMNISTInfer
import MNISTInfer

/// A model ready to predict: the C functions of the runtime, for Swift.
///
/// One caller at a time: give each thread a classifier of its own.
public final class Classifier {
  private let openModel: OpenModel
  private var model: OpaquePointer? { openModel.handle }
  private let session: OpaquePointer?
  /// The classes' names.
  public let labels: [String]
  /// The pictures that `predict` takes.
  public let input: Shape

  /// One class and how likely it is.
  public struct Prediction: Codable {
    /// From 0.
    public var classIndex: Int
    /// The class's name.
    public var label: String
    /// 0 to 1.
    public var probability: Float
  }

  /// Opens a model's file, or the digits model inside the library.
  ///
  /// - Parameters:
  ///   - path: a `.dnn` file, or nil for the built-in model.
  ///   - threads: threads to compute with; 0 for as many as the process may use.
  /// - Throws: `Failure`.
  public convenience init(path: String?, threads: Int = 0) throws {
    try self.init(threads: threads) { model, error in
      if let path { MNISTInfer.modelOpen(path, model, error) } else { MNISTInfer.modelOpenDefault(model, error) }
    }
  }

  /// Opens a model in memory.
  ///
  /// - Parameters:
  ///   - bytes: a complete `.dnn` file.
  ///   - threads: threads to compute with; 0 for as many as the process may use.
  /// - Throws: `Failure`.
  public convenience init(bytes: [UInt8], threads: Int = 0) throws {
    try self.init(threads: threads) { model, error in
      bytes.withUnsafeBytes { MNISTInfer.modelOpenMemory($0.baseAddress, $0.count, model, error) }
    }
  }

  /// A classifier of the same model for another thread.
  ///
  /// - Parameters:
  ///   - other: may be used at the same time.
  ///   - threads: threads to compute with; 0 for as many as the process may use.
  /// - Throws: `Failure`.
  public convenience init(sharing other: Classifier, threads: Int = 0) throws {
    try self.init(other.openModel, threads: threads)
  }

  private convenience init(
    threads: Int,
    open: (UnsafeMutablePointer<OpaquePointer?>, UnsafeMutablePointer<dnn_error>) -> dnn_status
  ) throws {
    var model: OpaquePointer?
    try Classifier.check { open(&model, $0) }
    try self.init(OpenModel(model), threads: threads)
  }

  private init(_ openModel: OpenModel, threads: Int) throws {
    let model = openModel.handle
    var session: OpaquePointer?
    var options = dnn_session_options(
      struct_size: MemoryLayout<dnn_session_options>.size, threads: UInt32(clamping: threads))
    try Classifier.check { MNISTInfer.sessionOpen(model, &options, &session, $0) }
    (self.openModel, self.session) = (openModel, session)
    labels = (0..<MNISTInfer.modelClassCount(model)).map {
      MNISTInfer.modelLabel(model, $0).map { String(cString: $0) } ?? ""
    }
    var (height, width, channels): (UInt32, UInt32, UInt32) = (0, 0, 0)
    MNISTInfer.modelInputShape(model, &height, &width, &channels)
    input = Shape(height: Int(height), width: Int(width), channels: Int(channels))
  }

  deinit { MNISTInfer.sessionClose(session) }

  /// A model that is closed when the last classifier of it has gone.
  private final class OpenModel {
    let handle: OpaquePointer?

    init(_ handle: OpaquePointer?) { self.handle = handle }

    deinit { MNISTInfer.modelClose(handle) }
  }

  /// The version of the runtime, "major.minor.patch".
  public static var libraryVersion: String { String(cString: MNISTInfer.version()) }

  /// The instruction set in use: "portable", "avx2" or "avx512".
  public static var instructionSet: String { String(cString: MNISTInfer.instructionSet()) }

  /// Runs the self-test of the model's file.
  ///
  /// - Returns: how many pictures it has, 0 for none; the largest difference of a probability from the file's; and the
  ///   difference that the file allows.
  /// - Throws: `Failure`.
  public func verify() throws -> (pictures: Int, largestDifference: Float, tolerance: Float) {
    var result = dnn_verification()
    try Classifier.check { MNISTInfer.sessionVerify(session, &result, $0) }
    return (Int(result.pictures), result.largest_difference, result.tolerance)
  }

  /// How the layers run, and for how long, on up to `chunkSize` pictures and one thread.
  ///
  /// - Parameters:
  ///   - pictures: pictures of the input's shape; those beyond a chunk are left out.
  ///   - repetitions: how often to run; the times are medians.
  /// - Returns: for each layer its method and its time for all pictures, in nanoseconds.
  package func profile(_ pictures: [UInt8], repetitions: Int) -> [LayerProfile] {
    let handle = UnsafeMutablePointer<Session>(session!)
    let count = min(pictures.count / input.count, handle.pointee.chunk)
    var probabilities = [Float](repeating: 0, count: count * labels.count)
    return handle.pointee.profile(pictures, count: count, repetitions: repetitions, probabilities: &probabilities)
  }

  /// Pictures that go through the network together.
  package var chunkSize: Int { UnsafeMutablePointer<Session>(session!).pointee.chunk }

  /// Bytes of memory for values and scratch.
  package var arenaBytes: Int { UnsafeMutablePointer<Session>(session!).pointee.arenaBytes }

  /// Whether the model is computed in integers.
  package var isInteger: Bool { UnsafeMutablePointer<Session>(session!).pointee.isInteger }

  /// The name of the kernels that compute it.
  package var kernelName: String { UnsafeMutablePointer<Session>(session!).pointee.kernelName }

  /// Classifies pictures of exactly the input's shape.
  ///
  /// - Parameter pictures: the pictures, one after another, 8 bits a channel, row-major, channels last.
  /// - Returns: the probabilities of all classes, picture after picture.
  /// - Throws: `Failure`.
  public func predict(_ pictures: [UInt8]) throws -> [Float] {
    let count = pictures.count / input.count
    precondition(count * input.count == pictures.count, "pictures are \(input.count) bytes each")
    var probabilities = [Float](repeating: 0, count: count * labels.count)
    try Classifier.check { MNISTInfer.predictU8(session, pictures, count, &probabilities, $0) }
    return probabilities
  }

  /// Classifies a PNG file of any size.
  ///
  /// - Parameters:
  ///   - path: the file.
  ///   - top: how many of the likeliest classes to return.
  /// - Returns: the classes, best first.
  /// - Throws: `Failure`.
  public func classify(path: String, top: Int = 1) throws -> [Prediction] {
    try best(top) { MNISTInfer.classifyPNGFile(session, path, $0, top, $1, $2) }
  }

  /// Classifies a PNG in memory.
  ///
  /// - Parameters:
  ///   - png: the bytes of a PNG file.
  ///   - top: how many of the likeliest classes to return.
  /// - Returns: the classes, best first.
  /// - Throws: `Failure`.
  public func classify(png: [UInt8], top: Int = 1) throws -> [Prediction] {
    try best(top) { MNISTInfer.classifyPNGMemory(session, png, png.count, $0, top, $1, $2) }
  }

  /// What the network sees of a PNG file: an image of the input's shape, which `predict` takes.
  ///
  /// - Throws: `Failure`.
  public func prepare(path: String) throws -> [UInt8] {
    var image = [UInt8](repeating: 0, count: input.count)
    try Classifier.check { MNISTInfer.preparePNGFile(model, path, &image, $0) }
    return image
  }

  /// What the network sees of a PNG in memory.
  ///
  /// - Throws: `Failure`.
  public func prepare(png: [UInt8]) throws -> [UInt8] {
    var image = [UInt8](repeating: 0, count: input.count)
    try Classifier.check { MNISTInfer.preparePNGMemory(model, png, png.count, &image, $0) }
    return image
  }

  private func best(
    _ top: Int,
    _ call: (UnsafeMutablePointer<dnn_prediction>, UnsafeMutablePointer<Int>, UnsafeMutablePointer<dnn_error>) ->
      dnn_status
  ) throws -> [Prediction] {
    var predictions = [dnn_prediction](repeating: dnn_prediction(), count: max(top, 1))
    var count = 0
    try Classifier.check { call(&predictions, &count, $0) }
    return predictions.prefix(count).map {
      Prediction(classIndex: Int($0.class_index), label: labels[Int($0.class_index)], probability: $0.probability)
    }
  }

  private static func check(_ call: (UnsafeMutablePointer<dnn_error>) -> dnn_status) throws {
    var error = dnn_error()
    if call(&error) != DNN_OK { throw Failure(error) }
  }
}
