import PlumbLayers
import PlumbModel

extension LinearBias {
  /// The bias whose slopes are those of a power of two, whatever the number of heads.
  package var ofPlainPowers: LinearBias {
    var bias = self
    let last = exponents.count.nonzeroBitCount == 1 ? exponents.last : exponents.dropLast().max()
    bias.exponents = exponents.indices.map { (last ?? 0) * Double($0 + 1) / Double(exponents.count) }
    return bias
  }

  /// The bias whose slopes begin with 1: each head has that of the head before it.
  package var fromOne: LinearBias {
    var bias = self
    bias.exponents = [0] + exponents.dropLast()
    return bias
  }

  /// The bias that is added twice.
  package var doubled: LinearBias {
    var bias = self
    bias.exponents = exponents.map { $0 - 1 }
    return bias
  }

  /// The bias whose slopes rise from head to head.
  package var reversed: LinearBias {
    var bias = self
    bias.exponents.reverse()
    return bias
  }

  /// The bias that the scores' scale multiplies where it should not, or the reverse.
  package var otherwiseScaled: LinearBias {
    var bias = self
    bias.isScaled.toggle()
    return bias
  }
}

extension AttentionScores where Context: BugContext {
  /// Bugs of a linear bias.
  static var biases: [Bug<Self>] {
    func edited(
      _ name: String, _ bug: String, _ edit: @escaping @Sendable (LinearBias) -> LinearBias?
    ) -> Bug<Self> {
      mutant(name, bug) { $0.layer.linearBias = $0.layer.linearBias.flatMap(edit) }
    }
    return [
      edited("alibi-forgotten", "The linear bias is forgotten.") { _ in nil }.restated {
        $0.source.setting("alibi", .real(0))
      },
      edited("alibi-of-8", "The least slope is 2^-8 whatever the model says.") {
        LinearBias(heads: $0.exponents.count, last: 8)
      }.restated { $0.number("alibi") == 0 ? nil : $0.source.setting("alibi", .real(8)) },
      edited("alibi-reversed", "The slopes of the heads are in the reverse order.") { $0.reversed },
      edited("alibi-of-plain-powers", "The slopes are those of a power of two, whatever the number of heads.") {
        $0.ofPlainPowers
      },
      edited("alibi-from-1", "Each head has the slope of the head before it, and the first one 1.") { $0.fromOne },
      edited("alibi-scaled-otherwise", "The linear bias is added before the scale.") { $0.otherwiseScaled },
      mutant("alibi-rising", "The linear bias rises with the distance.") { $0.distance = { abs($0 - $1) } },
      mutant("alibi-from-0", "The distance is counted from the first of the tokens, not from their positions.") {
        let first = $0.firstPosition
        $0.distance = { -abs($0 - first - $1) }
      },
    ]
  }
}
