import FoundationEssentials
import Glibc

/// A data set that is fetched from where it is published the first time it is asked for, and then kept in the user's cache.
public struct PublishedDataset: Equatable, Sendable {
  /// What `--data` and provenance call it.
  public let name: String
  /// Addresses of folders that have its files, tried one after another.
  let mirrors: [String]
  let files: [File]

  /// A file in IDX format, gzip.
  struct File: Equatable, Sendable {
    let name: String
    let digest: Digest

    var kind: IDXFile.Kind { name.contains("images") ? .images : .labels }
  }

  /// How a file is known to be the right one.
  enum Digest: Equatable, Sendable {
    /// Bytes and SHA-256 of the file itself.
    case file(size: Int, sha256: String)
    /// SHA-256 of what it uncompresses to, whoever compressed it; its header says how many bytes that is.
    case contents(sha256: String)
  }

  /// All that are known.
  public static let all = [mnist, fashionMNIST]

  /// Y. LeCun, C. Cortes, C. Burges: The MNIST database of handwritten digits.
  static let mnist = PublishedDataset(
    name: "mnist",
    mirrors: [
      "https://ossci-datasets.s3.amazonaws.com/mnist/", "https://storage.googleapis.com/cvdf-datasets/mnist/",
    ],
    files: [
      ("train-images-idx3-ubyte.gz", "ba891046e6505d7aadcbbe25680a0738ad16aec93bde7f9b65e87a2fc25776db"),
      ("train-labels-idx1-ubyte.gz", "65a50cbbf4e906d70832878ad85ccda5333a97f0f4c3dd2ef09a8a9eef7101c5"),
      ("t10k-images-idx3-ubyte.gz", "0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7"),
      ("t10k-labels-idx1-ubyte.gz", "ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2"),
    ].map { File(name: $0, digest: .contents(sha256: $1)) })

  /// H. Xiao, K. Rasul, R. Vollgraf: Fashion-MNIST, 2017. The digests are those of the files on its authors' server, whose MD5
  /// sums, by their page, are 8d4fb7e6…, 25c81989…, bef4ecab… and bb300cfd…
  static let fashionMNIST = PublishedDataset(
    name: "fashion-mnist",
    mirrors: [
      "http://fashion-mnist.s3-website.eu-central-1.amazonaws.com/",
      "https://github.com/zalandoresearch/fashion-mnist/raw/master/data/fashion/",
    ],
    files: [
      ("train-images-idx3-ubyte.gz", 26_421_880, "3aede38d61863908ad78613f6a32ed271626dd12800ba2636569512369268a84"),
      ("train-labels-idx1-ubyte.gz", 29_515, "a04f17134ac03560a47e3764e11b92fc97de4d1bfaf8ba1a3aa29af54cc90845"),
      ("t10k-images-idx3-ubyte.gz", 4_422_102, "346e55b948d973a97e58d2351dde16a484bd415d4595297633bb08f03db6a073"),
      ("t10k-labels-idx1-ubyte.gz", 5148, "67da17c76eaffca5446c3361aaab5c3cd6d1c2608764d35dfb1850b086bf8dd5"),
    ].map { File(name: $0, digest: .file(size: $1, sha256: $2)) })

  /// The folder with the data set's files, after fetching those that are not there.
  ///
  /// $DNN_MIRROR, if set, is the only mirror: the address of a folder with a folder for each data set. The cache is
  /// `mnistinfer` in $XDG_CACHE_HOME or else in `.cache` of $HOME; files that people put there are taken as they are.
  ///
  /// - Parameters:
  ///   - environment: the process's.
  ///   - note: takes a line to show to people before something takes long.
  /// - Returns: its path.
  /// - Throws: `DataError`; what was fetched so far stays for the next time.
  func folder(environment: [String: String], note: (String) -> Void) throws -> String {
    let folder = PublishedDataset.cache(environment) + "/" + name
    let missing = { files.filter { !isThere($0, in: folder) } }
    if missing().isEmpty { return folder }
    do {
      try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    } catch {
      throw DataError.cannotWrite(path: folder, reason: "the folder cannot be made; set XDG_CACHE_HOME to another")
    }
    // Of several processes one fetches, and the others wait until all is there.
    let lock = open(folder + "/.lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o666)
    guard lock >= 0 else {
      throw DataError.cannotWrite(path: folder, reason: String(cString: strerror(errno)))
    }
    defer { close(lock) }
    while flock(lock, LOCK_EX) != 0 && errno == EINTR {}
    let mirrors = environment["DNN_MIRROR"].map { [$0 + (($0.hasSuffix("/") ? "" : "/") + name + "/")] } ?? mirrors
    for file in missing() {
      let reasons = try Download(file, to: folder).run(from: mirrors, note: note)
      if !reasons.isEmpty { throw DataError.notFetched(dataset: name, reasons: reasons, folder: folder) }
    }
    return folder
  }

  private func isThere(_ file: File, in folder: String) -> Bool {
    let path = "\(folder)/\(file.name)"
    return [path, String(path.dropLast(".gz".count))].contains { FileManager.default.fileExists(atPath: $0) }
  }

  /// By the XDG Base Directory specification, which does not count a path that is not absolute. Without $HOME, the home folder
  /// is the one of the password file.
  private static func cache(_ environment: [String: String]) -> String {
    func folder(_ name: String) -> String? { environment[name].flatMap { $0.hasPrefix("/") ? $0 : nil } }
    if let cache = folder("XDG_CACHE_HOME") { return cache + "/mnistinfer" }
    return (folder("HOME") ?? FileManager.default.homeDirectoryForCurrentUser.path) + "/.cache/mnistinfer"
  }
}
