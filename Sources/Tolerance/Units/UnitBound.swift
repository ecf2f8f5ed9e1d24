/// The bound of an aligned sum however its terms are grouped into blocks: all but the last are full, and follow each other.
struct UnitBound {
  /// The sum, with what the unit adds to its error.
  let tracked: Tracked
  /// The most that cutting and rounding move the sum by.
  let step: Double

  /// `nil` where nothing bounds it.
  ///
  /// *Error bound*: let T be the sum of the computed terms' magnitudes, N their number, B that of the blocks, G the greatest of the
  /// products' exponents, and R at least every partial sum's magnitude. No exponent of a block is greater than
  /// E = max(G, ⌊log₂ R⌋, the exponent of the least normal number of the results' format). A product has no more than 22 bits, and the sum so far no more than the unit keeps, so that in each
  /// block the number that is greatest is not cut; each other one is off by less than 2^(E − bits). There are N − 1 of them, as each
  /// block but the first has one product for each number of it that is cut, the sum so far perhaps among these. A bias of a Float32 that the unit
  /// cannot hold is one more. Each block cuts its result by at most 2^(1 − p) of it, or rounds it by half of that, and below the
  /// normal numbers by one spacing:
  ///
  ///     (N − 1)·2^(E − bits) + B·(2^(1 − p)·R + least).
  ///
  /// Cutting makes nothing greater, so that R = T. Where results are rounded, R ≤ T + step; a step that is found for an
  /// R ≥ T + step holds by induction over the blocks, and so does the one for T + that.
  ///
  /// Nothing is cut where all terms are multiples of 2^(E − bits), and nothing rounded where they are multiples of a 2^k and
  /// T ≤ 2^(k + p).
  init?(
    _ sum: SumBound, _ terms: [UnitTerm], from start: UnitTerm?, _ size: Int, _ addition: MatrixUnit.Block.Addition
  ) {
    let all = terms + (start.map { [$0] } ?? [])
    let products = terms.map(\.exponent).max() ?? UnitTerm.least
    let bit = all.map(\.bit).min() ?? .max
    let (count, blocks) = (Double(all.count), Double(min((sum.terms + size - 1) / size, all.count)))
    let absolute = sum.absolute
    let cut: (_ reach: Double) -> Double
    let format: FloatFormat
    let isNearest: Bool
    // A sum so far that is subnormal in the results' format keeps the exponent of its least normal number.
    func whole(_ reach: Double, in format: FloatFormat) -> Int {
      max(products, UnitTerm.exponent(of: reach, in: format), UnitTerm.least)
    }
    switch addition {
    case .aligned(let bits, let output, let rounds):
      (format, isNearest) = (output, rounds)
      let cuts = count - 1 + (start != nil && bits < 23 ? 1 : 0)
      cut = { reach in
        let last = whole(reach, in: output) - bits
        return bit >= last ? 0 : Outward.productUp(cuts, FloatFormat.power(last))
      }
    case .alignedApart:
      (format, isNearest) = (.float32, true)
      let own = max(products, UnitTerm.least)
      // A block rounds the sum so far down, which is then the greater one, or drops it, and the products' sum.
      cut = { reach in
        let whole = whole(reach, in: .float32)
        if bit >= whole - 24 { return 0 }
        let sums = Outward.sumUp(FloatFormat.power(whole - 24), FloatFormat.power(whole - 31))
        return Outward.sumUp(
          Outward.productUp(count, FloatFormat.power(own - 24)), Outward.productUp(blocks, sums))
      }
    case .rounded: return nil
    }
    let isHeld =
      bit >= format.leastExponent && absolute <= FloatFormat.power(min(bit, 900) + format.precision)
      && cut(absolute) == 0
    let (part, least) = (
      isNearest ? format.roundoff : 2 * format.roundoff,
      bit >= format.leastExponent ? 0 : isNearest ? format.halfLeast : 2 * format.halfLeast
    )
    func step(_ reach: Double) -> Double {
      isHeld
        ? 0 : Outward.sumUp(cut(reach), Outward.productUp(blocks, Outward.sumUp(Outward.productUp(part, reach), least)))
    }
    if isNearest {
      let reach = Outward.sumUp(2 * absolute, 2 * step(absolute))
      let first = step(reach)
      guard Outward.sumUp(absolute, first) <= reach else { return nil }
      self.step = step(Outward.sumUp(absolute, first))
    } else {
      self.step = step(absolute)
    }
    tracked = Tracked(lower: sum.lower, upper: sum.upper, error: Outward.sumUp(sum.inherited, self.step))
  }

  /// The bound where the sums of each `size` products, in blocks of `block`, are added as Float32s in `model`.
  ///
  /// *Error bound*: a group g of M ≤ `size` terms has an exponent of at most that of W_g + 2⁻¹²⁶, W_g being the sum of max(|p|, 2^g) over its
  /// products. With W the sum of all, the groups' errors are at most (M − 1)·2^(−bits)·(W + groups·2⁻¹²⁶) and, each with the blocks of
  /// one group, blocks·2^(1 − p)·T, and one spacing for each block below the normal numbers. Then γ of the groups' additions of T
  /// and that.
  init?(
    _ sum: SumBound, _ terms: [UnitTerm], each size: Int, _ block: MatrixUnit.Block, addedIn model: ArithmeticModel
  ) {
    guard case .aligned(let bits, let output, false) = block.addition else { return nil }
    let groups = (sum.terms + size - 1) / size
    let weight = terms.reduce(Double(groups) * FloatFormat.power(UnitTerm.least)) { sum, term in
      Outward.sumUp(sum, max(term.reach, FloatFormat.power(term.exponent)))
    }
    let most = min(size, terms.count)
    guard let gamma = model.gamma(max(0, groups - 1)) else { return nil }
    let cut = Outward.productUp(Double(max(0, most - 1)) * FloatFormat.power(-bits), weight)
    let rounded = Outward.productUp(
      Double((min(size, sum.terms) + block.size - 1) / block.size) * 2 * output.roundoff, sum.absolute)
    let least = Double((sum.terms + block.size - 1) / block.size) * 2 * output.halfLeast
    let own = Outward.sumUp(Outward.sumUp(cut, rounded), least)
    let flushed = model.flushesToZero ? Double(2 * groups) * FloatFormat.float32.leastNormal * (1 + gamma) : 0
    step = Outward.sumUp(
      Outward.sumUp(own, Outward.productUp(gamma, Outward.sumUp(sum.absolute, own))), flushed)
    tracked = Tracked(lower: sum.lower, upper: sum.upper, error: Outward.sumUp(sum.inherited, step))
  }
}
