import DNNModel
import FoundationEssentials

/// Pixels as the address of a PNG within a page; see `encodedPNG`.
func pngAddress(_ pixels: [UInt8], width: Int, height: Int, channels: Int) -> String {
  let bytes = encodedPNG(pixels, width: width, height: height, channels: channels) ?? []
  return "data:image/png;base64," + Data(bytes).base64EncodedString()
}
