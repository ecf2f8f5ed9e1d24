import PlumbEngine
import PlumbModel

extension Filter {
  /// Root-mean-square normalisation.
  ///
  /// *Error bound*: squares and products of two Float32s are exact in Float64. With u = 2⁻⁵³ the sum of squares is off by
  /// 1.1 u, relative, the mean and the sum with epsilon round once each, which the root halves; the root, the sum 1 + weight, its
  /// product with x and the quotient round once each: 5.6 u and products of errors. Nothing over- or underflows: magnitudes
  /// lie between 2⁻⁴⁵⁰ and 2⁴⁵⁰.
  static func rmsNorm(_ input: CheckedCase) -> FilteredExpectation? {
    let (x, weight) = (input.real("x"), input.real("weight").elements)
    let (epsilon, addsOne) = (Double(input.number("epsilon")), input.flag("addsOne"))
    let count = x.columns
    guard 1..<1 << 20 ~= count else { return nil }
    let declared = Engine.rmsNormRelativeError(terms: count)
    let factors = weight.map { addsOne ? 1 + Double($0) : Double($0) }
    var result = FilteredExpectation(capacity: x.elements.count)
    for row in 0..<x.rows {
      let elements = x.row(row)
      var squares = KeptSum()
      for element in elements { squares.add(Double(element) * Double(element)) }
      let root = (squares.rounded / Double(count) + epsilon).squareRoot()
      guard root > 0 else { return nil }
      for (element, factor) in zip(elements, factors) {
        let value = Double(element) * factor / root
        let exact = Near(value, error: value.magnitude * (7 * 0x1p-53))
        result.append(exact, .oneRounding(of: exact, relativeError: declared))
      }
    }
    return result
  }

  /// Layer normalisation.
  ///
  /// *Error bound*: with u = 2⁻⁵³ and a the greatest |x|, what the additions of a row lose is at most n²·u·a together, and its
  /// own sum is off by n³·u²·a. That makes n²·u²·a of the mean, whose quotient and remainder are Float64s; the remainder
  /// rounds three more times, by (3n + 4)·u²·a in all: with η = (n + 4)²·u²·a each deviation is d + η before it is itself
  /// rounded. The root of the mean of squares is off by η besides a relative 4.1 u: u of the deviations; u of the squares,
  /// 1.1 u of their sum, u of the quotient and of the sum with epsilon, halved; u of the root. With z = d·weight/root, the
  /// product and the quotient add 2 u: z is off by 7.1 u, relative, and η·(|weight| + |z|)/root, since the root of a mean of
  /// squares is at most as far off as the deviations are. The sum with the bias keeps what it loses.
  static func layerNorm(_ input: CheckedCase) -> FilteredExpectation? {
    let (x, weight) = (input.real("x"), input.real("weight").elements)
    let bias = input.optionalReal("bias")?.elements
    let epsilon = Double(input.number("epsilon"))
    let count = x.columns
    guard 1..<1 << 20 ~= count else { return nil }
    let declared = Engine.layerNormRelativeError(terms: count)
    let absolute = Engine.layerNormAbsoluteError(terms: count)
    var result = FilteredExpectation(capacity: x.elements.count)
    for row in 0..<x.rows {
      let elements = x.row(row)
      let deviations = deviations(elements)
      var squares = KeptSum()
      for deviation in deviations { squares.add(deviation * deviation) }
      let root = (squares.rounded / Double(count) + epsilon).squareRoot()
      let greatest = Double(elements.reduce(0) { max($0, $1.magnitude) })
      let off = Double(count + 4) * Double(count + 4) * 0x1p-105 * greatest
      // A root that is not far above its own error says nothing.
      guard root > 0x1p20 * off, root > 0 else { return nil }
      for (index, deviation) in deviations.enumerated() {
        let factor = Double(weight[index])
        let normalised = deviation * factor / root
        let (value, rest) = ErrorFree.sum(normalised, Double(bias?[index] ?? 0))
        let error = normalised.magnitude * 0x1p-50 + off / root * (factor.magnitude + normalised.magnitude) * 2
        let exact = Near(value, rest, error: error)
        let offset = Double(bias?[index].magnitude ?? 0)
        result.append(
          exact,
          .oneRounding(
            of: exact, relativeError: declared,
            absoluteError: offset * declared + factor.magnitude * absolute))
      }
    }
    return result
  }

  /// xᵢ less the mean, each rounded once.
  private static func deviations(_ row: ArraySlice<Float>) -> [Double] {
    var sum = KeptSum()
    for element in row { sum.add(Double(element)) }
    let count = Double(row.count)
    // (high + low)/n as two Float64s: the remainder high − n·q is exact but for its own rounding.
    let quotient = sum.high / count
    let (product, lost) = ErrorFree.product(quotient, count)
    let remainder = ((sum.high - product) - lost) + sum.low
    let rest = remainder / count
    return row.map { element in
      let (difference, first) = ErrorFree.sum(Double(element), -quotient)
      return difference + (first - rest)
    }
  }
}
