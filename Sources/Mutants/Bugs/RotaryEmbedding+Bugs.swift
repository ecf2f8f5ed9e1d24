import PlumbLayers
import PlumbModel
import PlumbVerdicts

extension RotaryEmbedding: Plantable where Context: BugContext {
  static var layer: LayerKind { .rotaryEmbedding }

  static var bugs: [Bug<Self>] {
    [
      mutant("pairing-swapped", "Neighbours are paired where halves should be, or the reverse.") {
        $0.pairing = $0.pairing == .adjacent ? .halfSplit : .adjacent
      }.restated { $0.source.setting("interleaved", .flag(!$0.flag("interleaved"))) },
      mutant("position-plus-1", "Positions count from 1.") { plain in
        let position = plain.position
        plain.position = { position($0, $1) + 1 }
      }.restated { $0.source.setting("firstPosition", .integer($0.integer("firstPosition") + 1)) },
      mutant("position-from-0", "Every call starts at position 0.") { $0.position = { token, _ in token } }.restated {
        $0.source.setting("firstPosition", .integer(0))
      },
      mutant("first-position-for-all", "Every token takes the first one's position.") { plain in
        let position = plain.position
        plain.position = { _, head in position(0, head) }
      },
      mutant("head-added", "The head's index is added to the position.") { plain in
        let position = plain.position
        plain.position = { token, head in position(token, head) + head }
      },
      mutant("position-capped", "Positions wrap at 2048, the length of a table.") { plain in
        let position = plain.position
        plain.position = { position($0, $1) % 2048 }
      },
      mutant("theta-10000", "The base is 10000 whatever the model says.") { $0.theta = $0.parameter(10000) }.restated {
        $0.scalesByPairs ? nil : $0.source.setting("theta", .real(10000))
      },
      mutant("factor-ignored", "Positions are not scaled.") { $0.factor = nil }.restated {
        $0.source.setting("scalingFactor", .real(1))
      },
      mutant("factor-inverted", "Positions are multiplied by their factor.") { $0.factor = $0.factor.map { 1 / $0 } }
        .restated {
          $0.source.setting("scalingFactor", .real(1 / $0.number("scalingFactor")))
        },
      mutant("factor-on-theta", "The base is multiplied by the positions' factor.") {
        $0.theta = $0.factor.map { [theta = $0.theta] in theta * $0 } ?? $0.theta
        $0.factor = nil
      }.restated { input in
        guard !input.scalesByPairs else { return nil }
        let theta = input.number("theta") * input.number("scalingFactor")
        return input.source.setting("theta", .real(theta)).setting("scalingFactor", .real(1))
      },
      mutant("theta-inverted", "Frequencies grow instead of falling.") { $0.exponentFactor = 2 },
      mutant("exponent-halved", "The exponent is i/d instead of 2i/d.") { $0.exponentFactor = -1 }.restated {
        guard !$0.scalesByPairs else { return nil }
        // The root of the base is the base of the halved exponents, where Float32 has it.
        let (theta, root) = (Double($0.number("theta")), $0.number("theta").squareRoot())
        return Double(root) * Double(root) == theta ? $0.source.setting("theta", .real(root)) : nil
      },
      mutant("exponent-over-head", "The exponent is over the head's size where only a part is turned.") {
        $0.exponentSize = $0.x.columns
      },
      mutant("whole-head-turned", "The whole head is turned where only a part should be.") { plain in
        plain.rotatedSize = plain.x.columns
        plain.exponentSize = plain.rotatedSize
        plain.pairs = 0..<plain.rotatedSize / 2
        if case .divisors(let divisors) = plain.scaling {
          plain.scaling = .divisors(divisors + Array(repeating: 1, count: max(plain.pairs.count - divisors.count, 0)))
        }
      }.restated { input in
        let isOfPairs = input.scalesByPairs || input.optionalReal(RotaryScalingPart.divisors) != nil
        return isOfPairs ? nil : input.source.setting("rotatedSize", .integer(0))
      },
      mutant("sign-of-sine", "Pairs turn the other way.") { $0.sine = { -$0.sine() } },
      mutant("sine-cosine-swapped", "Sine and cosine are swapped.") {
        $0.sine = { $0.cosine() }
        $0.cosine = { $0.sine() }
      },
      mutant("in-place", "The second element is turned with the first one already replaced.") { $0.isInPlace = true },
      mutant("angle-in-float32", "Angles are rounded to Float32.") { $0.angle = { $0.rounded(to: .float32) } },
      mutant("frequency-in-float32", "Frequencies are rounded to Float32.") {
        $0.frequency = { $0.rounded(to: .float32) }
      },
      mutant("frequency-in-bf16", "Frequencies are kept in bfloat16.") {
        $0.frequency = { $0.rounded(to: .bfloat16) }
      },
      mutant("table-in-float16", "Sines and cosines are kept in binary16.") {
        $0.sine = { $0.sine().rounded(to: .float16) }
        $0.cosine = { $0.cosine().rounded(to: .float16) }
      },
      mutant("table-in-float32", "Sines and cosines are rounded to Float32.") {
        $0.sine = { $0.sine().rounded(to: .float32) }
        $0.cosine = { $0.cosine().rounded(to: .float32) }
      },
      mutant("pi-of-7-digits", "Angles are reduced by 2π to seven digits.") {
        $0.angle = { $0 - ($0 / 6.283185).rising { $0.rounded() } * 6.283185 }
      },
      mutant("scaling-forgotten", "Frequencies are as they are, whatever the context.") { $0.scaling = .none }
        .restated { $0.source.withoutRotaryScaling },
      mutant("all-slowed", "Every frequency is divided, fast pairs' too.") { plain in
        let none = plain.parameter(0)
        plain.share = { none * $0 }
      }.restated { input in
        guard input.word("scaling") != RotaryScalingPart.Rule.none.rawValue else { return nil }
        let (own, other) = (input.number("scalingFactor"), input.number("contextFactor"))
        let factor = own * other
        guard Double(factor) == Double(own) * Double(other) else { return nil }
        return input.source.withoutRotaryScaling.setting("scalingFactor", .real(factor))
      },
      mutant("ramp-inverted", "Fast pairs are slowed, and slow ones stay as they are.") { plain in
        let whole = plain.parameter(1)
        plain.share = { whole - $0 }
      },
      mutant("ramp-one-pair-late", "YaRN's ramp begins and ends one pair too late.") {
        if case .ramp(let factor, let first, let last) = $0.scaling {
          $0.scaling = .ramp(factor: factor, first: first + 1, last: last + 1)
        }
      },
      mutant("turns-in-radians", "Turns are counted without 2π.") {
        switch $0.scaling {
        case .smooth(let factor, let low, let high, let context):
          $0.scaling = .smooth(factor: factor, low: low, high: high, context: context * 2 * .pi)
        case .turns(let factor, let fast, let slow, let context):
          $0.scaling = .turns(factor: factor, fast: fast, slow: slow, context: context * 2 * .pi)
        case .none, .divisors, .ramp: break
        }
      },
      mutant("divisors-multiply", "Frequencies are multiplied by their divisors.") {
        if case .divisors(let divisors) = $0.scaling { $0.scaling = .divisors(divisors.map { 1 / $0 }) }
      },
      mutant("divisor-of-pair-0", "Every frequency is divided by the first divisor.") {
        if case .divisors(let divisors) = $0.scaling { $0.scaling = .divisors(divisors.map { _ in divisors[0] }) }
      },
      mutant("magnitude-forgotten", "Sines and cosines are multiplied by 1.") { $0.magnitude = .number(1) }.restated {
        $0.source.setting("magnitude", .real(1))
      },
      mutant("magnitude-twice", "Sines and cosines are multiplied by the magnitude twice.") {
        if case .number(let magnitude) = $0.magnitude { $0.magnitude = .number(magnitude * magnitude) }
      },
      mutant("first-pair-skipped", "The first pair is not turned.") {
        $0.pairs = min(1, $0.rotatedSize / 2)..<$0.rotatedSize / 2
      },
      mutant("last-pair-skipped", "The last pair is not turned.") { $0.pairs = 0..<max(0, $0.rotatedSize / 2 - 1) },
      truncated,
      flushed,
      rowTailSkipped, vectorTailSkipped,
    ]
  }
}

extension CheckedCase {
  /// Whether frequencies are scaled by the places of their pairs, which depend on the base and on how many there are.
  fileprivate var scalesByPairs: Bool { word("scaling").hasPrefix("yarn") }
}

extension LayerCase {
  /// The case with frequencies as they are.
  fileprivate var withoutRotaryScaling: LayerCase {
    var result = setting("scaling", .word(RotaryScalingPart.Rule.none.rawValue))
    result.tensors[RotaryScalingPart.divisors] = nil
    return result
  }
}
