import DNNModel
import FoundationEssentials

/// Where labelled images come from, by what people call it.
public enum DataSource {
  /// Digits that this package draws.
  case synthetic
  /// A data set that is fetched the first time it is asked for.
  case published(PublishedDataset)
  /// A file or a folder.
  case path(String)

  /// What there is by that name: a file or folder first, so that a folder called mnist is that folder; then `synthetic`, `mnist`
  /// and `fashion-mnist`. With a slash in it, a name is a path.
  ///
  /// - Parameter name: as `--data` takes it.
  /// - Throws: `DataError` if it is none of these.
  public init(_ name: String) throws {
    if FileManager.default.fileExists(atPath: name) {
      self = .path(name)
    } else if name == "synthetic" {
      self = .synthetic
    } else if let dataset = PublishedDataset.all.first(where: { $0.name == name }) {
      self = .published(dataset)
    } else {
      let names = ["synthetic"] + PublishedDataset.all.map(\.name)
      let hint = suggestion(for: name.lowercased(), among: names).map { "; did you mean \($0)?" } ?? ""
      throw DataError.cannotRead(
        path: name, reason: "it does not exist, and is none of \(names.joined(separator: ", "))\(hint)")
    }
  }
}
