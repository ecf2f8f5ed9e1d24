import Foundation
import PlumbModel
import PlumbTolerance
import PlumbVerdicts

// Quantisers as somebody else would write them: by each of the ways to divide, with either rule for ties, and exponents by a logarithm.
extension NaiveKernels {
  /// A row in units of its scale, rounded.
  static func quantized(_ row: [Float], _ input: CheckedCase, _ machine: inout NaiveMachine) -> [Float] {
    let greatest = greatest(row, input)
    let way = Int(greatest.significandBitPattern % 3)
    var ratios: [Float]
    if let power = power(greatest, input) {
      ratios = row.map { $0 / power }
    } else if input.word("scheme") == "nvfp4" {
      let (scale, global) = (ofTensor(greatest, input, machine), input.number("globalScale"))
      guard scale != 0 else { return row.map { _ in 0 } }
      let (over, under) = (machine.between(global / scale), machine.between(scale / global))
      let inverse = machine.between(1 / under)
      ratios = row.map { way == 0 ? machine.between($0 * global) / scale : way == 1 ? $0 * over : $0 * inverse }
    } else {
      guard greatest != 0 else { return row.map { _ in 0 } }
      let limit = limit(input)
      let scale = machine.between(greatest / limit)
      let inverse = machine.between(limit / greatest)
      let reciprocal = machine.between(1 / scale)
      ratios = row.map { way == 0 ? $0 / scale : way == 1 ? $0 * reciprocal : $0 * inverse }
    }
    return ratios.map { ratio in
      let ratio = machine.between(ratio)
      switch input.word("scheme") {
      case "fp8", "mxfp8": return FloatFormat.e4m3.saturating.nearest(to: ratio)
      case "fp8-e5m2", "mxfp8-e5m2": return FloatFormat.e5m2.saturating.nearest(to: ratio)
      case "mxfp4", "nvfp4":
        let numbers: [Float] = [0, 0.5, 1, 1.5, 2, 3, 4, 6]
        let nearest = numbers.min { abs($0 - ratio.magnitude) < abs($1 - ratio.magnitude) } ?? 0
        return Float(signOf: ratio, magnitudeOf: nearest)
      default:
        let rule: FloatingPointRoundingRule = machine.isFused ? .toNearestOrEven : .toNearestOrAwayFromZero
        return max(-127, min(127, ratio.rounded(rule)))
      }
    }
  }

  private static func limit(_ input: CheckedCase) -> Float {
    ["fp8": 448, "mxfp8": 448, "fp8-e5m2": 57344, "mxfp8-e5m2": 57344, "mxfp4": 6, "nvfp4": 6][input.word("scheme")]
      ?? 127
  }

  /// The greatest magnitude, with the scale's sign.
  private static func greatest(_ row: [Float], _ input: CheckedCase) -> Float {
    let first = row.reduce(0) { $1.magnitude > $0.magnitude ? $1 : $0 }
    let magnitude = max(first.magnitude, input.number("least"))
    return input.word("scheme") == "q8_k" && first > 0 ? -magnitude : magnitude
  }

  /// The scale of E4M3 beside the tensor's.
  private static func ofTensor(_ greatest: Float, _ input: CheckedCase, _ machine: NaiveMachine) -> Float {
    let global = input.number("globalScale")
    let scale =
      switch greatest.significandBitPattern % 3 {
      case 0: machine.between(global * machine.between(greatest / 6))
      case 1: machine.between(global * machine.between(greatest * (1 / 6)))
      default: machine.between(machine.between(global * greatest) / 6)
      }
    return FloatFormat.e4m3.saturating.nearest(to: scale)
  }

  /// The scale that is a power of two, by a logarithm in Float32; `nil` where the scheme has none.
  private static func power(_ greatest: Float, _ input: CheckedCase) -> Float? {
    guard input.word("scheme").hasPrefix("mx") else { return nil }
    let units: [String: Float] = ["mxfp8": 8, "mxfp8-e5m2": 15]
    let unit = units[input.word("scheme")] ?? 2
    let exponent: Float =
      switch input.word("rule") {
      case "ceil": log2(greatest / limit(input)).rounded(.up)
      case "round": log2(greatest / limit(input)).rounded()
      case "ggml-cuda": log2(greatest).rounded(.toNearestOrEven) - unit
      default: log2(greatest).rounded(.down) - unit
      }
    return Float(sign: .plus, exponent: Int(min(max(exponent, -127), 127)), significand: 1)
  }

  /// The scale of each row.
  static func quantizeScales(_ input: CheckedCase, _ machine: inout NaiveMachine) -> Activation<Float> {
    let x = input.real("x")
    let scales = (0..<x.rows).map { row -> Float in
      let greatest = greatest(Array(x.row(row)), input)
      if let power = power(greatest, input) { return power }
      if input.word("scheme") == "nvfp4" { return ofTensor(greatest, input, machine) }
      guard greatest != 0 else { return 0 }
      let limit = limit(input)
      let ways = [greatest / limit, greatest * (1 / limit), 1 / (limit / greatest)]
      let scale = ways[Int(greatest.significandBitPattern % 3)]
      return input.word("scheme") == "q8_0" ? Float(FloatFormat.float16.rounded(Double(scale))) : machine.store(scale)
    }
    return Activation(shape: [x.rows], elements: scales)
  }
}
