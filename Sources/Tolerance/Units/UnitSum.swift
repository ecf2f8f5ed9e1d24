/// The sum of a matrix unit after some blocks, in a known order: the exact one, and by how much the computed one may lie below or above.
///
/// Cutting moves a number toward 0, so that positive terms only ever lower the computed sum, and negative ones raise it.
struct UnitSum {
  private(set) var lower = 0.0
  private(set) var upper = 0.0
  private(set) var down = 0.0
  private(set) var up = 0.0
  /// The computed sum is a multiple of 2 to this power.
  private var bit = Int.max
  /// Whether the sum has been rounded to the unit's output.
  private var isOutput = false

  /// The sum that begins with `start`.
  init(from start: UnitTerm?) {
    guard let start else { return }
    (lower, upper, down, up, bit) = (start.lower, start.upper, start.error, start.error, start.bit)
  }

  /// The tracked sum.
  var tracked: Tracked { Tracked(lower: lower, upper: upper, error: max(down, up)) }

  /// The ends of the computed sum.
  private var ends: (lower: Double, upper: Double) { (Outward.sumDown(lower, -down), Outward.sumUp(upper, up)) }

  /// Adds a block of products that are not 0; false where its sum may not be finite.
  ///
  /// *Error bound*: a term that is no multiple of q is off by less than q, and by no more than itself; the result by less than its
  /// spacing cut, by half of it rounded. A term's error and a rounding are 0 where the numbers are known to be multiples of powers
  /// of two that are great enough.
  mutating func add(_ terms: [UnitTerm], _ addition: MatrixUnit.Block.Addition) -> Bool {
    // Products that are 0 leave what the unit holds as it is.
    if terms.isEmpty && (isOutput || bit == .max) { return true }
    let products = terms.map(\.exponent).max() ?? UnitTerm.least
    let output: FloatFormat
    switch addition {
    case .aligned(let bits, let format, _):
      output = format
      let whole = max(products, exponent(in: output))
      cutSum(toMultiplesOf: whole - bits, in: output, isDown: false)
      take(terms, cutToMultiplesOf: whole - bits)
    case .alignedApart:
      output = .float32
      let (whole, apart) = (max(products, exponent(in: output)), max(products, UnitTerm.least))
      if terms.contains(where: { $0.reach >= 0x1p128 }) { return false }
      cutSum(toMultiplesOf: whole - 24, in: output, isDown: true)
      take(terms, cutToMultiplesOf: apart - 24)
      if bit < whole - 31 { down = Outward.sumUp(down, FloatFormat.power(whole - 31)) }
    case .rounded: return false
    }
    if case .aligned(_, _, false) = addition {
      round(to: output, isNearest: false)
    } else {
      round(to: output, isNearest: true)
    }
    return max(ends.upper, -ends.lower) <= output.greatest
  }

  /// At least the exponent of the computed sum.
  private func exponent(in format: FloatFormat) -> Int {
    max(UnitTerm.exponent(of: max(ends.upper, -ends.lower), in: format), UnitTerm.least)
  }

  /// Cuts the sum so far toward 0, or rounds it down or drops it.
  private mutating func cutSum(toMultiplesOf power: Int, in format: FloatFormat, isDown: Bool) {
    let (least, greatest) = ends
    let reach = max(greatest, -least)
    guard reach > 0 else { return }
    let near = least > 0 ? least : greatest < 0 ? -greatest : 0
    // A number of the format is a multiple of its own spacing.
    let own = isOutput && near > 0 ? Int(near.exponent) - format.precision + 1 : Int.min
    guard max(bit, own) < power else { return }
    let step = min(FloatFormat.power(power), reach)
    if greatest > 0 || isDown { down = Outward.sumUp(down, isDown ? FloatFormat.power(power) : step) }
    if least < 0 { up = Outward.sumUp(up, step) }
  }

  /// Adds terms that are cut toward 0.
  private mutating func take(_ terms: [UnitTerm], cutToMultiplesOf power: Int) {
    let step = FloatFormat.power(power)
    for term in terms {
      lower = Outward.sumDown(lower, term.lower)
      upper = Outward.sumUp(upper, term.upper)
      let cut = term.bit < power ? min(step, term.reach) : 0
      down = Outward.sumUp(down, Outward.sumUp(term.error, term.mayBePositive ? cut : 0))
      up = Outward.sumUp(up, Outward.sumUp(term.error, term.mayBeNegative ? cut : 0))
      bit = min(bit, term.bit)
    }
  }

  /// Rounds the sum to a number of `format`.
  private mutating func round(to format: FloatFormat, isNearest: Bool) {
    let (least, greatest) = ends
    defer { (bit, isOutput) = (max(bit, format.leastExponent), true) }
    let isHeld =
      bit >= format.leastExponent
      && max(greatest, -least) <= FloatFormat.power(min(bit + format.precision, 1000))
    if isHeld { return }
    if isNearest {
      let step = format.spacing(atMagnitude: max(greatest, -least)) / 2
      (down, up) = (Outward.sumUp(down, step), Outward.sumUp(up, step))
      return
    }
    if greatest > 0 { down = Outward.sumUp(down, min(greatest, format.spacing(atMagnitude: greatest))) }
    if least < 0 { up = Outward.sumUp(up, min(-least, format.spacing(atMagnitude: -least))) }
  }
}

extension UnitTerm {
  /// The exponent that a sum of 0 has: no block is aligned below it, whichever description is right.
  static let least = -126
}
