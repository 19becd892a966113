/// How many images of a set two models get right, and how sure that is.
public struct AccuracyComparison: Encodable, Sendable {
  /// A share of the images.
  public struct Share: Encodable, Sendable {
    /// As measured.
    public let value: Double
    /// The ends of what holds the true share with a probability of 95 %; see `wilsonInterval`.
    public let interval: [Double]

    init(_ part: Int, of count: Int) {
      value = Double(part) / Double(count)
      let range = wilsonInterval(successes: part, of: count)
      interval = [range.lowerBound, range.upperBound]
    }
  }

  /// A number with the half-width of its interval of 95 % confidence.
  public struct Estimate: Encodable, Sendable {
    /// As measured.
    public let value: Double
    /// The true number lies this far off or less, 19 times in 20.
    public let halfWidth: Double
  }

  /// Images.
  public let count: Int
  /// What the first model gets right.
  public let before: Share
  /// What the second model gets right.
  public let after: Share
  /// Images that only the first model gets right.
  public let lost: Int
  /// Images that only the second model gets right.
  public let gained: Int
  /// The share that the second model gets right less that of the first. Only images on which they differ count, so this is far
  /// surer than either share: (g - l) / n ± 1.96 √(g + l - (g - l)² / n) / n (see McNemar: Note on the sampling error of the
  /// difference between correlated proportions, 1947).
  public let difference: Estimate

  init(before: [Int], after: [Int], labels: [Int]) {
    count = labels.count
    let rights = zip(zip(before, after), labels).map { ($0.0 == $1, $0.1 == $1) }
    self.before = Share(rights.count { $0.0 }, of: count)
    self.after = Share(rights.count { $0.1 }, of: count)
    lost = rights.count { $0.0 && !$0.1 }
    gained = rights.count { !$0.0 && $0.1 }
    let (difference, n) = (Double(gained - lost), Double(count))
    self.difference = Estimate(
      value: difference / n,
      halfWidth: 1.96 * (Double(gained + lost) - difference * difference / n).squareRoot() / n)
  }
}
