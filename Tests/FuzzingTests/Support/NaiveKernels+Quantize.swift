import PlumbModel
import PlumbTolerance
import PlumbVerdicts

// Quantisers as somebody else would write them: by each of the ways to divide, with either rule for ties.
extension NaiveKernels {
  /// A row in units of its scale, rounded.
  static func quantized(_ row: [Float], _ input: CheckedCase, _ machine: inout NaiveMachine) -> [Float] {
    let greatest = row.reduce(input.number("least")) { max($0, $1.magnitude) }
    guard greatest > 0 else { return row.map { _ in 0 } }
    let limit = limit(input)
    let scale = machine.between(greatest / limit)
    let inverse = machine.between(limit / greatest)
    let reciprocal = machine.between(1 / scale)
    let way = Int(greatest.significandBitPattern % 3)
    return row.map { element in
      let ratio = machine.between(way == 0 ? element / scale : way == 1 ? element * reciprocal : element * inverse)
      if input.word("scheme") == "fp8" { return FloatFormat.e4m3.nearest(to: ratio) }
      if input.word("scheme") == "fp8-e5m2" { return FloatFormat.e5m2.saturating.nearest(to: ratio) }
      let rule: FloatingPointRoundingRule = machine.isFused ? .toNearestOrEven : .toNearestOrAwayFromZero
      return max(-127, min(127, ratio.rounded(rule)))
    }
  }

  private static func limit(_ input: CheckedCase) -> Float {
    ["fp8": 448, "fp8-e5m2": 57344][input.word("scheme")] ?? 127
  }

  /// The scale of each row.
  static func quantizeScales(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let x = input.real("x")
    let scales = (0..<x.rows).map { row -> Float in
      let greatest = x.row(row).reduce(input.number("least")) { max($0, $1.magnitude) }
      guard greatest > 0 else { return 0 }
      let limit = limit(input)
      let ways = [greatest / limit, greatest * (1 / limit), 1 / (limit / greatest)]
      let scale = ways[Int(greatest.significandBitPattern % 3)]
      return input.word("scheme") == "q8_0" ? Float(FloatFormat.float16.rounded(Double(scale))) : machine.store(scale)
    }
    return Activation(shape: [x.rows], elements: scales)
  }
}
