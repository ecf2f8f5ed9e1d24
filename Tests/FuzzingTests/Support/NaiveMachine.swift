import Foundation

/// Plain Float32 arithmetic as people write it: sums in some order, products fused or not, functions of the C library
/// moved by a few ulps, tensors kept in a narrower format.
struct NaiveMachine {
  enum Order: CaseIterable {
    case sequential
    case pairwise
    case random
  }

  let order: Order
  let isFused: Bool
  /// The number that memory holds of one that is written to it.
  let store: @Sendable (Float) -> Float
  /// The number that a matrix product takes for a factor.
  var factor: @Sendable (Float) -> Float = { $0 }
  /// How many ulps functions are moved by at most, beyond the C library's own error.
  var ulps = 3
  /// Whether gradients are 0 at the limit of a clamp itself.
  let isZeroAtLimit: Bool
  private var state: UInt64

  init(order: Order, isFused: Bool, seed: UInt64, store: @escaping @Sendable (Float) -> Float = { $0 }) {
    self.order = order
    self.isFused = isFused
    self.store = store
    isZeroAtLimit = seed % 2 == 1
    state = seed
  }

  /// A number between two steps: step by step each is a tensor, as in a framework that has no kernel of its own for a layer.
  func between(_ value: Float) -> Float { isFused ? value : store(value) }

  mutating func random(_ count: Int) -> Int {
    state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
    return Int(state >> 33) % count
  }

  /// The top half of a binary32, rounded to nearest even.
  static func bfloat16(_ value: Float) -> Float {
    guard value.isFinite else { return value }
    let bits = value.bitPattern
    return Float(bitPattern: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) & 0xFFFF_0000)
  }

  /// Through binary16.
  static func float16(_ value: Float) -> Float { Float(Float16(value)) }

  /// The upper 19 bits of a binary32, the others cut off.
  static func tensorFloat32(_ value: Float) -> Float { Float(bitPattern: value.bitPattern & 0xFFFF_E000) }

  mutating func sum(_ terms: [Float]) -> Float { dot(terms, [Float](repeating: 1, count: terms.count)) }

  mutating func dot(_ a: [Float], _ b: [Float]) -> Float {
    switch order {
    case .sequential: return chain(Array(zip(a, b)))
    case .pairwise: return pairwise(Array(zip(a, b))[...])
    case .random:
      var terms = Array(zip(a, b))
      for index in terms.indices.reversed() { terms.swapAt(index, random(index + 1)) }
      let cut = random(terms.count + 1)
      return chain(Array(terms[..<cut])) + chain(Array(terms[cut...]))
    }
  }

  private func chain(_ terms: [(Float, Float)]) -> Float {
    terms.reduce(0) { sum, term in isFused ? sum.addingProduct(term.0, term.1) : sum + term.0 * term.1 }
  }

  private func pairwise(_ terms: ArraySlice<(Float, Float)>) -> Float {
    guard terms.count > 2 else { return chain(Array(terms)) }
    let middle = terms.startIndex + terms.count / 2
    return pairwise(terms[..<middle]) + pairwise(terms[middle...])
  }

  /// A value, moved by up to `ulps` of its own binade and then rounded.
  mutating func moved(_ value: Double) -> Float {
    guard value.isFinite, value != 0 else { return Float(value) }
    // Just below: what Float64 rounds up to a power of two, such as erf 7, belongs to the binade under it.
    let exponent = max(Int((value * (1 - 0x1p-50)).exponent) - 23, -149)
    let steps = Double(random(2 * ulps + 1) - ulps)
    return Float(value + steps * Double(sign: .plus, exponent: exponent, significand: 1))
  }

  mutating func exp(_ x: Float) -> Float { x == 0 ? 1 : moved(Foundation.exp(Double(x))) }
  mutating func log(_ x: Float) -> Float { moved(Foundation.log(Double(x))) }
  mutating func tanh(_ x: Float) -> Float { moved(Foundation.tanh(Double(x))) }
  mutating func erf(_ x: Float) -> Float { moved(Foundation.erf(Double(x))) }
  mutating func sin(_ x: Float) -> Float { moved(Foundation.sin(Double(x))) }
  mutating func cos(_ x: Float) -> Float { x == 0 ? 1 : moved(Foundation.cos(Double(x))) }
  mutating func power(_ x: Float, _ y: Float) -> Float {
    // Both are exact by C's Annex F.
    x == 1 || y == 0 ? 1 : moved(Foundation.pow(Double(x), Double(y)))
  }
}
