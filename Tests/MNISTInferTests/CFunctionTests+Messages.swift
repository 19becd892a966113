import CMNISTInfer
import DNNModel
import MNISTInfer
import Testing

/// What the C functions say when something is wrong.
extension CFunctionTests {
  /// What is wrong with a file is said however long its path is.
  @Test func longPaths() throws {
    let folder = try TemporaryFolder()
    let name = String(repeating: "ä", count: 124) + ".dnn"
    let path = try folder.write(name, Array("hello, world".utf8))
    func text(_ path: String) -> String {
      var model: OpaquePointer?
      var error = dnn_error()
      #expect(modelOpen(path, &model, &error) != DNN_OK)
      return message(error)
    }
    let tail = "…" + String(repeating: "ä", count: 61) + ".dnn"
    #expect(text(path) == tail + ": not a .dnn model: the first bytes are not the format's signature")
    #expect(
      text(path + "x") == "cannot open …" + String(repeating: "ä", count: 60) + ".dnnx: No such file or directory")
    #expect(text("/" + String(repeating: "a", count: 125)).hasPrefix("cannot open /aaa"))
    #expect(text("/" + String(repeating: "a", count: 126)).hasPrefix("cannot open …aaa"))
    try withSession { _, session in
      var prediction = dnn_prediction()
      var error = dnn_error()
      #expect(classifyPNGFile(session, path, &prediction, 1, nil, &error) == DNN_BAD_PICTURE)
      #expect(message(error) == tail + ": not a usable PNG picture: it does not start as one; convert it to PNG")
    }
  }

  /// Every message about an argument names the function.
  @Test func badArgumentsNameTheFunction() throws {
    var error = dnn_error()
    func expect(_ text: String, _ status: dnn_status) {
      #expect(status == DNN_BAD_ARGUMENT && message(error) == text, "\(message(error)), not \(text)")
    }
    var (best, image) = (dnn_prediction(), UInt8(0))
    expect("dnn_model_open_default: the model's address is NULL", modelOpenDefault(nil, &error))
    try withSession { model, session in
      expect("dnn_classify_png_file: session is NULL", classifyPNGFile(nil, "x", &best, 1, nil, &error))
      expect("dnn_classify_png_file: path is NULL", classifyPNGFile(session, nil, &best, 1, nil, &error))
      expect("dnn_classify_png_memory: predictions is NULL", classifyPNGMemory(session, "x", 1, nil, 1, nil, &error))
      expect("dnn_classify_png_memory: bytes is NULL", classifyPNGMemory(session, nil, 1, &best, 1, nil, &error))
      expect(
        "dnn_classify_rgba: capacity is out of range", classifyRGBA(session, &image, 1, 1, 4, &best, -1, nil, &error))
      expect("dnn_prepare_png_file: model is NULL", preparePNGFile(nil, "x", &image, &error))
      expect("dnn_prepare_png_memory: size is out of range", preparePNGMemory(model, "x", -1, &image, &error))
      expect("dnn_prepare_rgba: image is NULL", prepareRGBA(model, &image, 1, 1, 4, nil, &error))
    }
    var model: OpaquePointer?
    var options = dnn_model_options()
    options.struct_size = MemoryLayout<dnn_model_options>.size
    options.borrows = 1
    expect("dnn_model_open_with: a size or borrows without bytes", modelOpenWith(&options, &model, &error))
  }

  @Test func messagesAreUTF8() throws {
    var bytes = try smallModel().encoded()
    let layers = try #require(sections(bytes).first { $0.tag == "LAYR" })
    for (place, byte) in [UInt8(0x41), 0xff, 0x07, 0xc3].enumerated() {
      bytes[layers.range.lowerBound + NetworkRecord.size + place] = byte
    }
    guard case .fails(.unsupported, let text) = outcome(withRepairedChecksums(bytes)) else {
      Issue.record("an unknown layer was accepted")
      return
    }
    #expect(text == "layer 0 is of kind A???, which needs a newer library")
    var model: OpaquePointer?
    var error = dnn_error()
    let path: [CChar] = [0x2f, -1, -61, -92, 0x1b, 0]
    #expect(modelOpen(path, &model, &error) == DNN_CANNOT_READ)
    #expect(message(error) == "cannot open /?ä?: No such file or directory")
  }

  @Test func longMessagesAreCutAtACharacter() throws {
    // Two keys in the wrong order, named by a message that has no room for them.
    let key = String(repeating: "ä", count: 150)
    var file = smallModel()
    file.metadata = [key + "a": "", key + "b": ""]
    var bytes = try file.encoded()
    for index in try #require(sections(bytes).first { $0.tag == "META" }).range
    where (0x61...0x62).contains(bytes[index]) {
      bytes[index] ^= 3
    }
    guard case .fails(.damaged, let text) = outcome(withRepairedChecksums(bytes)) else {
      Issue.record("keys in the wrong order were accepted")
      return
    }
    #expect(text.hasPrefix("section META: key \"ää") && text.hasSuffix("ää"), "\(text)")
    #expect((249...251).contains(text.utf8.count), "\(text.utf8.count) bytes")
    #expect(!text.contains("\u{fffd}"))
  }
}
