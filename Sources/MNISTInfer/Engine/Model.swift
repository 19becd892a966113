import CKernels
import CPlatform
import Synchronization

/// A loaded model: what a `dnn_model` points to. Immutable but for the plan, which is made
/// when the first session asks for it.
package struct Model: ~Copyable {
  private let file: FileBytes
  package let container: Container
  package let network: Network
  package let labels: Buffer<UnsafePointer<CChar>?>
  package let preparation: Preparation
  package let normalisation: NormalisationRecord
  let limits: ResourceLimits

  /// One for the caller's handle and one for each session.
  private let references = Atomic<Int>(1)
  private let planLock: Mutex
  private let plan = Atomic<UnsafeMutablePointer<Plan>?>(nil)

  /// Checks the file as a whole; nothing is computed or packed yet.
  private init(_ file: consuming FileBytes, _ limits: ResourceLimits) throws(Failure) {
    let container = try Container(file.bytes)
    do throws(Failure) {
      try self.init(file, container, limits)
    } catch {
      // The checksums hold, so what does not make sense here is what a later minor version added.
      guard error.status == .damaged, container.minorVersion > Container.minorVersion else { throw error }
      throw Failure(
        .unsupported,
        "format version 1.\(container.minorVersion) needs a newer library; this one reads 1.\(Container.minorVersion): \(error.message)"
      )
    }
  }

  private init(_ file: consuming FileBytes, _ container: Container, _ limits: ResourceLimits) throws(Failure) {
    // A value that cannot be copied is initialised as a whole or not at all, so everything that can fail comes first.
    let network = try readNetwork(container)
    let labels = try readLabels(container, classCount: network.classCount)
    let preparation = try readPreparation(container, input: network.input)
    let normalisation = try readNormalisation(container, input: network.input)
    try checkPairs(.provenance, container)
    try checkPairs(.metadata, container)
    try checkHistory(container)
    try checkSelfTest(container, input: network.input, classCount: network.classCount)
    let planLock = try Mutex()
    self.container = container
    self.network = network
    self.labels = labels
    self.preparation = preparation
    self.normalisation = normalisation
    self.file = file
    self.limits = limits
    self.planLock = planLock
  }

  deinit {
    if let plan = plan.load(ordering: .acquiring) {
      plan.deinitialize(count: 1)
      free(plan)
    }
  }

  /// Bytes of the file.
  package var fileSize: Int { file.bytes.count }

  /// The network laid out for this processor, shared by all sessions. Made on the first call; a call that runs out of memory
  /// may be tried again.
  func sharedPlan() throws(Failure) -> UnsafeMutablePointer<Plan> {
    // Not under the lock: in a child of the process, another thread may have left it locked.
    if let plan = plan.load(ordering: .acquiring) { return plan }
    planLock.lock()
    defer { planLock.unlock() }
    if let plan = plan.load(ordering: .relaxed) { return plan }
    let made = try Plan(
      network, kernels: selectKernels(),
      integerKernels: network.isInteger ? selectIntegerKernels() : dnn_integer_kernels(), limits)
    let place = try allocatePlace(for: Plan.self)
    place.initialize(to: made)
    plan.store(place, ordering: .releasing)
    return place
  }

  // MARK: Handles

  package typealias Handle = UnsafeMutablePointer<Model>

  /// Reads a model and puts it where a handle can point to it; ended by `release`.
  static func make(_ file: consuming FileBytes, _ limits: ResourceLimits) throws(Failure) -> Handle {
    let model = try Model(file, limits)
    let place = try allocatePlace(for: Model.self)
    place.initialize(to: model)
    return place
  }

  /// Reads a model from bytes that need not stay.
  package static func make(copying bytes: UnsafeRawBufferPointer) throws(Failure) -> Handle {
    try make(FileBytes(copying: bytes), ResourceLimits())
  }

  static func retain(_ model: Handle) { model.pointee.references.wrappingAdd(1, ordering: .relaxed) }

  package static func release(_ model: Handle) {
    guard model.pointee.references.wrappingSubtract(1, ordering: .acquiringAndReleasing).newValue == 0 else { return }
    model.deinitialize(count: 1)
    free(model)
  }
}
