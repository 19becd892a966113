import CPlatform

/// A number with so many digits after the point, as printf of C rounds it: what is stored, exactly, to the nearest.
package func decimal(_ value: some BinaryFloatingPoint, _ digits: Int) -> String {
  printed("%.*f", Double(value), digits)
}

/// A number with at most so many significant digits, as few as it has, as printf of C writes it with %g.
package func significant(_ value: Double, _ digits: Int) -> String { printed("%.*g", value, digits) }

/// 1234567 as 1,234,567.
package func grouped(_ number: Int) -> String {
  var result = ""
  for (index, digit) in String(number.magnitude).reversed().enumerated() {
    if index > 0 && index % 3 == 0 { result.append(",") }
    result.append(digit)
  }
  return (number < 0 ? "-" : "") + String(result.reversed())
}

/// A number of at least 0 with as many zeros before it as it takes to have so many digits.
package func zeroPadded(_ number: some BinaryInteger, _ digits: Int, radix: Int = 10) -> String {
  let text = String(number, radix: radix)
  return String(repeating: "0", count: max(digits - text.count, 0)) + text
}

/// The point is a point whatever the user's locale, because the programs never ask libc to follow it.
private func printed(_ format: String, _ value: Double, _ digits: Int) -> String {
  // A sign, the 309 digits of the largest number, a point, those after it, and the zero byte.
  let capacity = 1 + 309 + 1 + digits + 1
  return withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { text in
    let count = platform_print(text.baseAddress, text.count, format, Int32(digits), value)
    return String(decoding: UnsafeRawBufferPointer(text).prefix(Int(count)), as: UTF8.self)
  }
}
