import CVectors
import PlumbModel

/// Calls of the kernels of training: sizes that fill tiles, panels and vectors and sizes that do not.
enum TrainingCalls {
  static func all() -> [Call] {
    var random = SplitMix64(seed: 30)
    return products(&random) + attention(&random) + rows(&random)
  }

  /// With more terms than are packed at a time, with the rows along either axis, added to what is there or not.
  private static func products(_ random: inout SplitMix64) -> [Call] {
    let sizes = [(1, 1, 1), (3, 7, 40), (14, 16, 32), (6, 0, 5), (33, 300, 71), (20, 12, 64), (5, 513, 16)]
    return sizes.flatMap { rows, terms, columns in
      [0, 1].flatMap { adds in
        [false, true].map { isTransposed in
          Call(
            PLUMB_VECTOR_MATRIX_PRODUCT, isTransposed ? 1 : terms, isTransposed ? rows : 1, rows, terms, columns, adds
          ).with(random.hostile(rows * terms)).with(random.floats(terms * columns))
            .with(random.floats(rows * columns)).floats(rows * columns)
        }
      }
    }
      + sizes.map { rows, columns, _ in
        Call(PLUMB_VECTOR_MATRIX_TRANSPOSE, rows, columns).with(random.hostile(rows * columns)).floats(rows * columns)
      }
  }

  private static func attention(_ random: inout SplitMix64) -> [Call] {
    [(1, 2, 2, 2), (5, 4, 8, 4), (60, 6, 18, 12), (130, 32, 64, 32)].map { tokens, size, queryStride, keyStride in
      let (queries, keys) = ((tokens - 1) * queryStride + size, (tokens - 1) * keyStride + size)
      let scale = 1 / Float(size).squareRoot()
      // Between the rows of one head lie those of others, which nobody writes.
      return Call(
        PLUMB_VECTOR_CAUSAL, tokens, size, queryStride, keyStride, Int(scale.bitPattern)
      ).with(random.floats(queries)).with(random.floats(keys)).with(random.floats(keys)).with(random.floats(queries))
        .with(random.floats(keys)).with(random.floats(keys)).floats(tokens * tokens).floats(queries).floats(queries)
        .floats(keys).floats(keys)
    }
  }

  private static func rows(_ random: inout SplitMix64) -> [Call] {
    var calls: [Call] = []
    for (rows, columns) in [(1, 1), (3, 8), (2, 21), (5, 48)] {
      let count = rows * columns
      calls.append(
        Call(PLUMB_VECTOR_NORM_BACKWARD, rows, columns, Int(Float(1e-5).bitPattern)).with(random.floats(count))
          .with(random.floats(columns)).with(random.floats(count)).with(random.floats(count))
          .with(random.floats(columns)).floats(count).floats(columns).doubles(rows))
      let angles = (0..<columns / 2).map { Double($0) / 40 }
      calls.append(
        Call(PLUMB_VECTOR_TURN, rows, columns / 2 * 2, (-1.0).integer).with(random.floats(rows * (columns / 2 * 2)))
          .with(angles.map { 1 - $0 * $0 }).with(angles).floats(rows * (columns / 2 * 2)))
      calls.append(
        Call(PLUMB_VECTOR_GATED, count).with(random.floats(count, exponents: -12...9)).with(random.floats(count))
          .with(random.floats(count)).floats(count).floats(count).floats(count))
      calls.append(
        Call(PLUMB_VECTOR_LOSS, count, count / 2, 0.125.integer).with(random.floats(count, exponents: -10...6))
          .floats(count).doubles(2))
      calls.append(
        Call(PLUMB_VECTOR_ADAM, count).with(random.floats(count)).with(random.floats(count)).with(random.floats(count))
          .with(random.floats(count).map(\.magnitude)).floats(count).floats(count).floats(count))
    }
    return calls
  }
}
