import MNISTInfer

extension GoldenCase {
  /// Beginnings of files of other kinds, which the message names.
  static func otherFormatCases() -> [GoldenCase] {
    let formats: [(String, String, [UInt8])] = [
      ("onnx", "an ONNX model", [0x08, 0x08, 0x12, 0x07] + text("pytorch") + [0x3a, 0x40, 0x0a, 0x10]),
      ("tflite", "a TensorFlow Lite model", [0x1c, 0, 0, 0] + text("TFL3") + [0x14, 0, 0x20, 0]),
      ("gguf", "a GGUF model", text("GGUF") + [3, 0, 0, 0, 1, 0, 0, 0]),
      (
        "safetensors", "a safetensors file",
        [0x40, 0, 0, 0, 0, 0, 0, 0] + text("{\"w\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}")
      ),
      ("png", "a PNG picture", png([1, 2, 3, 4], width: 2, height: 2, channels: 1)),
      ("jpeg", "a JPEG picture", [0xff, 0xd8, 0xff, 0xe0, 0, 0x10] + text("JFIF") + [0, 1, 1, 0]),
      ("gzip", "a gzip file: unpack it first", [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]),
      ("zip", "a zip archive, perhaps a PyTorch or Keras model", text("PK") + [3, 4, 0x14, 0, 0, 0, 8, 0]),
      ("hdf5", "an HDF5 file, perhaps a Keras model", [0x89] + text("HDF\r\n\u{1a}\n") + [0]),
      ("html", "a web page: the download failed", text("<!DOCTYPE html>\n<html><title>404</title></html>\n")),
      ("html-lower-case", "a web page: the download failed", text("<html><body>Sign in</body></html>\n")),
      (
        "git-lfs", "a Git LFS pointer: fetch the file itself",
        text("version https://git-lfs.github.com/spec/v1\noid sha256:")
          + text(String(repeating: "0", count: 64) + "\nsize 917512\n")
      ),
    ]
    let unknown: [(String, [UInt8])] = [
      ("text", text("hello, world\n")), ("zeros", [UInt8](repeating: 0, count: 64)), ("one-byte", [0x41]),
      ("signature-of-another", [0x89] + text("DNM\r\n\u{1a}\n") + [UInt8](repeating: 0, count: 56)),
    ]
    return formats.map { name, what, bytes in
      // "a web page: the download failed" is said as "this is a web page, not a .dnn model: the download failed".
      let parts = what.split(separator: ":", maxSplits: 1)
      let advice = parts.count == 2 ? ":\(parts[1])" : ""
      let padding = [UInt8](repeating: 0, count: max(0, 64 - bytes.count))
      return GoldenCase(
        "format-\(name)", .notAModel, "this is \(parts[0]), not a .dnn model\(advice)", bytes: bytes + padding)
    }
      + unknown.map { name, bytes in
        GoldenCase(
          "format-\(name)", .notAModel, "not a .dnn model: the first bytes are not the format's signature",
          bytes: bytes)
      }
  }

  private static func text(_ text: String) -> [UInt8] { Array(text.utf8) }
}
