import CMNISTInfer
import DNNModel
import Foundation
import MNISTInfer
import Testing

/// The C functions with every kind of bad argument, and files that are not what they should be.
@Suite struct CFunctionTests {
  func message(_ error: dnn_error) -> String {
    withUnsafeBytes(of: error.message) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
  }

  func withSession(
    of file: ModelFile = smallModel(), _ body: (OpaquePointer, OpaquePointer) throws -> Void
  ) throws {
    let bytes = try file.encoded()
    var model: OpaquePointer?
    var session: OpaquePointer?
    #expect(modelOpenMemory(bytes, bytes.count, &model, nil) == DNN_OK)
    #expect(sessionOpen(model, nil, &session, nil) == DNN_OK)
    try body(#require(model), #require(session))
    sessionClose(session)
    modelClose(model)
  }

  @Test func nullArguments() throws {
    var model = OpaquePointer(bitPattern: 1)
    var session = OpaquePointer(bitPattern: 1)
    var error = dnn_error()
    #expect(modelOpen(nil, &model, &error) == DNN_BAD_ARGUMENT)
    #expect(model == nil)
    #expect(error.status == Int32(DNN_BAD_ARGUMENT.rawValue))
    #expect(message(error) == "dnn_model_open: path is NULL")
    #expect(modelOpen("x", nil, nil) == DNN_BAD_ARGUMENT)
    #expect(modelOpenMemory(nil, 5, &model, nil) == DNN_BAD_ARGUMENT)
    #expect(modelOpenMemory(nil, 0, &model, nil) == DNN_NOT_A_MODEL)
    #expect(modelOpenMemory("x", -1, &model, nil) == DNN_BAD_ARGUMENT)
    #expect(modelOpenDefault(nil, nil) == DNN_BAD_ARGUMENT)
    modelClose(nil)
    #expect(modelClassCount(nil) == 0)
    #expect(modelLabel(nil, 0) == nil)
    modelInputShape(nil, nil, nil, nil)
    #expect(sessionOpen(nil, nil, &session, nil) == DNN_BAD_ARGUMENT)
    #expect(session == nil)
    sessionClose(nil)
    #expect(predictU8(nil, nil, 1, nil, nil) == DNN_BAD_ARGUMENT)
    #expect(classifyPNGFile(nil, nil, nil, 0, nil, nil) == DNN_BAD_ARGUMENT)
    #expect(classifyPNGFile(nil, "/dev/null", nil, 0, nil, nil) != DNN_OK)
    #expect(classifyPNGMemory(nil, nil, 0, nil, 0, nil, nil) == DNN_BAD_ARGUMENT)
    #expect(classifyPNGMemory(nil, nil, 7, nil, 0, nil, nil) == DNN_BAD_ARGUMENT)
    var pixel: UInt8 = 9
    #expect(preparePNGFile(nil, "x.png", &pixel, nil) != DNN_OK)
    #expect(preparePNGFile(nil, nil, &pixel, &error) == DNN_BAD_ARGUMENT)
    #expect(message(error) == "dnn_prepare_png_file: model is NULL")
    #expect(preparePNGMemory(nil, "x", 1, &pixel, nil) == DNN_BAD_ARGUMENT)
    #expect(pixel == 9)
  }

  @Test func versionIsTheHeaders() {
    #expect(String(cString: version()) == "\(DNN_VERSION_MAJOR).\(DNN_VERSION_MINOR).\(DNN_VERSION_PATCH)")
  }

  @Test func sizesOutOfRange() throws {
    try withSession { model, session in
      var results = [Float](repeating: -1, count: 3)
      let picture = [UInt8](repeating: 0, count: 30)
      #expect(predictU8(session, picture, -1, &results, nil) == DNN_BAD_ARGUMENT)
      #expect(predictU8(session, picture, Int.max, &results, nil) == DNN_BAD_ARGUMENT)
      #expect(predictU8(session, nil, 1, &results, nil) == DNN_BAD_ARGUMENT)
      #expect(predictU8(session, picture, 1, nil, nil) == DNN_BAD_ARGUMENT)
      #expect(predictU8(session, nil, 0, nil, nil) == DNN_OK)
      #expect(results == [-1, -1, -1], "nothing was written")
      #expect(predictU8(session, picture, 1, &results, nil) == DNN_OK)
      #expect(modelLabel(model, 3) == nil)
      #expect(modelLabel(model, .max) == nil)
      #expect(String(cString: modelLabel(model, 2)!) == "class 2")
      var (height, width, channels): (UInt32, UInt32, UInt32) = (0, 0, 0)
      modelInputShape(model, &height, &width, &channels)
      #expect((height, width, channels) == (6, 5, 1))
    }
  }

  @Test func sessionOptions() throws {
    try withSession { model, _ in
      var session: OpaquePointer?
      func open(_ size: Int, _ threads: UInt32) -> dnn_status {
        var options = dnn_session_options(struct_size: size, threads: threads)
        defer { sessionClose(session) }
        return sessionOpen(model, &options, &session, nil)
      }
      #expect(open(MemoryLayout<dnn_session_options>.size, 1) == DNN_OK)
      #expect(open(MemoryLayout<dnn_session_options>.size, 256) == DNN_OK)
      #expect(open(MemoryLayout<dnn_session_options>.size, 257) == DNN_BAD_ARGUMENT)
      #expect(open(0, 1) == DNN_BAD_ARGUMENT)
      #expect(open(-1, 1) == DNN_BAD_ARGUMENT)
      #expect(open(.max, 1) == DNN_BAD_ARGUMENT)
      // A longer structure of a later header: fine as long as the rest is zero.
      var longer = (dnn_session_options(struct_size: 32, threads: 2), UInt64(0), UInt64(0))
      withUnsafePointer(to: &longer.0) { #expect(sessionOpen(model, $0, &session, nil) == DNN_OK) }
      sessionClose(session)
      longer.2 = 1
      withUnsafePointer(to: &longer) {
        $0.withMemoryRebound(to: dnn_session_options.self, capacity: 2) {
          #expect(sessionOpen(model, $0, &session, nil) == DNN_UNSUPPORTED)
        }
      }
    }
  }

  @Test func layersAndProperties() throws {
    try withSession { model, session in
      #expect(modelLayerCount(model) == 10)
      var info = dnn_layer_info()
      #expect(modelLayer(model, 1, &info, nil) == DNN_OK)
      #expect(String(cString: info.kind) == "convolution" && String(cString: info.name) == "layer 1")
      #expect(info.input_count == 1 && info.inputs.0 == 1)
      #expect((info.height, info.width, info.channels) == (6, 5, 4))
      // Two groups of two channels: 3 × 3 × 2 weights for each of 4 outputs, each used for each of 6 × 5 pixels.
      #expect(info.parameters == 72 || info.parameters == 76)
      #expect(info.multiply_adds == 72 * 30)
      #expect(modelLayer(model, 10, &info, nil) == DNN_BAD_ARGUMENT)
      #expect(modelLayer(nil, 0, &info, nil) == DNN_BAD_ARGUMENT)
      #expect(modelLayer(model, 0, nil, nil) == DNN_BAD_ARGUMENT)
      #expect(modelProperty(model, "recipe").map { String(cString: $0) } == "small")
      #expect(modelProperty(model, "note").map { String(cString: $0) } == "für Tests")
      #expect(modelProperty(model, "recip") == nil)
      #expect(modelProperty(model, nil) == nil)
      #expect(modelProperty(nil, "recipe") == nil)
      var result = dnn_verification()
      #expect(sessionVerify(session, &result, nil) == DNN_OK)
      #expect(result.pictures == 1 && result.tolerance == 1)
      #expect(result.largest_difference > 0 && result.largest_difference < 1)
      #expect(sessionVerify(nil, &result, nil) == DNN_BAD_ARGUMENT)
      #expect(sessionVerify(session, nil, nil) == DNN_BAD_ARGUMENT)
    }
  }

  /// The header lists the kinds of layers by name.
  @Test func kindsOfLayers() throws {
    let bytes = try GoldenFolder.read("valid", "every-layer-kind.dnn")
    var model: OpaquePointer?
    #expect(modelOpenMemory(bytes, bytes.count, &model, nil) == DNN_OK)
    var kinds = Set<String>()
    for index in 0..<modelLayerCount(model) {
      var info = dnn_layer_info()
      #expect(modelLayer(model, index, &info, nil) == DNN_OK)
      kinds.insert(String(cString: info.kind))
    }
    modelClose(model)
    #expect(
      kinds == [
        "convolution", "dense", "max pool", "average pool", "global average pool", "add", "flatten", "activation",
        "softmax",
      ])
  }

  @Test func borrowedMemory() throws {
    let bytes = try smallModel().encoded()
    let memory = UnsafeMutableRawPointer.allocate(byteCount: bytes.count + 1, alignment: 64)
    defer { memory.deallocate() }
    memory.copyMemory(from: bytes, byteCount: bytes.count)
    var model: OpaquePointer?
    #expect(modelOpenBorrowed(memory, bytes.count, &model, nil) == DNN_OK)
    #expect(modelClassCount(model) == 3)
    modelClose(model)
    #expect(modelOpenBorrowed(memory + 1, bytes.count, &model, nil) == DNN_BAD_ARGUMENT)
    #expect(modelOpenBorrowed(nil, 0, &model, nil) == DNN_BAD_ARGUMENT)
    #expect(modelOpenBorrowed(memory, -1, &model, nil) == DNN_BAD_ARGUMENT)
  }

  @Test func preparedPictures() throws {
    var file = try ModelFile(decoding: smallModel().encoded())
    file.preparation = Preparation(
      polarity: .lightOnDark, placement: .fit, boxHeight: 6, boxWidth: 5, steps: .contrast | .nothing)
    let folder = try TemporaryFolder()
    let bytes = try file.encoded()
    var (model, session): (OpaquePointer?, OpaquePointer?)
    #expect(modelOpenMemory(bytes, bytes.count, &model, nil) == DNN_OK)
    #expect(sessionOpen(model, nil, &session, nil) == DNN_OK)
    defer {
      sessionClose(session)
      modelClose(model)
    }
    // A bar of 4 × 8 pixels, dark on light, fills the box's height: 3 × 6, from column 1 on.
    let bar: [UInt8] = (0..<16).flatMap { y in
      (0..<20).map { x in (4...7).contains(x) && (3...10).contains(y) ? 0 : 255 }
    }
    let picture = png(bar, width: 20, height: 16, channels: 1)
    let expected = (0..<30).map { UInt8((1...3).contains($0 % 5) ? 255 : 0) }
    var image = [UInt8](repeating: 7, count: 30)
    var error = dnn_error()
    #expect(preparePNGMemory(model, picture, picture.count, &image, &error) == DNN_OK, "\(message(error))")
    #expect(image == expected)
    image = [UInt8](repeating: 7, count: 30)
    #expect(try preparePNGFile(model, folder.write("bar.png", picture), &image, nil) == DNN_OK)
    #expect(image == expected)
    var prediction = dnn_prediction()
    var probabilities = [Float](repeating: 0, count: 3)
    #expect(classifyPNGMemory(session, picture, picture.count, &prediction, 1, nil, nil) == DNN_OK)
    #expect(predictU8(session, image, 1, &probabilities, nil) == DNN_OK)
    #expect(prediction.probability == probabilities.max())

    // Nothing leaves the results as they are.
    let blank = png([UInt8](repeating: 200, count: 80), width: 10, height: 8, channels: 1)
    let path = try folder.write("blank.png", blank)
    var count = 99
    #expect(preparePNGFile(model, path, &image, &error) == DNN_NOTHING_TO_SEE)
    #expect(message(error) == "\(path): nothing to see: the picture is blank")
    #expect(image == expected)
    prediction.class_index = 77
    #expect(classifyPNGMemory(session, blank, blank.count, &prediction, 1, &count, &error) == DNN_NOTHING_TO_SEE)
    #expect(error.status == 21 && prediction.class_index == 77 && count == 99)

    #expect(preparePNGMemory(model, picture, picture.count, nil, nil) == DNN_BAD_ARGUMENT)
    #expect(preparePNGMemory(model, nil, 1, &image, nil) == DNN_BAD_ARGUMENT)
    #expect(preparePNGMemory(model, picture, -1, &image, nil) == DNN_BAD_ARGUMENT)
    #expect(preparePNGMemory(model, picture, 40, &image, nil) == DNN_BAD_PICTURE)
    #expect(preparePNGFile(model, folder.path + "/none.png", &image, nil) == DNN_CANNOT_READ)
  }

  @Test func filesThatAreNotModels() throws {
    let folder = try TemporaryFolder()
    func open(_ path: String) -> (dnn_status, String) {
      var model: OpaquePointer?
      var error = dnn_error()
      let status = modelOpen(path, &model, &error)
      modelClose(model)
      return (status, message(error))
    }
    let missing = folder.path + "/none.dnn"
    #expect(open(missing) == (DNN_CANNOT_READ, "cannot open \(missing): No such file or directory"))
    #expect(open(folder.path) == (DNN_CANNOT_READ, "\(folder.path) is a folder, not a file"))
    #expect(open("/dev/null") == (DNN_CANNOT_READ, "/dev/null is not a regular file"))
    let empty = try folder.write("empty.dnn", [])
    #expect(open(empty) == (DNN_NOT_A_MODEL, "\(empty): the file is empty"))
    let text = try folder.write("text.dnn", Array("hello, world".utf8))
    #expect(open(text).0 == DNN_NOT_A_MODEL)
    let fifo = folder.path + "/fifo"
    #expect(mkfifo(fifo, 0o600) == 0)
    #expect(open(fifo) == (DNN_CANNOT_READ, "\(fifo) is not a regular file"))
    let good = try folder.write("good.dnn", smallModel().encoded())
    #expect(open(good).0 == DNN_OK)
    if getuid() == 0 {
      print("skipped: an unreadable file, because root may read every file")
    } else {
      chmod(good, 0)
      #expect(open(good) == (DNN_CANNOT_READ, "cannot open \(good): Permission denied"))
    }
  }

  @Test func filesThatAreNotPictures() throws {
    let folder = try TemporaryFolder()
    try withSession { _, session in
      func classify(_ path: String) -> (dnn_status, String) {
        var prediction = dnn_prediction()
        var error = dnn_error()
        return (classifyPNGFile(session, path, &prediction, 1, nil, &error), message(error))
      }
      #expect(classify(folder.path + "/none.png").0 == DNN_CANNOT_READ)
      #expect(classify(folder.path).0 == DNN_CANNOT_READ)
      let empty = try folder.write("empty.png", [])
      #expect(classify(empty) == (DNN_BAD_PICTURE, "\(empty): the picture is empty"))
      let jpeg = try folder.write("photo.png", [0xff, 0xd8, 0xff, 0xe0, 0, 16])
      #expect(classify(jpeg) == (DNN_BAD_PICTURE, "\(jpeg): this is a JPEG picture: convert it to PNG"))
      let large = try folder.write("large.png", pngHeader(width: 20_000, height: 20_000))
      #expect(classify(large).0 == DNN_BAD_PICTURE)
      #expect(classify(large).1.contains("20000×20000"))
      let long = try folder.write("long.png", pngHeader(width: 1, height: 1_000_001))
      #expect(
        classify(long)
          == (DNN_BAD_PICTURE, "\(long): a picture of 1×1000001 pixels: libpng takes sides of up to 1000000"))
      let dot = try folder.write("dot.png", png([0], width: 1, height: 1, channels: 1))
      #expect(classify(dot) == (DNN_OK, ""))
    }
  }
}
