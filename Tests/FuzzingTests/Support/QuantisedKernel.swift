import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

/// A product of quantised inputs in Float32, whose quantiser and sums are as an engine's may be.
struct QuantisedKernel {
  /// Ways to be wrong.
  enum Bug: String, CaseIterable {
    case scaleOfTheNextBlock, zeroPointOffByOne, saturationForgotten, scaleNotStored, cutInPlaceOfRounded
    case reciprocalInBfloat16

    /// Whether inputs with several blocks, or a scale that is stored, show it.
    func isSeen(of kind: String) -> Bool {
      switch self {
      case .scaleOfTheNextBlock: kind != "int8-tensor"
      case .scaleNotStored: kind == "q8_0"
      case .saturationForgotten, .zeroPointOffByOne: !kind.hasPrefix("fp8")
      case .cutInPlaceOfRounded, .reciprocalInBfloat16: true
      }
    }
  }

  let kind: String
  var bug: Bug?
  /// The lanes that add whole numbers; `nil` for any order of any parts.
  var lanes: Int?
  private var generator: SplitMix64

  init(kind: String, seed: UInt64) {
    self.kind = kind
    generator = SplitMix64(seed: seed)
  }

  private var isFloat: Bool { kind.hasPrefix("fp8") }
  private static func block(_ kind: String, _ columns: Int) -> Int {
    ["q8_0": 32, "q8_k": 256, "fp8-blocks": 128][kind] ?? columns
  }

  /// Inputs of several kinds, with weights that are whole numbers times a scale of each row.
  static func input(_ number: Int, _ kind: String, _ generator: inout SplitMix64) throws -> CheckedCase {
    let columns = [32, 256, 512, 96][number % 4]
    let size = [1, 0x1p-12, 100][number / 4 % 3] as Float
    let x = (0..<3 * columns).map { place -> Float in
      let drawn = Float.random(in: -1...1, using: &generator) * size
      switch number / 12 % 3 {
      // Ties, of a scale that is a power of two.
      case 1: return place % 32 == 0 ? 127 * size : Float(Int.random(in: -253...253, using: &generator)) / 2 * size
      case 2: return place % 64 < 32 ? 0 : drawn * (place % 5 == 0 ? 1 : 0x1p-10)
      default: return drawn
      }
    }
    let scales = (0..<4).map { _ in FloatFormat.float16.nearest(to: Float.random(in: 0.01...0.1, using: &generator)) }
    let weight = (0..<4 * columns).map { Float(Int.random(in: -127...127, using: &generator)) * scales[$0 / columns] }
    return try CheckedCase(
      LayerCase(
        layer: .linear,
        tensors: [
          "x": .real(Activation(shape: [3, columns], elements: x)),
          "weight": .real(Activation(shape: [4, columns], elements: weight)),
        ]))
  }

  /// The quantised inputs of one scale, and that scale.
  private mutating func quantised(_ x: ArraySlice<Float>, greatest: Float) -> (scale: Float, numbers: [Float]) {
    let limit: Float = isFloat ? 448 : 127
    let greatest = max(greatest, kind == "fp8" ? 0x1p-9 : kind == "fp8-blocks" ? 1e-4 : 0)
    guard greatest > 0 else { return (0, x.map { _ in 0 }) }
    let way = bug == .reciprocalInBfloat16 ? 0 : Int.random(in: 0..<3, using: &generator)
    let scale = greatest / limit
    var inverse = limit / greatest
    if bug == .reciprocalInBfloat16 { inverse = FloatFormat.bfloat16.nearest(to: inverse) }
    let isAway = Bool.random(using: &generator)
    let numbers = x.map { x -> Float in
      var ratio = way == 0 ? x * inverse : way == 1 ? x * (1 / scale) : x / scale
      if bug == .saturationForgotten { ratio = ratio * 128 / 127 }
      if isFloat {
        if bug == .cutInPlaceOfRounded { return Float(Self.cut(Double(ratio))) }
        return FloatFormat.e4m3.saturating.nearest(to: ratio)
      }
      if bug == .cutInPlaceOfRounded { return ratio.rounded(.towardZero) }
      let number = ratio.rounded(isAway ? .toNearestOrAwayFromZero : .toNearestOrEven)
      if bug == .saturationForgotten { return number == 128 ? -128 : number }
      return bug == .zeroPointOffByOne ? number + 1 : number
    }
    let kept = kind == "q8_k" && Bool.random(using: &generator) ? 1 / inverse : scale
    return (kind == "q8_0" && bug != .scaleNotStored ? FloatFormat.float16.nearest(to: kept) : kept, numbers)
  }

  /// The number of E4M3 between 0 and `value` that is next to it.
  private static func cut(_ value: Double) -> Double {
    let spacing = FloatFormat.e4m3.spacing(atMagnitude: value.magnitude)
    return (value / spacing).rounded(.towardZero) * spacing
  }

  mutating func output(_ input: CheckedCase) -> Activation<Float> {
    let (x, weight) = (input.real("x"), input.real("weight"))
    let size = Self.block(kind, x.columns)
    let tensor = x.elements.map(\.magnitude).max() ?? 0
    var elements: [Float] = []
    for row in 0..<x.rows {
      var blocks = stride(from: 0, to: x.columns, by: size).map { start in
        let part = x.row(row).dropFirst(start).prefix(size)
        return quantised(part, greatest: kind == "int8-tensor" ? tensor : part.map(\.magnitude).max() ?? 0)
      }
      if bug == .scaleOfTheNextBlock {
        let scales = blocks.map(\.scale)
        for index in blocks.indices { blocks[index].scale = scales[(index + 1) % scales.count] }
        if scales.count == 1 { blocks[0].scale *= 2 }
      }
      for output in 0..<weight.rows { elements.append(product(blocks, weight.row(output), size)) }
    }
    return Activation(shape: [x.rows, weight.rows], elements: elements)
  }

  /// The product with one row of weights, which are whole numbers times the scale that makes the least of them one.
  private mutating func product(
    _ blocks: [(scale: Float, numbers: [Float])], _ weight: ArraySlice<Float>, _ size: Int
  ) -> Float {
    let weights = Array(weight)
    let scale = Self.scale(of: weights)
    let whole = weights.map { ($0 / scale).rounded() }
    var sums = [[Float]](repeating: [], count: lanes ?? 1)
    let isFused = Bool.random(using: &generator)
    for (index, block) in blocks.enumerated() {
      let parts = lanes ?? Int.random(in: 1...max(1, block.numbers.count), using: &generator)
      var partial = [Float](repeating: 0, count: parts)
      let shift = Int.random(in: 0..<parts, using: &generator)
      for (place, number) in block.numbers.enumerated() {
        // Each sum is exact, as all are whole numbers below 2²⁴.
        partial[(place / 4 + shift) % parts] += number * whole[index * size + place]
      }
      for (lane, sum) in partial.enumerated() {
        let term: Float
        switch Int.random(in: 0..<3, using: &generator) {
        case 0: term = block.scale * scale * sum
        case 1: term = block.scale * sum * scale
        default: term = sum * scale * block.scale
        }
        let target = lanes == nil ? 0 : lane
        if isFused, lanes != nil, let before = sums[target].popLast() {
          sums[target].append(before.addingProduct(block.scale * scale, sum))
        } else if lanes != nil, let before = sums[target].popLast() {
          sums[target].append(before + term)
        } else {
          sums[target].append(term)
        }
      }
    }
    guard lanes != nil else { return sums[0].shuffled(using: &generator).reduce(0, +) }
    var lanes = sums.map { $0.first ?? 0 }
    while lanes.count > 1 { lanes = (0..<lanes.count / 2).map { lanes[$0] + lanes[$0 + lanes.count / 2] } }
    return lanes[0]
  }

  /// A scale of which all `weights` are whole multiples up to 127, from the greatest common divisor of their significands.
  private static func scale(of weights: [Float]) -> Float {
    let units = weights.map { Int(($0.magnitude * 0x1p24).rounded()) }
    func divisor(_ a: Int, _ b: Int) -> Int { b == 0 ? a : divisor(b, a % b) }
    return Float(max(units.reduce(0, divisor), 1)) * 0x1p-24
  }
}
