import DNNCommandLine
import MNISTInfer

/// An image for a terminal, a character for each column and two rows: half blocks in the pixels' colours, or shades where there
/// are no colours.
func shown(_ image: [UInt8], _ shape: Shape) -> String {
  /// Red, green and blue; the row below an odd number of them is black.
  func pixel(_ x: Int, _ y: Int) -> [Int] {
    guard y < shape.height else { return [0, 0, 0] }
    let start = (y * shape.width + x) * shape.channels
    return (0..<3).map { Int(image[start + (shape.channels > 2 ? $0 : 0)]) }
  }
  return stride(from: 0, to: shape.height, by: 2).map { y in
    let line = (0..<shape.width).map { x in cell(pixel(x, y), pixel(x, y + 1)) }.joined()
    return line + (Terminal.usesColour ? "\u{1b}[m\n" : "\n")
  }.joined()
}

private func cell(_ upper: [Int], _ lower: [Int]) -> String {
  func list(_ colour: [Int]) -> String { colour.map { "\($0)" }.joined(separator: ";") }
  // Direct colour of foreground and background (ISO 8613-6, select graphic rendition 38 and 48).
  if Terminal.usesColour { return "\u{1b}[38;2;\(list(upper));48;2;\(list(lower))m▀" }
  let mean = (upper + lower).reduce(0, +) / 6
  return [" ", "░", "▒", "▓", "█"][(mean * 5) / 256]
}
