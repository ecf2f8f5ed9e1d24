import PlumbLayers
import PlumbModel

extension RotaryEmbeddingBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .rotaryEmbeddingBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("turned-forwards", "The gradient is turned by the angle itself.") { $0.rotation.sine = { $0.sine() } },
      mutant("sine-forgotten", "Only the cosines are multiplied by.") { $0.rotation.sine = { $0.parameter(0) * $0 } },
      mutant("sine-and-cosine-swapped", "Sine and cosine stand in each other's place.") {
        $0.rotation.sine = { -$0.cosine() }
        $0.rotation.cosine = { $0.sine() }
      },
      mutant("pairing-swapped", "Neighbours are turned instead of halves, or the reverse.") {
        $0.rotation.pairing = $0.rotation.pairing == .adjacent ? .halfSplit : .adjacent
      },
      mutant("position-plus-1", "Positions begin one too late.") { plain in
        let position = plain.rotation.position
        plain.rotation.position = { position($0, $1) + 1 }
      },
      mutant("in-place", "The second element is turned with the first one already replaced.") {
        $0.rotation.isInPlace = true
      },
      mutant("angle-in-float16", "Angles are kept in binary16.") { $0.rotation.angle = { $0.rounded(to: .float16) } },
      mutant("scaling-forgotten", "Frequencies are as they are, whatever the context.") { $0.rotation.scaling = .none },
      mutant("magnitude-forgotten", "Sines and cosines are multiplied by 1.") { $0.rotation.magnitude = .number(1) },
      mutant("first-pair-skipped", "The first pair is not turned.") {
        $0.rotation.pairs = 1..<$0.rotation.pairs.upperBound
      },
      signFlipped, resultInBfloat16, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}

extension EmbeddingBackward: Plantable where Context: BugContext {
  static var layer: LayerKind { .embeddingBackward }

  static var bugs: [Bug<Self>] {
    [
      mutant("written-not-added", "Of equal tokens the last one's gradient counts alone.") {
        $0.counted = { places, _ in places.suffix(1) }
      },
      mutant("first-place-only", "Of equal tokens the first one's gradient counts alone.") {
        $0.counted = { places, _ in Array(places.prefix(1)) }
      },
      mutant("before-forgotten", "What was there before is lost.") { $0.sum = { $0[1..<$0.count].total } },
      mutant("row-0-skipped", "Token 0 is taken for padding and has no gradient.") {
        $0.counted = { places, row in row == 0 ? [] : places }
      },
      mutant("last-token-skipped", "The last token is left out.") { plain in
        let last = plain.tokens.count - 1
        plain.counted = { places, _ in places.filter { $0 != last } }
      },
      mutant("mean-of-equal-tokens", "The gradients of equal tokens are averaged.") {
        $0.sum = { terms in
          let others = terms[1..<terms.count]
          return (terms.first ?? terms.number(0)) + others.total / terms.number(Double(max(others.count, 1)))
        }
      },
      mutant("sum-in-bf16", "The sums are kept in bfloat16.") { $0.sum = { $0.total(in: .bfloat16) } },
      mutant("sum-in-float16", "The sums are kept in binary16.") { $0.sum = { $0.total(in: .float16) } },
      signFlipped, resultInBfloat16, rowTailSkipped, vectorTailSkipped, firstRowRepeated,
    ]
  }
}
