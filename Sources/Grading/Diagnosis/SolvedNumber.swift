import Foundation
import PlumbModel
import PlumbVerdicts

/// An attribute of a step that an engine has as another number, which is solved for.
struct SolvedNumber {
  /// The attribute's name.
  let attribute: String
  /// The model's number.
  let given: Float

  /// The octaves about the model's number that are searched, and the parts of one that are looked at first.
  private static let (octaves, parts) = (16, 2)
  /// The steps of the search within a part: each leaves 0.618 of it.
  private static let steps = 48

  /// The attributes of the case `input` that may be another number than 0.
  static func all(of input: CheckedCase) -> [SolvedNumber] {
    Catalogue.signature(of: input.source.layer).attributes.compactMap { slot in
      guard case .real = slot.defaultValue else { return nil }
      let number = input.number(slot.name)
      // Without a scale of its own a score has that of its head's size.
      let isScale = slot.name == "scale" && number == 0
      let given = isScale ? 1 / Float(input.extent("headSize")).squareRoot() : number
      return given > 0 && given.isFinite ? SolvedNumber(attribute: slot.name, given: given) : nil
    }
  }

  /// The numbers that make `loss` least, as few digits of it first, and in the end the number itself.
  ///
  /// The loss falls towards the number from both sides within the part where it is found; one that does not is not found.
  func candidates(_ loss: (Float) -> Double?) -> [Float] {
    func value(_ octave: Double) -> Float { Float(Double(given) * exp2(octave)) }
    func height(_ octave: Double) -> Double { loss(value(octave)) ?? .infinity }
    let grid = (-Self.octaves * Self.parts...Self.octaves * Self.parts).map { Double($0) / Double(Self.parts) }
    guard let middle = grid.map({ ($0, height($0)) }).min(by: { $0.1 < $1.1 }), middle.1.isFinite else { return [] }
    let ratio = (5.0.squareRoot() - 1) / 2
    var (low, high) = (middle.0 - 1 / Double(Self.parts), middle.0 + 1 / Double(Self.parts))
    var (left, right) = (high - ratio * (high - low), low + ratio * (high - low))
    var (atLeft, atRight) = (height(left), height(right))
    for _ in 0..<Self.steps {
      if atLeft < atRight {
        (high, right, atRight) = (right, left, atLeft)
        left = high - ratio * (high - low)
        atLeft = height(left)
      } else {
        (low, left, atLeft) = (left, right, atRight)
        right = low + ratio * (high - low)
        atRight = height(right)
      }
    }
    let found = value((low + high) / 2)
    return (1...7).compactMap { Float(String(format: "%.\($0 - 1)e", Double(found))) } + [found]
  }

  /// The bug of having `number` in the attribute's place.
  func hypothesis(_ layer: LayerKind, _ number: Float) -> Hypothesis {
    Hypothesis(
      "\(layer.rawValue) \(attribute)=\(number)", "Its \(attribute) is \(number) in place of \(given).",
      instead: { [attribute] step, values in
        step.makeCase(values).flatMap { try? CheckedCase($0.source.setting(attribute, .real(number))) }
      })
  }
}
