import CKernels

/// What dropout multiplies values by; see `dnn_dropout_job`.
func dropoutFactors(_ job: dnn_dropout_job) {
  var index = 0
  // Two elements share a word: the even one has its low half.
  if job.first % 2 == 1 && index < Int(job.count) { drawOne(job, &index) }
  while index + Lanes.count <= Int(job.count) {
    let position = (UInt64(job.first) &+ UInt64(index)) / 2
    let words = mix(Words(repeating: job.state) &+ (Words(repeating: position &+ 1) &+ counting) &* step)
    let isDropped = unsafeBitCast(words, to: Halves.self) .< Halves(repeating: job.threshold)
    Lanes(Register(repeating: job.scale).replacing(with: Register.zero, where: isDropped))
      .store(job.factors + index)
    index += Lanes.count
  }
  while index < Int(job.count) { drawOne(job, &index) }
}

@inline(__always)
private func drawOne(_ job: dnn_dropout_job, _ index: inout Int) {
  let element = UInt64(job.first) &+ UInt64(index)
  let word = mix(Words(repeating: job.state &+ (element / 2 &+ 1) &* step[0]))[0]
  let bits = UInt32(truncatingIfNeeded: element % 2 == 0 ? word : word >> 32)
  job.factors[index] = bits < job.threshold ? 0 : job.scale
  index += 1
}

#if KERNELS_AVX512
  private typealias Words = SIMD8<UInt64>
  private typealias Halves = SIMD16<UInt32>
  @inline(__always) private var counting: Words { Words(0, 1, 2, 3, 4, 5, 6, 7) }
#elseif KERNELS_AVX2
  private typealias Words = SIMD4<UInt64>
  private typealias Halves = SIMD8<UInt32>
  @inline(__always) private var counting: Words { Words(0, 1, 2, 3) }
#else
  private typealias Words = SIMD2<UInt64>
  private typealias Halves = SIMD4<UInt32>
  @inline(__always) private var counting: Words { Words(0, 1) }
#endif

/// 2^64 divided by the golden ratio, made odd.
@inline(__always) private var step: Words { Words(repeating: 0x9e37_79b9_7f4a_7c15) }

/// The output function of SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
@inline(__always)
private func mix(_ value: Words) -> Words {
  var z = value
  z = (z ^ (z &>> Words(repeating: 30))) &* Words(repeating: 0xbf58_476d_1ce4_e5b9)
  z = (z ^ (z &>> Words(repeating: 27))) &* Words(repeating: 0x94d0_49bb_1331_11eb)
  return z ^ (z &>> Words(repeating: 31))
}
