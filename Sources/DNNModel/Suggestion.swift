/// The candidate that a mistyped word was most likely meant to be, the first of equally near ones; nil if it is like none.
package func suggestion(for word: String, among candidates: [String]) -> String? {
  // A mistake in every three letters: more would make any short word like any other.
  let limit = max(1, word.count / 3)
  let nearest = candidates.map { ($0, editDistance(word, $0)) }.min { $0.1 < $1.1 }
  if let nearest, nearest.1 <= limit { return nearest.0 }
  // The beginning of a single candidate.
  let longer = candidates.filter { $0.hasPrefix(word) }
  return longer.count == 1 && word.count >= 4 ? longer[0] : nil
}

/// Letters to insert, remove, replace or swap with their neighbour to make one word the other: the restricted distance of
/// F. J. Damerau, "A technique for computer detection and correction of spelling errors", Communications of the ACM 7 (1964).
func editDistance(_ first: String, _ second: String) -> Int {
  let (a, b) = (Array(first), Array(second))
  // distances[i][j] is that of the first i letters of a and the first j of b.
  var distances = (0...a.count).map { i in (0...b.count).map { j in i == 0 ? j : j == 0 ? i : 0 } }
  for i in a.indices {
    for j in b.indices {
      var best = min(distances[i][j + 1], distances[i + 1][j]) + 1
      best = min(best, distances[i][j] + (a[i] == b[j] ? 0 : 1))
      if i > 0 && j > 0 && a[i] == b[j - 1] && a[i - 1] == b[j] { best = min(best, distances[i - 1][j - 1] + 1) }
      distances[i + 1][j + 1] = best
    }
  }
  return distances[a.count][b.count]
}
