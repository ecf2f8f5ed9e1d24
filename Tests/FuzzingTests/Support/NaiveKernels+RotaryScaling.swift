import Foundation
import PlumbModel
import PlumbVerdicts

extension NaiveKernels {
  /// The frequency of a pair for longer contexts, as `modeling_rope_utils.py` of huggingface/transformers writes it; YaRN's places
  /// are Python's numbers, Float64s.
  static func scaled(_ frequency: Float, pair: Int, of size: Int, _ input: CheckedCase) -> Float {
    if let divisors = input.optionalReal("divisors") { return frequency / divisors.elements[pair] }
    let (factor, context) = (input.number("contextFactor"), input.integer("originalContext"))
    let (low, high) = (input.number("lowTurns"), input.number("highTurns"))
    switch input.word("scaling") {
    case "llama3":
      let wavelength = 2 * .pi / frequency
      if wavelength < Float(context) / high { return frequency }
      if wavelength > Float(context) / low { return frequency / factor }
      let smooth = (Float(context) / wavelength - low) / (high - low)
      return (1 - smooth) * frequency / factor + smooth * frequency
    case "none": return frequency
    case let rule:
      func place(_ turns: Float) -> Double {
        Double(size) * log(Double(context) / (Double(turns) * 2 * .pi)) / (2 * log(Double(input.number("theta"))))
      }
      var (first, last) = (place(high), place(low))
      if rule == "yarn" { (first, last) = (first.rounded(.down), last.rounded(.up)) }
      (first, last) = (max(first, 0), min(last, Double(size - 1)))
      let width = first == last ? 0.001 : last - first
      let ramp = min(max((Float(pair) - Float(first)) / Float(width), 0), 1)
      return frequency / factor * ramp + frequency * (1 - ramp)
    }
  }
}
