/// A text as a field of a CSV file, in quotes where it could be taken for several (RFC 4180).
package func csvField(_ text: String) -> String {
  guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
  // By scalars: for characters, a quote with an accent over it is no quote.
  let quotes = text.unicodeScalars.split(separator: "\"", omittingEmptySubsequences: false)
  return "\"" + quotes.map { String($0) }.joined(separator: "\"\"") + "\""
}
