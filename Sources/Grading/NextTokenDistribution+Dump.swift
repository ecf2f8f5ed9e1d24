import PlumbDrift
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference

extension NextTokenDistribution {
  /// The distribution that `dump` has, beside the `exact` one; `nil` where it has none.
  ///
  /// Its probabilities are the exact softmax of the logits, each to the nearest Float32, where the dump has logits only; its
  /// choice is by the probabilities where the dump has these only.
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
