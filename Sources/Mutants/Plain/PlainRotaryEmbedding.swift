import PlumbModel

/// (a, b) → (a·cos φ − b·sin φ, a·sin φ + b·cos φ), φ = position / factor · theta^(−2i / rotatedSize).
struct PlainRotaryEmbedding<Number: PlainNumber>: PlainForm {
  typealias Enclosing = PlainRotaryEmbedding<Enclosed>
  static var layer: LayerKind { .rotaryEmbedding }

  let x: Activation<Number>
  var theta: Number
  /// What positions are divided by.
  var factor: Number
  var isInterleaved: Bool
  /// The leading elements of a head that are turned, and the size that the exponents are over.
  var rotatedSize: Int
  var exponentSize: Int
  /// The position of a head of a token.
  var position: @Sendable (_ token: Int, _ head: Int) -> Int
  /// The factor of i in the exponent.
  var exponentFactor = -2
  /// What becomes of each frequency, each angle, each sine and each cosine.
  var frequency: @Sendable (Number) -> Number = { $0 }
  var angle: @Sendable (Number) -> Number = { $0 }
  var sine: @Sendable (Number) -> Number = { $0.sine() }
  var cosine: @Sendable (Number) -> Number = { $0.cosine() }
  /// Whether the second element is turned with the first one already replaced.
  var isInPlace = false
  /// The pairs that are turned.
  var pairs: Range<Int>
  var round: @Sendable (Number) -> Number = { $0.nearest() }

  init(reading input: PlainInput<Number>) {
    x = input.real("x")
    theta = input.number("theta")
    factor = input.number("scalingFactor")
    isInterleaved = input.flag("interleaved")
    rotatedSize = input.integer("rotatedSize") == 0 ? input.extent("headSize") : input.integer("rotatedSize")
    exponentSize = rotatedSize
    pairs = 0..<rotatedSize / 2
    let first = input.integer("firstPosition")
    position = { token, _ in first + token }
  }

  func result() -> Activation<Number> {
    let (tokens, heads, headSize) = (x.shape[0], x.shape[1], x.shape[2])
    let frequencies = pairs.map { pair in
      frequency(.power(theta, Number(Double(exponentFactor * pair)) / Number(Double(exponentSize))))
    }
    // Each position's turns once, as many heads share them.
    var turns: [Int: [(sine: Number, cosine: Number)]] = [:]
    var result = x
    for token in 0..<tokens {
      for head in 0..<heads {
        let start = (token * heads + head) * headSize
        let place = position(token, head)
        let turn =
          turns[place]
          ?? frequencies.map { frequency in
            let angle = angle(Number(Double(place)) / factor * frequency)
            return (sine(angle), cosine(angle))
          }
        turns[place] = turn
        for (pair, (sine, cosine)) in zip(pairs, turn) {
          let first = start + (isInterleaved ? 2 * pair : pair)
          let second = isInterleaved ? first + 1 : first + rotatedSize / 2
          let (a, b) = (x.elements[first], x.elements[second])
          let turned = a * cosine - b * sine
          result.elements[first] = round(turned)
          result.elements[second] = round((isInPlace ? turned : a) * sine + b * cosine)
        }
      }
    }
    return result
  }

  static var bugs: [Bug<Self>] {
    [
      mutant("pairing-swapped", "Neighbours are paired where halves should be, or the reverse.") {
        $0.isInterleaved.toggle()
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
      mutant("theta-10000", "The base is 10000 whatever the model says.") { $0.theta = 10000 }.restated {
        $0.source.setting("theta", .real(10000))
      },
      mutant("factor-ignored", "Positions are not scaled.") { $0.factor = 1 }.restated {
        $0.source.setting("scalingFactor", .real(1))
      },
      mutant("factor-inverted", "Positions are multiplied by their factor.") { $0.factor = 1 / $0.factor }.restated {
        $0.source.setting("scalingFactor", .real(1 / $0.number("scalingFactor")))
      },
      mutant("factor-on-theta", "The base is multiplied by the positions' factor.") {
        $0.theta = $0.theta * $0.factor
        $0.factor = 1
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
      mutant("truncated", "The result is cut off instead of rounded.") { $0.round = { $0.truncated() } },
      mutant("flush-to-zero", "Subnormal results become 0.") { $0.round = { $0.flushed() } },
      rowTailSkipped, vectorTailSkipped,
    ]
  }
}

extension PlainRotaryEmbedding: PlainLayer where Number == Double {}
