import CVectors
import PlumbModel

/// Calls of the engine's kernels: every kernel, weights of every type, sizes that fill vectors, tiles and panels and sizes
/// that do not, numbers of every exponent.
enum KernelCalls {
  static func all() -> [Call] {
    var random = SplitMix64(seed: 2211)
    return linear(&random) + decoding(&random) + attention(&random) + elements(&random) + products(&random)
  }

  /// Products with few tokens, many and one; rows of more columns than are taken at a time; a part of the rows.
  private static func linear(_ random: inout SplitMix64) -> [Call] {
    var calls: [Call] = []
    for type in TensorType.allCases {
      let block = type.elementsPerBlock
      // More than 768 and 1024 columns, and rows that no run of 32 fills where the type has such.
      let wide = block == 1 ? 1061 : 1280
      let shapes = [
        (1, 5 * max(block, 32)), (1, wide), (2, block == 1 ? 17 : block), (3, block), (4, wide), (7, 2 * block),
        (49, wide),
        (62, block == 1 ? 33 : block),
      ]
      for (index, (tokens, columns)) in shapes.enumerated() {
        let outputs = tokens > 4 ? 37 : 70
        let bytes = random.tensor("w", type, [outputs, columns]).withUnsafeBytes { Array($0) }
        let isPart = index % 2 == 1
        calls.append(
          Call(
            PLUMB_VECTOR_LINEAR, Int(type.rawValue), bytes.count / outputs, columns, tokens, outputs, isPart ? 3 : 0,
            isPart ? outputs - 2 : outputs
          ).with(bytes).with(random.floats(tokens * columns)).with(index % 3 == 0 ? random.floats(outputs) : [])
            .floats(tokens * outputs))
      }
    }
    // Without columns, and with infinities and NaN.
    calls.append(
      Call(PLUMB_VECTOR_LINEAR, 0, 0, 0, 3, 5, 0, 5).with([UInt8]()).with([Float]()).with([Float]()).floats(15))
    calls.append(
      Call(PLUMB_VECTOR_LINEAR, 0, 4 * 40, 40, 50, 3, 0, 3).with(random.hostile(120)).with(random.hostile(2000))
        .with(random.floats(3)).floats(150))
    return calls
  }

  private static func decoding(_ random: inout SplitMix64) -> [Call] {
    TensorType.allCases.flatMap { type in
      [type.elementsPerBlock, type.elementsPerBlock == 1 ? 1061 : 1280].map { columns in
        // Any bytes: scales that are infinite, not numbers and subnormal as well.
        let bytes = (0..<columns / type.elementsPerBlock * type.bytesPerBlock).map { _ in
          UInt8.random(in: 0...255, using: &random)
        }
        return Call(PLUMB_VECTOR_DECODE, Int(type.rawValue), columns).with(bytes).floats(columns)
      }
    }
  }

  private static func attention(_ random: inout SplitMix64) -> [Call] {
    var calls: [Call] = []
    for (rows, growth, positions, size) in [
      (1, 0, 1, 1), (3, 0, 40, 64), (9, 0, 17, 10), (1, 1, 16, 33), (2, 1, 5, 16), (6, 1, 1, 40), (7, 1, 30, 64),
      (13, 1, 20, 48), (18, 1, 3, 7),
    ] {
      let most = positions + (rows - 1) * growth, padded = (size + 15) / 16 * 16
      let (queryStride, outStride, groups) = (size + 3, most + 2, (most + 15) / 16)
      let groupStride = 16 * size + 5
      for root in [Double(size).squareRoot(), 8] {
        calls.append(
          Call(
            PLUMB_VECTOR_SCORES, queryStride, rows, growth, groupStride, positions, size, root.integer, outStride
          ).with(random.floats((rows - 1) * queryStride + size)).with(
            random.floats((groups - 1) * groupStride + 16 * size)
          ).floats((rows - 1) * outStride + most))
      }
      let stride = padded + 1
      calls.append(
        Call(PLUMB_VECTOR_VALUES, outStride, rows, growth, stride, positions, size, queryStride)
          .with(random.floats((rows - 1) * outStride + most)).with(random.floats((most - 1) * stride + padded))
          .floats((rows - 1) * queryStride + size))
    }
    return calls
  }

  /// Products with the rows of the first matrix along either of its axes, all of the result or a part of it.
  private static func products(_ random: inout SplitMix64) -> [Call] {
    [(1, 1, 1), (3, 7, 40), (4, 16, 16), (6, 0, 5), (9, 33, 71), (5, 12, 0)].flatMap { rows, terms, columns in
      [false, true].map { isTransposed in
        let isPart = rows > 4 && columns > 8
        return Call(
          PLUMB_VECTOR_PRODUCTS, isTransposed ? 1 : terms, isTransposed ? rows : 1, terms, columns, isPart ? 2 : 0,
          isPart ? rows - 1 : rows, isPart ? 3 : 0, isPart ? columns - 2 : columns
        ).with(random.hostile(rows * terms)).with(random.floats(terms * columns)).floats(rows * columns)
      }
    }
  }

  private static func elements(_ random: inout SplitMix64) -> [Call] {
    var calls: [Call] = []
    for count in [0, 1, 7, 8, 15, 16, 33, 101] {
      let (x, y) = (random.floats(count), random.hostile(count))
      let parts: [Call] = [
        Call(PLUMB_VECTOR_SOFTMAX, count).with(random.floats(count, exponents: -10...6)),
        Call(PLUMB_VECTOR_SOFTMAX, count).with(y),
        Call(PLUMB_VECTOR_RMS_NORM, count, Int(Float(1e-5).bitPattern)).with(x).with(y),
        Call(PLUMB_VECTOR_ADD, count).with(x).with(y), Call(PLUMB_VECTOR_MULTIPLY, count).with(x).with(y),
      ]
      calls += parts.map { $0.floats(count) }
    }
    // As many as `plumb_function` names.
    let functions = 13
    for function in 0..<functions {
      let x = random.hostile(300) + random.floats(261, exponents: -12...9)
      calls.append(Call(PLUMB_VECTOR_MAP_ROUNDED, function, x.count).with(x).floats(x.count))
      let wide = x.map { Double($0) * 1.000_000_01 }
      calls.append(Call(PLUMB_VECTOR_MAP, function, x.count).with(wide).doubles(x.count))
    }
    return calls
  }
}

extension SplitMix64 {
  /// Numbers of either sign, of about the sizes that activations have.
  mutating func floats(_ count: Int, exponents: ClosedRange<Int> = -20...3) -> [Float] {
    (0..<count).map { _ in float(exponents: exponents) }
  }

  /// Any 32 bits: numbers of every exponent, subnormals, infinities and NaNs, and zeros of both signs.
  mutating func hostile(_ count: Int) -> [Float] {
    let special: [UInt32] = [0, 0x8000_0000, 0x7f80_0000, 0xff80_0000, 0x7fc0_0000, 1, 0x8000_0001, 0x7f7f_ffff]
    return (0..<count).map { _ in
      Int.random(in: 0..<8, using: &self) == 0
        ? Float(bitPattern: special.randomElement(using: &self) ?? 0)
        : Float(bitPattern: UInt32.random(in: 0...UInt32.max, using: &self))
    }
  }
}

extension Double {
  /// The bits, as a record holds them.
  var integer: Int { Int(bitPattern: UInt(bitPattern)) }
}
