import CDefaultModel
import CMNISTInfer
import CPlatform

/// `dnn_model_open` of mnistinfer.h.
@_cdecl("dnn_model_open")
public func modelOpen(
  _ path: UnsafePointer<CChar>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(.file(path), model, error, "dnn_model_open")
}

/// `dnn_model_open_memory` of mnistinfer.h.
@_cdecl("dnn_model_open_memory")
public func modelOpenMemory(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(.memory(bytes, size, borrows: false), model, error, "dnn_model_open_memory")
}

/// `dnn_model_open_borrowed` of mnistinfer.h.
@_cdecl("dnn_model_open_borrowed")
public func modelOpenBorrowed(
  _ bytes: UnsafeRawPointer?, _ size: Int, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(.memory(bytes, size, borrows: true), model, error, "dnn_model_open_borrowed")
}

/// `dnn_model_open_default` of mnistinfer.h.
@_cdecl("dnn_model_open_default")
public func modelOpenDefault(
  _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(.builtIn, model, error, "dnn_model_open_default")
}

/// `dnn_model_open_with` of mnistinfer.h.
@_cdecl("dnn_model_open_with")
public func modelOpenWith(
  _ options: UnsafePointer<dnn_model_options>?, _ model: UnsafeMutablePointer<OpaquePointer?>?,
  _ error: UnsafeMutablePointer<dnn_error>?
) -> dnn_status {
  openModel(nil, model, error, "dnn_model_open_with", options)
}

/// A model as a caller gave it, of which nothing is checked yet.
private enum ModelSource {
  case file(UnsafePointer<CChar>?)
  case memory(UnsafeRawPointer?, Int, borrows: Bool)

  static var builtIn: ModelSource { .memory(default_model_bytes(), default_model_size(), borrows: true) }
}

/// Opens a model from a source, or else from what the options say; the handle is NULL unless all goes well.
@inline(never) private func openModel(
  _ source: ModelSource?, _ model: UnsafeMutablePointer<OpaquePointer?>?, _ error: UnsafeMutablePointer<dnn_error>?,
  _ function: StaticString, _ options: UnsafePointer<dnn_model_options>? = nil
) -> dnn_status {
  model?.pointee = nil
  return report(error) { () throws(Failure) in
    guard let model else { throw badArgument(function, "the model's address is NULL") }
    let (source, limits) = if let source { (source, ResourceLimits()) } else { try read(options) }
    let file = try readBytes(of: source, limits, function)
    do throws(Failure) {
      model.pointee = OpaquePointer(try Model.make(file, limits))
    } catch {
      // What is wrong with the contents does not name the file yet.
      guard case .file(let path?) = source else { throw error }
      throw Failure(error.status, "\(path: path): \(error.message)")
    }
  }
}

private func read(
  _ options: UnsafePointer<dnn_model_options>?
) throws(Failure) -> (ModelSource, ResourceLimits) {
  var known = dnn_model_options()
  try copyOptions(options, to: &known, MemoryLayout<dnn_model_options>.size, "dnn_model_open_with: options")
  let limits = try resourceLimits(known)
  if known.bytes != nil {
    guard known.path == nil else { throw Failure(.badArgument, "dnn_model_open_with: both a path and bytes") }
    return (.memory(known.bytes, known.size, borrows: known.borrows != 0), limits)
  }
  guard known.size == 0, known.borrows == 0 else {
    throw Failure(.badArgument, "dnn_model_open_with: a size or borrows without bytes")
  }
  return (known.path == nil ? .builtIn : .file(known.path), limits)
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

private func readBytes(
  of source: ModelSource, _ limits: ResourceLimits, _ function: StaticString
) throws(Failure) -> FileBytes {
  switch source {
  case .file(let path):
    guard let path else { throw badArgument(function, "path is NULL") }
    return try FileBytes(.model, path: path, limits)
  case .memory(let bytes, let size, let borrows):
    guard bytes != nil || (size == 0 && !borrows) else { throw badArgument(function, "bytes is NULL") }
    guard size >= 0 else { throw badArgument(function, "size is out of range") }
    guard size <= limits.file else { throw limits.fileFailure(UInt64(size)) }
    let memory = UnsafeRawBufferPointer(start: bytes, count: size)
    if !borrows { return try FileBytes(copying: memory) }
    guard Int(bitPattern: bytes) % memoryAlignment == 0 else {
      throw Failure(.badArgument, "borrowed bytes do not start at a multiple of \(memoryAlignment)")
    }
    return FileBytes(borrowing: memory)
  }
}
