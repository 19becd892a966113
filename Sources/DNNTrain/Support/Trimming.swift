extension String {
  /// The text without what it starts and ends with of such characters.
  func trimmed(of isBlank: (Character) -> Bool) -> String {
    let start = drop(while: isBlank)
    return String(start.prefix(upTo: start.lastIndex { !isBlank($0) }.map(start.index(after:)) ?? start.startIndex))
  }
}
