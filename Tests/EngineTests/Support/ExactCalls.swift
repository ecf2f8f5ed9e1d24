import CVectors
import PlumbModel

/// Calls of the exact core's C functions, within what each of them asks for.
enum ExactCalls {
  static func all() -> [Call] {
    var random = SplitMix64(seed: 2212)
    return products(&random) + sums(&random) + weights(&random) + survey(&random) + digits(&random)
  }

  private static func products(_ random: inout SplitMix64) -> [Call] {
    var calls: [Call] = []
    for (slices, groups, columns) in [(1, 1, 4), (3, 5, 12), (4, 9, 28), (2, 33, 40)] {
      let stride = columns + slices - 1
      let corrections = (0..<columns).map { _ in Int32.random(in: -256...256, using: &random) }
      calls.append(
        Call(PLUMB_VECTOR_PANEL_PRODUCT, slices, groups, stride, columns).with(random.bytes(slices * groups * 128))
          .with(random.bytes(4 * stride * groups)).with(corrections).bytes(4 * 32 * (columns / 4 + 1)))
    }
    // The third is cut along both factors, the fourth along its terms.
    for (xRows, xWords, rows, words, stride) in [
      (1, 1, 1, 1, 4), (13, 2, 40, 3, 24), (2, 7, 3, 8, 8), (1, 1, 2, 1, 4104), (25, 1, 33, 2, 12),
    ] {
      let sum = xWords + words + 1
      calls.append(
        Call(PLUMB_VECTOR_REMAINDER_PRODUCT, xRows, xWords, rows, words, stride, 32 * xWords, 32 * words, sum)
          .with(random.bytes(4 * xRows * xWords * stride)).with(random.bytes(4 * rows * words * stride))
          .bytes(4 * xRows * rows * sum))
    }
    return calls
  }

  private static func sums(_ random: inout SplitMix64) -> [Call] {
    [(1, 1), (7, 3), (40, 8), (33, 13)].map { terms, count in
      Call(PLUMB_VECTOR_PANEL_SUMS, terms, count).with(random.doubles(24 * terms)).with(random.doubles(terms * count))
        .doubles(24 * count)
    }
      + [1, 8, 21].map { terms in
        Call(PLUMB_VECTOR_TRANSPOSE, terms).with(random.doubles(24 * terms)).doubles(24 * terms).doubles(24 * terms)
      }
  }

  private static func weights(_ random: inout SplitMix64) -> [Call] {
    TensorType.allCases.flatMap { type in
      [1, 3].map { stride in
        let count = type.elementsPerBlock == 1 ? 301 : 512
        let bytes = random.bytes(count / type.elementsPerBlock * type.bytesPerBlock)
        return Call(PLUMB_VECTOR_EXACT_WEIGHTS, Int(type.rawValue), count, stride).with(bytes)
          .doubles(stride * (count - 1) + 1).bytes(4)
      }
    }
  }

  private static func survey(_ random: inout SplitMix64) -> [Call] {
    var calls: [Call] = []
    for count in [1, 8, 17, 256] {
      let x = random.hostile(count).map { $0.isFinite ? $0 : 1 }
      let values = zip(x, random.floats(count, exponents: -30 ... -22)).map { Double($0) * (1 + Double($1)) }
      let errors = values.map { ($0.magnitude + 0x1p-149) * 0x1p-50 }
      let magnitudes = values.map { $0.magnitude * 3 }
      // Half of what a Float32 can be off by, in both directions from it, and where nothing is claimed.
      let lower = values.map { max($0.magnitude * 0x1p-24, 0x1p-150) }
      let upper = lower.enumerated().map { $0 % 11 == 10 ? .infinity : $1 * (1 + 0x1p-40) }
      let rests = values.enumerated().map { $0 % 3 == 0 ? 0 : $1 * 0x1p-60 }
      let zeros = [Double](repeating: 0, count: count)
      let (floats, above) = (lower.map { Float($0) }, upper.map { Float($0).nextUp })
      calls += [
        Call(PLUMB_VECTOR_MAY_NOT_ROUND, count, 0x1p-20.integer).with(magnitudes).with(values).bytes(4),
        Call(
          PLUMB_VECTOR_SUM_BOUNDS, count, 0x1p-20.integer, 0x1p-140.integer, 0x1p-40.integer, 0x1p-45.integer
        ).with(magnitudes).doubles(count).doubles(count).doubles(count),
        Call(PLUMB_VECTOR_NEAR_MEDIAN, count, Double(floats[0]).integer, Double(above[0]).integer).with(floats)
          .with(above).bytes(4 * count).bytes(16),
        Call(PLUMB_VECTOR_ROUNDING_BOUNDS, count, 0x1p-50.integer).with(values).with(errors).with(lower).with(upper)
          .doubles(count).doubles(count),
        Call(PLUMB_VECTOR_EXACT_BOUNDS, count).with(values).with(rests).doubles(count).doubles(count),
        Call(PLUMB_VECTOR_EXACT_BOUNDS, count).with(x.map(Double.init)).with(zeros).doubles(count).doubles(count),
        Call(PLUMB_VECTOR_LOGISTIC, count).with(x).doubles(count).doubles(count),
        Call(PLUMB_VECTOR_LOGISTIC, count).with(random.floats(count, exponents: -12...10)).doubles(count).doubles(
          count),
      ]
      for isKnown in [0, 1] {
        let cells = 4 * 16_385
        calls.append(
          Call(
            PLUMB_VECTOR_SURVEY, count, isKnown, 2.0.integer, 1e6.integer, 0x1p120.integer, 0x1p120.integer
          ).with(x).with(values).with(isKnown == 1 ? rests : zeros).with(isKnown == 1 ? zeros : errors).with(lower)
            .with(upper).floats(count).floats(count).bytes(2 * count).bytes(8).bytes(cells).bytes(cells))
      }
    }
    return calls
  }

  private static func digits(_ random: inout SplitMix64) -> [Call] {
    let numbers = random.floats(40, exponents: -30...20) + [0, -0.0, .leastNonzeroMagnitude]
    var calls: [Call] = [
      Call(PLUMB_VECTOR_DIGITS_EXPONENTS, numbers.count).with(numbers).bytes(12),
      Call(PLUMB_VECTOR_DIGITS_EXPONENTS, 3).with([Float.infinity, 1, .nan]).bytes(12),
      Call(PLUMB_VECTOR_DIGITS_OF_FLOATS, numbers.count, -149, 6, 44).with(numbers).bytes(4 * 6 * 44),
      Call(PLUMB_VECTOR_DIGITS_OF_FLOATS, 8, -20, 2, 8).with(random.integers(8, below: 1 << 22).map(Float.init))
        .bytes(4 * 2 * 8),
      Call(PLUMB_VECTOR_PACK_WEIGHTS, 6, 3, 2, 5).with(random.integers(6, below: 1 << 22)).bytes(128 * 2 * 3),
      Call(PLUMB_VECTOR_PACK_DIGITS, 9, 6, 9).with(random.bytes(9)).bytes(4 * 9 * 2),
    ]
    for (count, size) in [(3, 1), (5, 4), (4, 7)] {
      // Offset binary, whose highest bits are those of numbers that are small enough.
      var words = (0..<count * size).map { _ in UInt64.random(in: 0...UInt64.max, using: &random) }
      let grouped = size / 4 * 4
      for number in 0..<count where size > 0 {
        let last = size - 1
        let place =
          last < grouped
          ? 4 * (last / 4 * count + number) + last % 4 : grouped * count + (last - grouped) * count + number
        words[place] = 1 << 63 + words[place] >> 2
      }
      calls.append(
        Call(PLUMB_VECTOR_DIGITS_OF_WORDS, count, size, 2 * size + 1, count).with(Array(words[..<(grouped * count)]))
          .with(Array(words[(grouped * count)...])).bytes(4 * (2 * size + 1) * count))
    }
    return calls
  }
}

extension SplitMix64 {
  fileprivate mutating func bytes(_ count: Int) -> [UInt8] {
    (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
  }

  fileprivate mutating func doubles(_ count: Int) -> [Double] {
    (0..<count).map { _ in Double(float(exponents: -20...3)) * Double.random(in: 1..<2, using: &self) }
  }

  fileprivate mutating func integers(_ count: Int, below limit: Int) -> [Int] {
    (0..<count).map { _ in Int.random(in: -limit..<limit, using: &self) }
  }
}
