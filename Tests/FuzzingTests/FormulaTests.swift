import Foundation
import PlumbCases
import PlumbModel
import PlumbTolerance
import PlumbVerdicts
import Testing

/// The formulas that kernels use for one layer, each as a plain kernel in Float32: within what the default allows and what its own
/// name does, and outside what another name allows somewhere.
@Suite struct FormulaTests {
  struct Kernel: Sendable, CustomTestStringConvertible {
    let layer: LayerKind
    let own: String
    /// Another, which it is outside of somewhere; `nil` where the cases are too small to tell.
    let other: String?
    let compute: @Sendable (CheckedCase) throws -> [Float]
    var testDescription: String { "\(layer.rawValue), \(own)" }
  }

  static let kernels = [
    Kernel(layer: .layerNorm, own: "welford", other: "two-pass") {
      try layerNorm($0) { row in
        var (mean, squares) = (Float(0), Float(0))
        for (index, x) in row.enumerated() {
          let difference = x - mean
          mean += difference / Float(index + 1)
          squares += difference * (x - mean)
        }
        return (mean, squares / Float(row.count))
      }
    },
    Kernel(layer: .layerNorm, own: "welford", other: "one-pass") {
      try layerNorm($0) { row in
        // Parts of four elements, updated, and then merged.
        var parts = stride(from: 0, to: row.count, by: 4).map { start in
          var (count, mean, squares) = (Float(0), Float(0), Float(0))
          for x in row[start..<min(start + 4, row.count)] {
            count += 1
            let difference = x - mean
            mean += difference * (1 / count)
            squares += difference * (x - mean)
          }
          return (count: count, mean: mean, squares: squares)
        }
        while parts.count > 1 {
          parts = stride(from: 0, to: parts.count, by: 2).map { index in
            guard index + 1 < parts.count else { return parts[index] }
            let (a, b) = (parts[index], parts[index + 1])
            let (count, difference) = (a.count + b.count, b.mean - a.mean)
            return (
              count, a.mean + difference * (b.count / count),
              a.squares + b.squares + difference * difference * a.count * (b.count / count)
            )
          }
        }
        return (parts[0].mean, parts[0].squares / Float(row.count))
      }
    },
    Kernel(layer: .layerNorm, own: "one-pass", other: "two-pass") {
      try layerNorm($0) { row in
        let (mean, square) = (row.reduce(0, +) / Float(row.count), row.reduce(0) { $0 + $1 * $1 } / Float(row.count))
        return (mean, square - mean * mean)
      }
    },
    Kernel(layer: .softmax, own: "exp2", other: "exp") {
      try rows($0, "x") { row in
        let exponentials = row.map { exp2(($0 - (row.max() ?? 0)) * Float(1.4426950408889634)) }
        let sum = exponentials.reduce(0, +)
        return exponentials.map { $0 / sum }
      }
    },
    Kernel(layer: .logSoftmax, own: "added-back", other: "shifted") {
      try rows($0, "x") { row in
        let greatest = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - greatest) }
        return row.map { $0 - (greatest + log(sum)) }
      }
    },
    Kernel(layer: .crossEntropy, own: "added-back", other: "shifted") { input in
      let (logits, targets) = (try input.tensor("logits"), try input.indices("targets").elements)
      return targets.enumerated().map { index, target in
        let row = Array(logits.row(index))
        let greatest = row.max() ?? 0
        return greatest + log(row.reduce(0) { $0 + exp($1 - greatest) }) - row[target]
      }
    },
    Kernel(layer: .geluTanh, own: "sigmoid", other: "tanh") { input in
      try input.tensor("x").elements.map { x in
        let argument = Float(0.7978845608) * (x + Float(0.044715) * x * x * x)
        return x / (1 + exp(-2 * argument))
      }
    },
    Kernel(layer: .rotaryEmbedding, own: "multiplied-up", other: nil) { try rotated($0, isMultipliedUp: true) },
    Kernel(layer: .rotaryEmbedding, own: "power", other: nil) { try rotated($0, isMultipliedUp: false) },
    Kernel(layer: .layerNorm, own: "two-pass", other: nil) { input in
      try layerNorm(input) { row in
        let mean = row.reduce(0, +) / Float(row.count)
        return (mean, row.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Float(row.count))
      }
    },
    Kernel(layer: .softmax, own: "exp", other: nil) { input in
      try rows(input, "x") { row in
        let exponentials = row.map { exp($0 - (row.max() ?? 0)) }
        return exponentials.map { $0 / exponentials.reduce(0, +) }
      }
    },
    Kernel(layer: .logSoftmax, own: "shifted", other: nil) { input in
      try rows(input, "x") { row in
        let greatest = row.max() ?? 0
        let sum = row.reduce(0) { $0 + exp($1 - greatest) }
        return row.map { ($0 - greatest) - log(sum) }
      }
    },
    Kernel(layer: .geluTanh, own: "tanh", other: nil) { input in
      try input.tensor("x").elements.map { x in
        let argument = Float(0.7978845608) * (x + Float(0.044715) * x * x * x)
        return 0.5 * x * (1 + tanh(argument))
      }
    },
    Kernel(layer: .geluTanh, own: "stepwise", other: nil) { input in
      try input.tensor("x").elements.map { stepwise($0) { $0 } }
    },
    Kernel(layer: .attention, own: "normalised-first", other: nil) { try attended($0, isNormalisedFirst: true) },
    Kernel(layer: .attention, own: "normalised-last", other: nil) { try attended($0, isNormalisedFirst: false) },
  ]

  /// GELU's approximation whose every operation is stored by `store`, in the order in which transformers has them.
  private static func stepwise(_ x: Float, _ store: (Float) -> Float) -> Float {
    let cube = store(store(x * x) * x)
    let argument = store(Float(0.7978845608) * store(x + store(Float(0.044715) * cube)))
    return store(store(0.5 * x) * store(1 + store(tanh(argument))))
  }

  /// Step by step in bfloat16 is within `bf16`, and outside of its formula that keeps the steps.
  @Test func stepsOfGELUMayBeStored() throws {
    let cases = try Catalogue.cases(of: .geluTanh, count: 60, seed: 3)
    var isOutside = false
    for input in try cases.map({ try CheckedCase($0.source.representable(in: .bfloat16)) }) {
      let x = try input.tensor("x")
      let output = x.map { Self.stepwise($0, NaiveMachine.bfloat16) }
      let named = try ["bf16", "bf16,formula=stepwise", "bf16,formula=tanh", "bf16,steps=kept"].map {
        try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: $0)).verdict
      }
      #expect(named[0] != .outside && named[1] != .outside, "\(CaseLine(input.source).text)")
      if named[2] == .outside && named[3] == .outside { isOutside = true }
    }
    #expect(isOutside)
  }

  /// PyTorch's layer norm of bfloat16 on a processor multiplies by the root before it subtracts: one element less itself leaves
  /// what the product's rounding is, and a log-softmax in bfloat16 has its sum stored (outputs of PyTorch 2.15).
  @Test func whatNarrowKernelsDoIsAllowed() throws {
    let kernels: [(line: String, output: [Float])] = [
      ("layer-norm epsilon=0x1p+1 weight=[1]:0x1p+0 x=[1x1]:0x1.8p-104", [0x1p-129]),
      ("layer-norm epsilon=0x1p+1 weight=[1]:0x1p+0 x=[1x1]:0x1.8p+0", [0x1p-25]),
      ("log-softmax x=[1x6]:0,0x1.3p+0,0,0,0,0", [-2.125, -0.9296875, -2.125, -2.125, -2.125, -2.125]),
    ]
    for (line, output) in kernels {
      let input = try CheckedCase(try CaseLine.parse(line))
      for (model, verdict) in [("bf16", Verdict.within), ("bf16,steps=kept", .outside), ("f32", .outside)] {
        let output = Activation(shape: [1, output.count], elements: output)
        let found = try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: model)).verdict
        #expect(found == verdict, "\(model): \(line)")
      }
    }
  }

  private static func layerNorm(
    _ input: CheckedCase, _ statistics: ([Float]) -> (mean: Float, variance: Float)
  ) throws -> [Float] {
    let (weight, epsilon) = (try input.tensor("weight").elements, epsilon(of: input))
    let bias = try? input.tensor("bias").elements
    return try rows(input, "x") { row in
      let (mean, variance) = statistics(row)
      let factor = 1 / (variance + epsilon).squareRoot()
      return row.indices.map { (row[$0] - mean) * factor * weight[$0] + (bias?[$0] ?? 0) }
    }
  }

  private static func epsilon(of input: CheckedCase) -> Float {
    guard case .real(let epsilon)? = input.source.attributes["epsilon"] else { return 1e-5 }
    return epsilon
  }

  private static func rows(_ input: CheckedCase, _ name: String, _ row: ([Float]) -> [Float]) throws -> [Float] {
    let x = try input.tensor(name)
    return (0..<x.rows).flatMap { row(Array(x.row($0))) }
  }

  /// Halves, without a scaling; each frequency the one before it times θ^(−2/d).
  private static func rotated(_ input: CheckedCase, isMultipliedUp: Bool) throws -> [Float] {
    let x = try input.tensor("x")
    guard case .real(let theta)? = input.source.attributes["theta"],
      case .integer(let first)? = input.source.attributes["firstPosition"]
    else { return [] }
    let (heads, size) = (x.shape[1], x.shape[2])
    let factor = Float(pow(Double(theta), -2 / Double(size)))
    var result = x.elements
    for row in 0..<x.rows {
      var frequency: Float = 1
      for pair in 0..<size / 2 {
        let angle = Float(first + row / heads) * frequency
        let (a, b) = (row * size + pair, row * size + pair + size / 2)
        result[a] = x.elements[a] * cos(angle) - x.elements[b] * sin(angle)
        result[b] = x.elements[a] * sin(angle) + x.elements[b] * cos(angle)
        frequency =
          isMultipliedUp ? frequency * factor : Float(pow(Double(theta), -2 * Double(pair + 1) / Double(size)))
      }
    }
    return result
  }

  private static func attribute(_ name: String, of input: CheckedCase) -> AttributeValue? {
    input.source.attributes[name]
      ?? Catalogue.signature(of: input.source.layer).attributes.first { $0.name == name }?.defaultValue
  }

  /// Attention without a soft cap, head by head.
  private static func attended(_ input: CheckedCase, isNormalisedFirst: Bool) throws -> [Float] {
    let (query, key, value) = (try input.tensor("query"), try input.tensor("key"), try input.tensor("value"))
    let (tokens, heads, size) = (query.shape[0], query.shape[1], query.shape[2])
    let (positions, keyHeads, width) = (key.shape[0], key.shape[1], value.shape[2])
    guard case .integer(let first)? = attribute("firstPosition", of: input),
      case .integer(let window)? = attribute("window", of: input),
      case .integer(let after)? = attribute("windowAfter", of: input),
      case .flag(let isCausal)? = attribute("causal", of: input), case .real(let scale)? = attribute("scale", of: input)
    else { return [] }
    var result: [Float] = []
    for row in 0..<tokens * heads {
      let (place, head) = (first + row / heads, row % heads / (heads / keyHeads))
      let seen = (0..<positions).filter {
        (!isCausal || $0 <= place) && (window == 0 || place - $0 < window) && (after == 0 || $0 - place <= after)
      }
      let scores = seen.map { position in
        zip(query.row(row), key.row(position * keyHeads + head)).reduce(0) { $0 + $1.0 * $1.1 }
          * (scale == 0 ? 1 / Float(size).squareRoot() : scale)
      }
      let exponentials = scores.map { exp($0 - (scores.max() ?? 0)) }
      let sum = exponentials.reduce(0, +)
      let weights = isNormalisedFirst ? exponentials.map { $0 / sum } : exponentials
      for element in 0..<width {
        let total = zip(seen, weights).reduce(Float(0)) {
          $0 + $1.1 * value.row($1.0 * keyHeads + head)[value.row($1.0 * keyHeads + head).startIndex + element]
        }
        result.append(isNormalisedFirst || seen.isEmpty ? total : total / sum)
      }
    }
    return result
  }

  /// Whether a case has no more than the kernels here know.
  private static func isKnown(_ input: CheckedCase) -> Bool {
    let attributes = input.source.attributes
    if input.source.layer == .attention {
      return ["softCap", "alibi"].allSatisfy { attribute($0, of: input) == .real(0) }
    }
    guard input.source.layer == .rotaryEmbedding else { return true }
    let plain: [String: AttributeValue] = [
      "interleaved": .flag(false), "rotatedSize": .integer(0), "scalingFactor": .real(1), "scaling": .word("none"),
      "magnitude": .real(1),
    ]
    return input.source.tensors["divisors"] == nil && plain.allSatisfy { attributes[$0] ?? $1 == $1 }
      && attributes["theta"] != nil
      && attributes["firstPosition"] != nil
  }

  /// A greatest element that is read with a great error strays as itself, not only in the differences from it.
  @Test func theGreatestElementsErrorCounts() throws {
    let model = try ArithmeticModel(parsing: "bf16,formula=added-back")
    let x = Activation<Float>(shape: [1, 2], elements: [300.99, 256])
    let input = try CheckedCase(LayerCase(layer: .logSoftmax, attributes: [:], tensors: ["x": .real(x)]))
    // bfloat16 has 300 and 302 about 300.99; the exact result is 256 − 300.99 but for e^−44.
    #expect(try Catalogue.tracked(input, in: model).elements[1].error >= 0.98)
  }

  @Test(arguments: kernels) func eachIsWithinItsOwnAndOutsideAnother(kernel: Kernel) throws {
    var (within, outside, tried) = (0, 0, 0)
    for strategy in Strategy.allCases {
      let generator = CaseGenerator(layer: kernel.layer, strategy: strategy, seed: 25)
      for number in 0..<40 * CaseTests.effort {
        var source = generator.makeCase(number)
        // The kernels here compute the plain loss.
        if kernel.layer == .crossEntropy { source.attributes = [:] }
        let input = try CheckedCase(source)
        guard Self.isKnown(input) else { continue }
        let elements = try kernel.compute(input)
        let shape = Catalogue.engine(input).shape
        tried += 1
        let output = Activation(shape: shape, elements: elements)
        for arithmetic in ["f32", "f32,formula=\(kernel.own)"] {
          let drift = try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: arithmetic))
          #expect(drift.verdict != .outside, "\(arithmetic): \(CaseLine(input.source).text)")
          if drift.verdict == .within { within += 1 }
        }
        if let other = try kernel.other.map({ try ArithmeticModel(parsing: "f32,formula=\($0)") }),
          try Catalogue.judge(input, output: output, in: other).verdict == .outside
        {
          outside += 1
        }
      }
    }
    #expect(within > tried && (outside > 0 || kernel.other == nil), "\(within) within, \(outside) outside, of \(tried)")
  }
}
