import Foundation
import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts
import Testing

/// Attention over tiles of keys, as FlashAttention and its kin compute it in Float32.
@Suite struct OnlineTests {
  enum Bug: CaseIterable {
    case none, valuesNotRescaled, sumNotRescaled, firstRescaleMissing, logarithmInBaseTwo, partLost
  }

  /// A kernel of one query head after the other, written plainly.
  struct Kernel {
    var tile = 16
    var splits = 1
    /// Powers of 2 of fused products with the folded scale, in place of e^x.
    var isFolded = false
    var cast: @Sendable (Float) -> Float = { $0 }
    var bug = Bug.none

    func output(_ input: CheckedCase) throws -> Activation<Float> {
      let (query, key, value) = (try input.tensor("query"), try input.tensor("key"), try input.tensor("value"))
      let (positions, size) = (key.shape[0], query.shape[2])
      let scale = 1 / Float(size).squareRoot()
      var result: [Float] = []
      for row in 0..<query.shape[0] * query.shape[1] {
        let query = Array(query.row(row))
        let width = (positions + splits - 1) / splits
        var parts = stride(from: 0, to: positions, by: width).map { first in
          part(query, key, value, first..<min(first + width, positions), scale)
        }
        if bug == .partLost { parts.removeLast() }
        if parts.count == 1 {
          result += parts[0].values
          continue
        }
        let top = parts.map(\.logarithm).max() ?? 0
        let weights = parts.map { exp($0.logarithm - top) }
        let sum = weights.reduce(0, +)
        for element in 0..<size {
          result.append(cast(zip(parts, weights).reduce(Float(0)) { $0 + $1.1 * $1.0.values[element] } / sum))
        }
      }
      return Activation(shape: query.shape, elements: result)
    }

    private func part(
      _ query: [Float], _ key: Activation<Float>, _ value: Activation<Float>, _ places: Range<Int>, _ scale: Float
    ) -> (values: [Float], logarithm: Float) {
      let folded = scale * Float(1.4426950408889634)
      // Raw scores where the scale is folded into the powers.
      func power(_ score: Float, less top: Float) -> Float {
        isFolded ? exp2((-(top * folded)).addingProduct(score, folded)) : exp(score - top)
      }
      var (top, sum, values) = (-Float.infinity, Float(0), [Float](repeating: 0, count: query.count))
      for (tile, first) in stride(from: places.lowerBound, to: places.upperBound, by: tile).enumerated() {
        let keys = first..<min(first + self.tile, places.upperBound)
        let scores = keys.map { place in
          zip(query, key.row(place)).reduce(Float(0)) { $0 + $1.0 * $1.1 } * (isFolded ? 1 : scale)
        }
        let risen = max(top, scores.max() ?? top)
        let factor = tile == 0 ? 0 : isFolded ? exp2((top - risen) * folded) : exp(top - risen)
        top = risen
        let weights = scores.map { power($0, less: top) }
        let isMissing = bug == .firstRescaleMissing && tile == 1
        sum = sum * (bug == .sumNotRescaled ? 1 : factor) + weights.reduce(0, +)
        for element in values.indices {
          let rescaled = values[element] * (bug == .valuesNotRescaled || isMissing ? 1 : factor)
          values[element] = zip(keys, weights).reduce(rescaled) { total, pair in
            total + cast(pair.1) * value.row(pair.0)[value.row(pair.0).startIndex + element]
          }
        }
      }
      let logarithm = top * (isFolded ? scale : 1) + (bug == .logarithmInBaseTwo ? log2(sum) : log(sum))
      return (values.map { cast($0 * (1 / sum)) }, logarithm)
    }
  }

  static func input(_ positions: Int, _ seed: UInt64, scale: Float = 2, format: FloatFormat = .float32) throws
    -> CheckedCase
  {
    var generator = SplitMix64(seed: seed)
    func tensor(_ shape: [Int], _ scale: Float) -> CaseTensor {
      .real(
        Activation(
          shape: shape,
          elements: (0..<shape.reduce(1, *)).map { _ in
            format.nearest(
              to: (0..<4).reduce(0) { sum, _ in sum + Float.random(in: -scale...scale, using: &generator) })
          }))
    }
    return try CheckedCase(
      LayerCase(
        layer: .attention, attributes: ["causal": .flag(false)],
        tensors: [
          "query": tensor([2, 1, 8], scale), "key": tensor([positions, 1, 8], scale),
          "value": tensor([positions, 1, 8], 1),
        ]))
  }

  private static let casts: [(String, @Sendable (Float) -> Float)] = [
    ("f32", { $0 }), ("bf16", NaiveMachine.bfloat16), ("f16", NaiveMachine.float16),
  ]

  private func verdict(_ output: Activation<Float>, _ input: CheckedCase, _ text: String) throws -> LocalDrift {
    try Catalogue.judge(input, output: output, in: ArithmeticModel(parsing: text))
  }

  private static let positions = [1, 2, 17, 64, 300]

  @Test(arguments: positions, [false, true]) func rightKernelsAreWithin(positions: Int, isFolded: Bool) throws {
    var greatest = 0.0
    for (format, cast) in Self.casts {
      let model = try ArithmeticModel(parsing: format)
      for (seed, scale) in [(UInt64(1), Float(0.1)), (2, 1), (3, 4)] {
        let input = try Self.input(positions, seed, scale: scale, format: model.storage)
        for (tile, splits) in [(1, 1), (16, 1), (64, 1), (16, 3)] where splits == 1 || positions > 4 {
          let kernel = Kernel(tile: tile, splits: splits, isFolded: isFolded, cast: cast)
          let output = try kernel.output(input)
          let parts = splits > 1 ? ",splits=\(splits)" + (format == "f32" ? "" : ",partials=\(format)") : ""
          for size in ["", ",tile=\(tile)"] {
            let text = "\(format),formula=online\(size)\(parts)"
            let drift = try verdict(output, input, text)
            #expect(drift.verdict == .within, "\(text), \(positions), \(scale), \(tile): \(drift.margin)")
            greatest = max(greatest, drift.margin)
          }
        }
      }
    }
    // With one key nothing is rounded that is not rounded back.
    #expect(greatest > 0.3 || positions == 1, "\(greatest)")
  }

  @Test(arguments: Array(Bug.allCases.dropFirst())) func wrongKernelsAreOutside(bug: Bug) throws {
    for format in ["f32", "bf16"] {
      let model = try ArithmeticModel(parsing: format)
      let input = try Self.input(100, 5, scale: 1, format: model.storage)
      let splits = bug == .logarithmInBaseTwo || bug == .partLost ? 2 : 1
      let cast = format == "f32" ? Self.casts[0].1 : Self.casts[1].1
      let output = try Kernel(tile: 16, splits: splits, cast: cast, bug: bug).output(input)
      #expect(try verdict(output, input, "\(format),formula=online,tile=16,splits=\(splits)").verdict == .outside)
    }
  }

  /// A bound is finite where kernels are right: 4,096 keys in tiles of 128 differ by a little more than the weights' cast.
  @Test func longRowsHaveBounds() throws {
    let input = try Self.input(4096, 6, scale: 1, format: .bfloat16)
    func greatest(_ text: String) throws -> Double {
      try Catalogue.tracked(input, in: ArithmeticModel(parsing: text)).elements.map(\.error).max() ?? .infinity
    }
    #expect(try greatest("f32,formula=online,tile=128") < 0x1p-9)
    #expect(try greatest("bf16,formula=online,tile=128") < 0x1p-4)
    #expect(try greatest("bf16,unit=h100,formula=online,tile=128,functions=cuda") < 0x1p-4)
    #expect(try greatest("f16,unit=h100,formula=online,tile=128,splits=4") < 0x1p-6)
    #expect(try greatest("f32,formula=online") > greatest("f32,formula=online,tile=128"))
  }

  @Test(arguments: [("f32,tile=8", "formula=online"), ("f32,formula=exp,tile=8", "formula=online")])
  func aTileAloneIsRefused(text: String, hint: String) throws {
    let error = #expect(throws: ArithmeticError.self) { try ArithmeticModel(parsing: text) }
    #expect(try #require(error).problem.contains(hint))
    let model = try ArithmeticModel(parsing: "f32,formula=online,sums=f16")
    #expect(try #require(Catalogue.missingPart(of: .attention, in: model)).contains("sums="))
  }
}
