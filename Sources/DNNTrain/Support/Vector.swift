/// What the elementwise loops compute with. Every pixel stride that they meet is a multiple of its eight floats.
typealias Vector = SIMD8<Float>

extension Vector {
  @inline(__always) init(_ address: UnsafePointer<Float>) {
    self = UnsafeRawPointer(address).loadUnaligned(as: Vector.self)
  }

  @inline(__always) init(_ address: UnsafeMutablePointer<Float>) { self.init(UnsafePointer(address)) }

  @inline(__always) func store(_ address: UnsafeMutablePointer<Float>) {
    UnsafeMutableRawPointer(address).storeBytes(of: self, as: Vector.self)
  }
}
