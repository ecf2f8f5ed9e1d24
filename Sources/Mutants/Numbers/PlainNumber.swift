import PlumbModel

/// What a plain layer computes with: a Float64, or an enclosure of the exact number with a bound of its error.
///
/// A layer that is written over it is written once: over Float64 it is an engine with a bug, over `Enclosed` it says what
/// that bug gives in exact arithmetic, and how far an engine that has it may be from that.
package protocol PlainNumber: Sendable, SendableMetatype, ExpressibleByFloatLiteral, ExpressibleByIntegerLiteral {
  /// The number nearest to `value` in the arithmetic of the layer: a parameter of it.
  init(_ value: Double)

  /// An element of a tensor, as the layer reads it; the exact one is `value` but for a `relativeError` of that.
  static func read(_ value: Float, within relativeError: Double) -> Self

  static prefix func - (_ x: Self) -> Self
  static func + (_ a: Self, _ b: Self) -> Self
  static func - (_ a: Self, _ b: Self) -> Self
  static func * (_ a: Self, _ b: Self) -> Self
  static func / (_ a: Self, _ b: Self) -> Self
  func squareRoot() -> Self
  func reciprocalSquareRoot() -> Self
  func exponential() -> Self
  func exponentialOfTwo() -> Self
  func logarithm() -> Self
  func hyperbolicTangent() -> Self
  func errorFunction() -> Self
  func sine() -> Self
  func cosine() -> Self

  /// `function` of the number, which never falls where its argument rises.
  func rising(_ function: (Double) -> Double) -> Self

  /// The number rounded to Float32, as the last step of a layer rounds it.
  func nearest() -> Self

  var magnitude: Self { get }

  /// The greatest of `numbers`; `nil` where there are none.
  static func greatest(_ numbers: some Sequence<Self>) -> Self?

  /// Whether the number is greater than `limit`; `nil` where that is not known.
  func isAbove(_ limit: Double) -> Bool?

  /// The first number or the second, or what is known of both.
  static func either(_ isFirst: Bool?, _ first: @autoclosure () -> Self, _ second: @autoclosure () -> Self) -> Self

  /// base^exponent.
  static func power(_ base: Self, _ exponent: Self) -> Self

  /// `start` and the terms added to it.
  static func sum(_ terms: some Sequence<Self>, from start: Self) -> Self

  /// `start` and Σ a · b added to it.
  static func dot(_ a: some Collection<Self>, _ b: some Collection<Self>, from start: Self) -> Self
}

extension PlainNumber {
  /// An element of a tensor, as the layer reads it.
  static func read(_ value: Float) -> Self { read(value, within: 0) }

  /// The number rounded to `format`.
  func rounded(to format: NarrowFormat) -> Self { rising { format.rounded($0) } }

  /// The result of a layer that cuts off instead of rounding.
  func truncated() -> Self { rising { Double(LastRounding.truncated($0)) } }

  /// The result of a layer that makes subnormal numbers 0.
  func flushed() -> Self { rising { Double(LastRounding.flushed($0)) } }

  /// The number, or 0 where it is negative.
  func rectified() -> Self { rising { max(0, $0) } }

  /// The exponential read off the bits of a Float32 (Schraudolph 1999).
  func fastExponential() -> Self {
    rising { x in
      let bits = max(0, 0x1p23 * (x / 0x1.62E42FEFA39EFp-1 + 127 - 0.0437))
      return Double(Float(bitPattern: UInt32(min(bits, 0x7F7F_FFFF))))
    }
  }

  static func least(_ numbers: some Sequence<Self>) -> Self? { greatest(numbers.map { -$0 }).map { -$0 } }

  static func sum(_ terms: some Sequence<Self>) -> Self { sum(terms, from: 0) }

  /// The terms added one after the other, each sum rounded to `format`.
  static func sum(_ terms: some Sequence<Self>, in format: NarrowFormat) -> Self {
    terms.reduce(0) { ($0 + $1).rounded(to: format) }
  }

  /// Σ a · b, with each product and each sum rounded to `format`, where there is one.
  static func dot(
    _ a: some Collection<Self>, _ b: some Collection<Self>, from start: Self = 0, in format: NarrowFormat?
  ) -> Self {
    guard let format else { return dot(a, b, from: start) }
    return zip(a, b).reduce(start) { ($0 + ($1.0 * $1.1).rounded(to: format)).rounded(to: format) }
  }
}
