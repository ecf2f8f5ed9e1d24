import PlumbModel
import PlumbVerdicts

extension ExactThreshold {
  /// Arguments at which activations, exponentials and what approximates them turn: zero; where results leave Float32's range
  /// or its normal numbers; where 1 + e^−x, tanh and erf become 1; the knots of clamped functions.
  private static let turns: [Float] = [
    0, 0x1p-120, 0x1p-24, 1, 3, 3.8325068, 5, 5.5, 6, 9.010913, 10, 13, 16.635532, 20, 87.33655, 88.72284,
    103.97208, 104,
  ]

  /// One of the turns or a neighbour of it, of either sign.
  private static func turn(using source: inout SeededSource) -> Float {
    let turn = turns.randomElement(using: &source) ?? 0
    // Those of 0 are the business of the edge strategy: the filter leaves them to the exact path.
    let values: [Float] = turn == 0 ? [0] : [turn, turn.nextUp, turn.nextDown]
    let value = values.randomElement(using: &source) ?? turn
    return source.oneIn(2) ? -value : value
  }

  static func meetTurns(_ input: inout LayerCase, _ names: [String], using source: inout SeededSource) {
    for name in names { input.change(name) { _, _ in turn(using: &source) } }
  }

  /// Numbers that lie one of the turns below the greatest of their row, which is 0.
  static func meetDifferences(_ input: inout LayerCase, _ name: String, using source: inout SeededSource) {
    guard let columns = input.tensors[name]?.shape.last, columns > 0 else { return }
    let greatest = Int.random(in: 0..<columns, using: &source)
    input.change(name) { index, _ in index % columns == greatest ? 0 : -turn(using: &source).magnitude }
  }

  /// Rows whose mean square, and whose variance, is epsilon itself.
  static func meetEpsilon(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let columns = input.tensors["x"]?.shape.last, columns > 0 else { return }
    let root: Float = source.oneIn(2) ? 0x1p-10 : 1
    input.attributes["epsilon"] = .real(root * root)
    // As many of either sign, so that the mean is 0 where the number is even.
    input.change("x") { index, _ in (index % columns).isMultiple(of: 2) ? root : -root }
  }

  /// Rows that are multiples of the first: their cosine is 1 or −1.
  static func meetParallels(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let columns = input.tensors["x"]?.shape.last, columns > 0 else { return }
    let row = (0..<columns).map { _ in Float(Int.random(in: -1000...1000, using: &source)) }
    for name in ["x", "y"] {
      let factors: [Float] = ([1, -1, 2, -0.25, 0x1p40] as [Float]).shuffled(using: &source)
      input.change(name) { index, _ in row[index % columns] * factors[index / columns % factors.count] }
    }
  }

  /// A number with an odd last place, and half of that place: their sum lies midway between two Float32s, or next to that.
  private static func tie(using source: inout SeededSource) -> (number: Float, half: Float) {
    // The greatest number and half of its last place, now and then: the least sum that overflows.
    let bits = UInt32.random(in: 0...0x7F_FFFF, using: &source)
    let exponent = source.oneIn(8) ? 254 : UInt32.random(in: 30...220, using: &source)
    let number = Float(bitPattern: exponent << 23 | (source.oneIn(8) ? 0x7F_FFFF : bits))
    let half = number.ulp / 2
    let addends: [Float] = [half, half, half.nextUp, half.nextDown]
    let added = addends.randomElement(using: &source) ?? half
    let sign: Float = source.oneIn(2) ? 1 : -1
    return (number * sign, source.oneIn(4) ? -added * sign : added * sign)
  }

  /// Pairs whose sums are ties of rounding.
  static func meetTies(
    _ input: inout LayerCase, _ first: String, _ second: String, using source: inout SeededSource
  ) {
    guard let shape = input.tensors[first]?.shape else { return }
    // Where the second is a table of which rows are chosen, all sums are the same tie.
    let count = input.tensors[second]?.shape == shape ? shape.reduce(1, *) : 1
    let ties = (0..<count).map { _ in tie(using: &source) }
    guard !ties.isEmpty else { return }
    input.change(first) { index, _ in ties[index % count].number }
    input.change(second) { index, _ in ties[index % count].half }
  }

  /// Sums of two terms that are ties of rounding, and zeros.
  static func meetTiesOfSums(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let columns = input.tensors["x"]?.shape.last, columns > 1 else { return }
    let last = Int.random(in: 1..<columns, using: &source)
    input.change("x") { index, _ in [0, last].contains(index % columns) ? 1 : 0 }
    var half: Float = 0
    input.change("weight") { index, value in
      if index.isMultiple(of: columns) {
        let tie = tie(using: &source)
        half = tie.half
        return tie.number
      }
      return index % columns == last ? half : value
    }
    input.tensors["bias"] = nil
  }

  /// Columns of two numbers whose sums are ties of rounding, and zeros.
  static func meetTiesOfColumns(_ input: inout LayerCase, _ name: String, using source: inout SeededSource) {
    guard let columns = input.tensors[name]?.shape.last, columns > 0 else { return }
    let ties = (0..<columns).map { _ in tie(using: &source) }
    input.change(name) { index, _ in
      switch index / columns {
      case 0: ties[index % columns].number
      case 1: ties[index % columns].half
      default: 0
      }
    }
  }

  /// Pairs whose products have 25 bits, the last of them 1.
  static func meetTiesOfProducts(_ input: inout LayerCase, using source: inout SeededSource) {
    guard let count = input.tensors["x"]?.shape.reduce(1, *) else { return }
    let pairs = (0..<count).map { _ -> (Float, Float) in
      let first = 2 * Int.random(in: 1500...2047, using: &source) + 1
      let second = ((1 << 24) / first + Int.random(in: 1...1000, using: &source)) | 1
      return (Float(first), source.oneIn(2) ? -Float(second) : Float(second))
    }
    input.change("x") { index, _ in pairs[index].0 }
    input.change("gate") { index, _ in pairs[index].1 }
  }
}
