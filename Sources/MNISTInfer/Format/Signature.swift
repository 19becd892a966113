/// Refuses files that do not start as a .dnn file does, and says what they are instead where that is easy to see.
func checkSignature(_ file: UnsafeRawBufferPointer) throws(Failure) {
  guard let start = file.baseAddress, file.count > 0 else { throw Failure(.notAModel, "the file is empty") }
  let length = min(file.count, 8)
  let signature = FileHeader.signature
  var matching = 0
  while matching < length, file[matching] == UInt8(truncatingIfNeeded: signature >> UInt64(8 * matching)) {
    matching += 1
  }
  if matching == 8 { return }
  if matching == length { throw Failure(.damaged, "cut short: only \(file.count) bytes are there") }
  if matching >= 4 {
    throw Failure(.damaged, "line ends were converted on the way: transfer the file as binary, not as text")
  }
  if let (name, advice) = otherFormat(UnsafeRawBufferPointer(start: start, count: file.count)) {
    throw Failure(.notAModel, "this is \(name), not a .dnn model\(advice)")
  }
  throw Failure(.notAModel, "not a .dnn model: the first bytes are not the format's signature")
}

/// What the first bytes tell of other formats that a model's file is mistaken for, and what helps.
private func otherFormat(_ file: UnsafeRawBufferPointer) -> (name: StaticString, advice: StaticString)? {
  func has(_ text: StaticString, at offset: Int = 0) -> Bool {
    guard file.count >= offset + text.utf8CodeUnitCount else { return false }
    for index in 0..<text.utf8CodeUnitCount where file[offset + index] != text.utf8Start[index] { return false }
    return true
  }
  if has("TFL3", at: 4) { return ("a TensorFlow Lite model", "") }
  if has("GGUF") { return ("a GGUF model", "") }
  if has("PNG", at: 1), file[0] == 0x89 { return ("a PNG picture", "") }
  if file[0] == 0xff, file.count > 1, file[1] == 0xd8 { return ("a JPEG picture", "") }
  if file[0] == 0x1f, file.count > 1, file[1] == 0x8b { return ("a gzip file", ": unpack it first") }
  if has("PK\u{3}\u{4}") { return ("a zip archive, perhaps a PyTorch or Keras model", "") }
  if has("HDF\r\n", at: 1), file[0] == 0x89 { return ("an HDF5 file, perhaps a Keras model", "") }
  if has("{", at: 8), file.count >= 16, file[7] == 0, file[6] == 0 { return ("a safetensors file", "") }
  if has("<!DOCTYPE") || has("<!doctype") || has("<html") || has("<HTML") {
    return ("a web page", ": the download failed")
  }
  if has("version https://git-lfs") { return ("a Git LFS pointer", ": fetch the file itself") }
  // An ONNX file is a protocol buffer whose first field is the format version, a small integer.
  if file[0] == 0x08, file.count > 2, file[1] < 32, file[2] == 0x12 || file[2] == 0x3a { return ("an ONNX model", "") }
  return nil
}
