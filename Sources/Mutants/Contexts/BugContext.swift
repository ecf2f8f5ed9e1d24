import Foundation
import PlumbLayers
import PlumbModel
import PlumbTolerance

/// An arithmetic in which bugs are computed, too: it has operations that no layer without one needs.
package protocol BugContext: ArithmeticContext {
  /// `function` of the number, which never falls where its argument rises.
  func rising(_ x: Number, _ function: (Double) -> Double) -> Number

  func exponentialOfTwo(_ x: Number) -> Number
  func magnitude(_ x: Number) -> Number

  /// The numbers but the greatest, or the first of those.
  func withoutGreatest(_ numbers: ArraySlice<Number>) -> [Number]

  /// Whether the number is greater than `limit`; `nil` where that is not known.
  func isAbove(_ x: Number, _ limit: Double) -> Bool?

  /// The first number or the second, or what is known of both.
  func either(_ isFirst: Bool?, _ first: () -> Number, _ second: () -> Number) -> Number
}

extension Float64Context: BugContext {
  package func rising(_ x: Double, _ function: (Double) -> Double) -> Double { function(x) }
  package func exponentialOfTwo(_ x: Double) -> Double { exp2(x) }
  package func magnitude(_ x: Double) -> Double { x.magnitude }

  package func withoutGreatest(_ numbers: ArraySlice<Double>) -> [Double] {
    let greatest = numbers.indices.max { numbers[$0] < numbers[$1] }
    return numbers.indices.filter { $0 != greatest }.map { numbers[$0] }
  }

  package func isAbove(_ x: Double, _ limit: Double) -> Bool? { x > limit }

  package func either(_ isFirst: Bool?, _ first: () -> Double, _ second: () -> Double) -> Double {
    isFirst == true ? first() : second()
  }
}

extension Quantity where Context: BugContext {
  /// `function` of the number, which never falls where its argument rises.
  func rising(_ function: (Double) -> Double) -> Self { each { context.rising($0, function) } }

  /// The number rounded to `format`.
  func rounded(to format: FloatFormat) -> Self { rising { format.rounded($0) } }

  /// The result of a layer that cuts off instead of rounding.
  func truncated() -> Self { rising { Double(LastRounding.truncated($0)) } }

  /// The result of a layer that makes subnormal numbers 0.
  func flushed() -> Self { rising { Double(LastRounding.flushed($0)) } }

  /// The exponential read off the bits of a Float32 (Schraudolph 1999).
  func fastExponential() -> Self {
    rising { x in
      let bits = max(0, 0x1p23 * (x / 0x1.62E42FEFA39EFp-1 + 127 - 0.0437))
      return Double(Float(bitPattern: UInt32(min(bits, 0x7F7F_FFFF))))
    }
  }

  func exponentialOfTwo() -> Self { each(context.exponentialOfTwo) }

  var magnitude: Self { each(context.magnitude) }
}

extension Scalar where Context: BugContext {
  /// This number and `bias` added to it, where there is one.
  func adding(_ bias: Self?) -> Self { bias.map { self + $0 } ?? self }

  /// Whether the number is greater than `limit`; `nil` where that is not known.
  func isAbove(_ limit: Double) -> Bool? { context.isAbove(number, limit) }

  /// `first` where `isFirst`, otherwise this number; or what is known of both.
  func or(_ first: Self, where isFirst: Bool?) -> Self {
    Self(context.either(isFirst, { first.number }, { number }), context)
  }
}

extension Row where Context: BugContext {
  /// The least element; 0 where there are none.
  var least: Scalar<Context> { -(-self).greatest }

  /// The elements with `more` behind them.
  func appending(_ more: Scalar<Context>) -> Self { Self((numbers + [more.number])[...], context) }

  /// The literal `value` as one number in the same arithmetic.
  func number(_ value: Double) -> Scalar<Context> { Scalar(context.parameter(value), context) }

  /// Whether each number is greater than `limit`; `nil` where that is not known.
  func isAbove(_ limit: Double) -> [Bool?] { numbers.map { context.isAbove($0, limit) } }

  /// The numbers of `first` where `isFirst`, otherwise those of this row; or what is known of both.
  func or(_ first: Self, where isFirst: [Bool?]) -> Self {
    let first = first.count == count ? Array(first.numbers) : isFirst.flatMap { _ in first.numbers }
    return Self(
      zip(isFirst, zip(first, numbers)).map { isFirst, both in context.either(isFirst, { both.0 }, { both.1 }) },
      context)
  }

  /// The numbers of `first` where `isFirst`, otherwise those of this row; or what is known of both.
  func or(_ first: Self, where isFirst: Bool?) -> Self { or(first, where: numbers.map { _ in isFirst }) }

  /// Each element at the place of the one before it, and the first at the last.
  var turned: Self { Self((numbers.dropFirst() + numbers.prefix(1))[...], context) }

  /// The terms added one after the other, each sum rounded to `format`.
  func total(in format: FloatFormat) -> Scalar<Context> {
    numbers.reduce(Scalar(context.exact(0), context)) { ($0 + Scalar($1, context)).rounded(to: format) }
  }

  /// Σ of the products with the elements of `other`, each product and each sum rounded to `format`.
  func dot(_ other: Self, in format: FloatFormat) -> Scalar<Context> {
    (self * other).rounded(to: format).total(in: format)
  }

  /// The elements but the greatest, or the first of those.
  var withoutGreatest: Self { Self(context.withoutGreatest(numbers)[...], context) }

  /// The elements but the last of those that are not the greatest.
  var withoutLastButGreatest: Self {
    let others = withoutGreatest
    return Self(([greatest.number] + others.numbers.dropLast())[...], context)
  }

  /// The logarithm of the sum of the elements but the greatest; 0 where there is no other.
  var logarithmWithoutGreatest: Scalar<Context> {
    count > 1 ? withoutGreatest.total.logarithm() : number(0)
  }

  /// Each element through `transform`, which is given its index.
  func enumerated(_ transform: (Scalar<Context>, Int) -> Scalar<Context>) -> Self {
    Self(numbers.enumerated().map { transform(Scalar($1, context), $0).number }[...], context)
  }
}
