import PlumbLayers
import PlumbModel

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
        $0.source.setting("theta", .real(10000))
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
        let theta = input.number("theta") * input.number("scalingFactor")
        return input.source.setting("theta", .real(theta)).setting("scalingFactor", .real(1))
      },
      mutant("theta-inverted", "Frequencies grow instead of falling.") { $0.exponentFactor = 2 },
      mutant("exponent-halved", "The exponent is i/d instead of 2i/d.") { $0.exponentFactor = -1 }.restated {
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
      }.restated { $0.source.setting("rotatedSize", .integer(0)) },
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
