import CDefaultModel
import CMNISTInfer
import CPlatform

/// `dnn_model_open` of mnistinfer.h.
@_cdecl("dnn_model_open")
public func modelOpen(
  _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    guard let path else { throw Failure(.badArgument, "dnn_model_open: path is NULL") }
    return try open(path, ResourceLimits())
  }
}

/// `dnn_model_open_memory` of mnistinfer.h.
@_cdecl("dnn_model_open_memory")
public func modelOpenMemory(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    guard bytes != nil || size == 0 else { throw Failure(.badArgument, "dnn_model_open_memory: bytes is NULL") }
    return try open(bytes, size, borrows: false, ResourceLimits())
  }
}

/// `dnn_model_open_borrowed` of mnistinfer.h.
@_cdecl("dnn_model_open_borrowed")
public func modelOpenBorrowed(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    guard bytes != nil else { throw Failure(.badArgument, "dnn_model_open_borrowed: bytes is NULL") }
    return try open(bytes, size, borrows: true, ResourceLimits())
  }
}

/// `dnn_model_open_default` of mnistinfer.h.
@_cdecl("dnn_model_open_default")
public func modelOpenDefault(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    try open(default_model_bytes(), default_model_size(), borrows: true, ResourceLimits())
  }
}

/// `dnn_model_open_with` of mnistinfer.h.
@_cdecl("dnn_model_open_with")
public func modelOpenWith(
  _ options: UnsafePointer<dnn_model_options>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(model, error) { () throws(Failure) in
    var known = dnn_model_options()
    let size = MemoryLayout<dnn_model_options>.size
    try copyOptions(options, to: &known, size, "dnn_model_open_with: options")
    let limits = try resourceLimits(known)
    if let path = known.path {
      guard known.bytes == nil, known.size == 0 else {
        throw Failure(.badArgument, "dnn_model_open_with: both a path and bytes")
      }
      return try open(path, limits)
    }
    if known.bytes == nil {
      guard known.size == 0 else { throw Failure(.badArgument, "dnn_model_open_with: a size without bytes") }
      return try open(default_model_bytes(), default_model_size(), borrows: true, limits)
    }
    return try open(known.bytes, known.size, borrows: known.borrows != 0, limits)
  }
}

/// Zero stands for the default.
private func resourceLimits(_ options: dnn_model_options) throws(Failure) -> ResourceLimits {
  var limits = ResourceLimits()
  guard options.largest_picture <= Picture.maximumPixels else {
    throw Failure(
      .badArgument,
      "dnn_model_open_with: largest_picture is \(options.largest_picture); at most \(Picture.maximumPixels)")
  }
  if options.largest_picture > 0 { limits.picture = Int(options.largest_picture) }
  if options.largest_file > 0 { limits.file = options.largest_file }
  if options.largest_memory > 0 { limits.memory = options.largest_memory }
  return limits
}

private func open(_ path: UnsafePointer<CChar>, _ limits: ResourceLimits) throws(Failure) -> Model.Handle {
  let file = try FileBytes(.model, path: path, limits)
  do throws(Failure) {
    return try Model.make(file, limits)
  } catch {
    // What is wrong with the contents does not name the file yet.
    throw Failure(error.status, "\(path): \(error.message)")
  }
}

private func open(
  _ bytes: UnsafeRawPointer?, _ size: Int, borrows: Bool, _ limits: ResourceLimits
) throws(Failure) -> Model.Handle {
  guard size >= 0 else { throw Failure(.badArgument, "the model's size is out of range") }
  guard size <= limits.file else { throw limits.fileFailure(UInt64(size)) }
  let memory = UnsafeRawBufferPointer(start: bytes, count: size)
  if !borrows { return try Model.make(FileBytes(copying: memory), limits) }
  guard Int(bitPattern: bytes) % memoryAlignment == 0 else {
    throw Failure(.badArgument, "borrowed bytes do not start at a multiple of \(memoryAlignment)")
  }
  return try Model.make(FileBytes(borrowing: memory), limits)
}

/// What the functions that open a model share: the handle is NULL unless all went well.
private func openModel(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?,
  _ make: () throws(Failure) -> Model.Handle
) -> dnn_status {
  model?.pointee = nil
  return report(error) { () throws(Failure) in
    guard let model else { throw Failure(.badArgument, "the model's address is NULL") }
    model.pointee = OpaquePointer(try make())
  }
}
