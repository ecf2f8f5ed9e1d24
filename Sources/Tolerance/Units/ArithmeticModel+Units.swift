// Products of matrices by a unit. A block of n products p is added to the sum c so far. The exponent of a product is that of its
// factors together, of which a subnormal one keeps the least normal number's: for factors that are normal, 2^g ≤ |p| < 2^(g + 2).
extension ArithmeticModel {
  /// The format of the factors of matrix products.
  package var operands: FloatFormat { factors ?? storage }

  /// The format of the tensors that a layer is given: of numbers that matrix products take as they are, where there are such.
  package var inputs: FloatFormat { factors.map { $0 == .tensorFloat32 ? storage : $0 } ?? storage }

  /// The dot product of two rows of a matrix product, and `bias` more where there is one.
  ///
  /// *Error bound*: given a unit, the greatest of those of its descriptions; a bias begins the sum or is added to it. Parts that are
  /// added apart are added as Float32s.
  package func matrixDot(_ a: [Tracked], _ b: [Tracked], bias: Tracked?) -> Tracked {
    if quantiser != nil { return quantisedDot(a, b, bias: bias) }
    guard let unit = matrixUnit else { return dot(a, b, bias: bias) }
    let blocks = unit.blocks(of: operands).map { block in
      MatrixUnit.Block(size: block.size, addition: addition(of: block), leastFactor: block.leastFactor)
    }
    func sum(from start: Tracked?) -> Tracked {
      let sums = blocks.map { block in
        unit.promotion.map { promoted(a, b, block, each: $0) } ?? parts(a, b, from: start, block)
      }
      return sums.dropFirst().reduce(sums.first ?? .outside) { $0.orAs($1) }
    }
    guard let bias else { return sum(from: nil) }
    let added = self.sum(sum(from: nil), bias)
    return unit.promotion == nil ? sum(from: bias).orAs(added) : added
  }

  /// The rules of a block, whose results are rounded to `sums` where that is said.
  private func addition(of block: MatrixUnit.Block) -> MatrixUnit.Block.Addition {
    guard let sums, case .aligned(let bits, _, _) = block.addition else { return block.addition }
    return .aligned(bits: bits, output: sums, isNearest: true)
  }

  /// The operations on Float32s beside the unit.
  private var apart: ArithmeticModel {
    var model = self
    (model.matrixUnit, model.factors, model.sums, model.order, model.splits, model.partials) = (
      nil, nil, nil, .any, 1, nil
    )
    return model
  }

  /// The sums of parts of neighbouring terms, the first of which begins with `start`.
  private func sums(
    _ a: [Tracked], _ b: [Tracked], from start: Tracked?, _ block: MatrixUnit.Block, each size: Int
  ) -> [Tracked] {
    stride(from: 0, to: a.count, by: size).map { first in
      let places = first..<min(first + size, a.count)
      return part(a[places], b[places], from: first == 0 ? start : nil, block)
    }
  }

  private func parts(
    _ a: [Tracked], _ b: [Tracked], from start: Tracked?, _ block: MatrixUnit.Block
  ) -> Tracked {
    guard splits > 1, !a.isEmpty else { return part(a[...], b[...], from: start, block) }
    let sums = sums(a, b, from: start, block, each: (a.count + splits - 1) / splits)
    return apart.anyOrder(sums.map { sum in partials.map { rounded(sum, to: $0) } ?? sum })
  }

  /// The sum that begins anew after each `size` products, while those before are added as Float32s.
  private func promoted(_ a: [Tracked], _ b: [Tracked], _ block: MatrixUnit.Block, each size: Int) -> Tracked {
    let sum = SumBound(a, b, bias: nil)
    guard order == .any, !sum.isOutside, sum.specials.isEmpty else {
      let sums = sums(a, b, from: nil, block, each: size)
      return sums.dropFirst().reduce(sums.first ?? Tracked(0)) { apart.sum($0, $1) }
    }
    let terms = zip(a, b).compactMap { UnitTerm($0, $1, of: operands) }
    let bound = UnitBound(sum, terms, each: size, block, addedIn: apart)
    return bound.map { apart.overflowing($0.tracked, sum, step: $0.step, in: .float32) } ?? .outside
  }

  /// The sum of one part: in blocks of neighbours one after the other where a sequence is declared, otherwise however its terms are
  /// grouped.
  private func part(
    _ a: ArraySlice<Tracked>, _ b: ArraySlice<Tracked>, from start: Tracked?, _ block: MatrixUnit.Block
  ) -> Tracked {
    if case .rounded(let order, let isOdd) = block.addition {
      return rounded(
        flushed(a, below: block.leastFactor), flushed(b, below: block.leastFactor), from: start, order, isOdd: isOdd)
    }
    let (a, b) = (Array(a), Array(b))
    let sum = SumBound(a, b, bias: start)
    let exact = Tracked(lower: sum.lower, upper: sum.upper, error: sum.inherited, specials: sum.specials)
    guard !sum.isOutside, exact.isFinite, exact.isReal else { return exact.isReal ? .outside : exact }
    let terms = zip(a, b).map { UnitTerm($0, $1, of: operands) }
    let first = start.flatMap { UnitTerm($0, of: accumulation) }
    let free = UnitBound(sum, terms.compactMap { $0 }, from: first, block.size, block.addition).map { bound in
      apart.overflowing(bound.tracked, sum, step: bound.step, in: sums ?? accumulation)
    }
    guard order != .any else { return free ?? .outside }
    var running = UnitSum(from: first)
    for start in stride(from: 0, to: terms.count, by: block.size) {
      let terms = terms[start..<min(start + block.size, terms.count)].compactMap { $0 }
      guard running.add(terms, block.addition) else { return free ?? .outside }
    }
    return free.map { $0.error < running.tracked.error ? $0 : running.tracked } ?? running.tracked
  }

  /// The sum by operations in Float32 that flush.
  private func rounded(
    _ a: [Tracked], _ b: [Tracked], from start: Tracked?, _ order: Order, isOdd: Bool
  ) -> Tracked {
    var model = apart
    (model.order, model.mayFuse, model.flushesToZero, model.isFaithful) = (order, true, true, isFaithful || isOdd)
    let start = start.flatMap { flushed([$0], below: FloatFormat.float32.leastNormal).first }
    // A Float32 holds the product of two factors of 12 bits or less, which so are terms that nothing rounds, underflow aside.
    let terms = zip(a, b).map { model.product($0, $1) }
    if self.order != .any { return model.total(terms, and: start) }
    // However the terms are grouped, a chain has no depth but their number.
    if order == .lanes(1) { model.order = .any }
    return model.bounded(SumBound(terms, bias: start))
  }

  /// Factors of which those whose magnitude is below `least` may be taken as 0.
  private func flushed(_ row: some Sequence<Tracked>, below least: Double) -> [Tracked] {
    row.map { $0.leastReach < least ? $0.widened(by: min($0.reach, least)) : $0 }
  }
}
