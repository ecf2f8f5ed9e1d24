/// The coefficients of Σ x^k ÷ (f(1)···f(k)) as integers of one limb over common divisors, so that a term costs a product by
/// one limb and a division is left only where a limb is full.
///
/// Terms come in groups from k = first on, as long as f(first)···f(last) is below 2^64; the coefficient of k is
/// f(k + 1)···f(last), and what the terms after `last` are together is divided by their group's product before it is added.
struct SeriesCoefficients {
  /// A term's integer coefficient, and what the sum of all later terms is to be divided by before it is added.
  struct Coefficient {
    let value: UInt
    let laterDivisor: UInt?
  }

  let terms: [Coefficient]
  /// The divisor of the sum of all terms: the coefficient of x⁰.
  let divisor: UInt

  /// The first `count` terms.
  init(count: Int, factor: (Int) -> UInt) {
    func factorOrOne(_ index: Int) -> UInt { index == 0 ? 1 : factor(index) }
    var values: [UInt] = []
    var lasts: [Int] = []
    var divisors: [UInt] = []
    var first = 0
    while first < count {
      var last = first
      var product = factorOrOne(first)
      while last + 1 < count {
        let (next, overflow) = product.multipliedReportingOverflow(by: factor(last + 1))
        if overflow { break }
        (product, last) = (next, last + 1)
      }
      var value: UInt = 1
      var group: [UInt] = []
      for index in (first...last).reversed() {
        group.append(value)
        value *= factorOrOne(index)
      }
      values += group.reversed()
      divisors.append(product)
      lasts.append(last)
      first = last + 1
    }
    var later = [UInt?](repeating: nil, count: count)
    for (last, divisor) in zip(lasts, divisors.dropFirst()) { later[last] = divisor }
    terms = zip(values, later).map { Coefficient(value: $0, laterDivisor: $1) }
    divisor = divisors.first ?? 1
  }

  /// The least count of terms for |x| < 2^−bits after which the first one left out is at most half a unit of 2^−scale; ⌊log₂⌋ of
  /// each factor is counted.
  static func count(bits: Int, scale: Int, factor: (Int) -> UInt) -> Int {
    var (count, sum) = (0, 0)
    while sum < scale + 1 {
      count += 1
      sum += bits + UInt.bitWidth - 1 - factor(count).leadingZeroBitCount
    }
    return count
  }
}
