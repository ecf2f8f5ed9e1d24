/// e^(−y) for many y ≥ 0 at one precision: fixed point of `limbCount` limbs after the point.
///
/// Method: −y = t − k·log 2 with 0 ≤ t < 3/4, t = i/64 + j/4096 + x with 0 ≤ x < 2^−12, and
/// e^(−y) = e^x · e^(j/4096) · e^(i/64) ÷ 2^k, the second and the third from a table, e^x from Taylor's series.
///
/// Source: the reduction by two tables and the series whose coefficients are integers of one limb over a common divisor are
/// those of Johansson, "Efficient implementation of elementary functions in the medium-precision range" (2015), sections 3
/// and 4; the splitting of the sum is Paterson & Stockmeyer's (1973).
///
/// *Error bound*: 32 units of 2^(−64·`limbCount`).
///
/// *Proof*. In those units. Every operation rounds down and every quantity is positive, so errors of operations only take
/// away.
/// - A power of x is a rounded product of two: it lacks e ≤ 1 + 2·2^−12·e, below 2. Σ cₖ·x^(k mod m) lacks at most Σ 2·cₖ,
///   each product with x^m 1 + 2·1.001·c of its leading coefficient, each division 1. Divided by the divisor of the first
///   group, which is the coefficient of x⁰, that is below Σ 2/k! + Σ 2.1/(jm)! < 6 for k, j ≥ 1 where m ≥ 2, and below 4 where m = 1;
///   what the later groups lack is divided by at least 20! again: below 1. The last division: 1. The terms left out: the
///   first is at most half a unit, each later one less than half of the one before: 1. Sum: below 9.
/// - With σ = e^x − 1 < 0.0003 and φ = e^(j/4096) − 1 < 0.0156: σ + φ + σφ lacks 9·1.016 + 2·1.001 + 1 < 13.
/// - With that sum τ and c + γ = e^(i/64) < 2.09: c + γ + cτ + γτ lacks 13·2.09 + 2·1.016 + 1 < 31.
/// - k ≥ 1: the shift leaves less than 15.5, and its own rounding less than 1.
/// - t lacks less than k units, for log 2 was rounded down, and y is exact. As e^t ≤ 2.12, that is less than
///   2.12·k ÷ 2^k·1.01 < 1.1 units of the result. Sum: below 18.
struct NegativeExponential {
  /// The limbs after the point.
  let limbCount: Int
  private let table: ExponentialTable
  private let coefficients: SeriesCoefficients
  private let blockLength: Int

  /// The bound proved above, in units.
  static let error: UInt64 = 32

  init(limbCount: Int) {
    self.limbCount = limbCount
    table = ExponentialTable.table(limbCount: limbCount)
    let count = SeriesCoefficients.count(bits: 12, scale: 64 * limbCount) { UInt($0) }
    coefficients = SeriesCoefficients(count: count) { UInt($0) }
    var length = 1
    while length * length < count { length += 1 }
    blockLength = length
  }

  /// The limbs that `evaluate` needs to work.
  var scratchCount: Int { (blockLength + 6) * (limbCount + 1) + 1 }

  /// Makes `result`, which has one limb more than the fraction, e^(−y).
  ///
  /// `y` has as many, the last of them before the point.
  func evaluate(_ y: Limbs, into result: MutableLimbs, scratch: MutableLimbs) {
    precondition(y.count == limbCount + 1 && result.count == limbCount + 1)
    // e^(−64(n + 1)) is below 2^(−92n), less than a unit.
    guard y[limbCount] < 64 * UInt(limbCount + 1) else {
      result.clear()
      return
    }
    let (whole, halvings) = mantissa(y, scratch: scratch)
    result.set(whole, shiftedLeft: -halvings)
  }

  /// e^(−y)·2^k, between 1 and 2.12, in `scratch`, and k ≥ 1, with 2^k ≥ e^y.
  ///
  /// *Error bound*: 31 + 2.2·k units, by the proof above. As t ≥ 0, e^y = 2^k·e^(−t) ≤ 2^k.
  /// - Precondition: y is below 64·(`limbCount` + 1).
  func mantissa(_ y: Limbs, scratch: MutableLimbs) -> (Limbs, halvings: Int) {
    let n = limbCount
    let reduced = scratch.part(0, n + 1)
    let sum = scratch.part(n + 1, n + 1)
    let product = scratch.part(2 * (n + 1), 2 * n + 1)
    let powers = scratch.part(4 * (n + 1) + 1, (blockLength + 1) * n)
    let halvings = reduce(y, into: reduced)
    let top = reduced[n - 1]
    let (i, j) = (Int(top >> 58), Int(top >> 52 & 63))
    reduced[n - 1] = top & (1 << 52 - 1)
    series(reduced.limbs.part(0, n), into: sum, powers, product)

    let tau = sum.part(0, n)
    let square = product.part(0, 2 * n)
    let skipped = table.limbCount - n
    Limbs.reading(table.fine) { fine in
      let phi = fine.part(j * table.limbCount + skipped, n)
      square.setProduct(tau.limbs, phi)
      // Below 0.02 in all: nothing is carried out.
      tau.add(square.limbs.part(n, n))
      tau.add(phi)
    }
    let whole = scratch.part(0, n + 1)
    Limbs.reading(table.coarse) { coarse in
      let entry = coarse.part(i * (table.limbCount + 1) + skipped, n + 1)
      square.setProduct(tau.limbs, entry.part(0, n))
      whole.set(entry)
      whole.add(square.limbs.part(n, n))
      for _ in 0..<entry[n] { whole.add(tau.limbs) }
    }
    return (whole.limbs, halvings)
  }

  /// Makes `reduced` t = k·log 2 − y, between 0 and 3/4, and returns k ≥ 1.
  ///
  /// k is one more than y·(2^32 ÷ log 2 rounded down) ÷ 2^32, y cut to 32 bits after the point: above y ÷ log 2 but for
  /// an error below 2^−15, and so t is above −2^−15; where it is negative k is one too small. It is at most log 2.
  private func reduce(_ y: Limbs, into reduced: MutableLimbs) -> Int {
    let n = limbCount
    // Below 2^52: the whole part is below 2^20, as there are fewer than 2^14 limbs.
    let cut = y[n] << 32 | y[n - 1] >> 32
    var k = cut.multipliedFullWidth(by: 6_196_328_018).high + 1
    let skipped = table.limbCount - n
    Limbs.reading(table.logarithmOfTwo) { all in
      let logarithm = all.part(skipped, n)
      reduced[n] = reduced.part(0, n).setProduct(logarithm, k)
      while reduced.subtract(y) {
        // Below 0: y goes back on, and another log 2.
        k += 1
        reduced[n] = reduced.part(0, n).setProduct(logarithm, k)
      }
    }
    return Int(k)
  }

  /// Makes `sum`, of one limb more than the fraction, e^x.
  private func series(_ x: Limbs, into sum: MutableLimbs, _ powers: MutableLimbs, _ product: MutableLimbs) {
    let n = limbCount
    let m = blockLength
    func power(_ index: Int) -> MutableLimbs { powers.part(index * n, n) }
    power(1).set(x)
    for index in 2..<max(m + 1, 2) {
      let square = product.part(0, 2 * n)
      if index % 2 == 0 {
        square.setSquare(power(index / 2).limbs)
      } else {
        square.setProduct(power(index / 2).limbs, power(index - index / 2).limbs)
      }
      power(index).set(square.limbs.part(n, n))
    }
    // x^m < 2^(−12m): so many limbs of it are 0.
    let zeros = min(12 * m / 64, n - 1)
    sum.clear()
    for index in coefficients.terms.indices.reversed() {
      let coefficient = coefficients.terms[index]
      if let divisor = coefficient.laterDivisor { sum.divide(by: divisor) }
      if index % m > 0 {
        sum[n] += sum.part(0, n).addProduct(power(index % m).limbs, coefficient.value)
        continue
      }
      sum[n] += coefficient.value
      if index > 0 {
        let whole = product.part(0, 2 * n + 1 - zeros)
        whole.setProduct(sum.limbs, power(m).limbs.part(0, n - zeros))
        sum.clear()
        sum.part(0, n + 1 - zeros).set(whole.limbs.part(n, n + 1 - zeros))
      }
    }
    sum.divide(by: coefficients.divisor)
  }
}
