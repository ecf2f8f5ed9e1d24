import PlumbDrift
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference

extension NextTokenDistribution {
  /// The distribution that `dump` has, beside the `exact` one; `nil` where it has none.
  ///
  /// Where it has logits only, its probabilities are the exact softmax of these, each to the nearest Float32; where it
  /// has probabilities only, its choice is by these.
  init?(of dump: ActivationDump, exact: [Ball], _ model: LoadedModel) {
    let logits = dump.tensors[ActivationName(.logits)]?.activation
    var probabilities = dump.tensors[ActivationName(.probabilities)]?.activation.elements
    if probabilities == nil, let balls = logits?.asBalls {
      probabilities = try? Reference.softmax(balls, precision: 64).elements.map {
        $0.midpoint.rounded(to: Float.self, .toNearestOrEven)
      }
    }
    guard let probabilities, probabilities.count == exact.count else { return nil }
    self.init(
      logits: logits?.elements ?? probabilities, engine: probabilities, exact: exact, tokenizer: model.tokenizer)
  }
}
