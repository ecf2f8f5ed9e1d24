import PlumbModel

extension Engine {
  /// The cross-entropy −log softmax(logits[t])[target t] of each token: `[tokens, vocabulary]` to `[tokens]`.
  ///
  /// *Error bound*: that of `logSoftmax`.
  ///
  /// - Precondition: there is one target a row, and each is one of its columns.
  package static func crossEntropy(_ logits: Activation<Float>, targets: [Int]) -> Activation<Float> {
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    precondition(targets.allSatisfy((0..<logits.columns).contains), "a target outside the vocabulary")
    let logarithms = logSoftmax(logits)
    let elements = targets.enumerated().map { -logarithms.elements[$0 * logits.columns + $1] }
    return Activation(shape: [targets.count], elements: elements)
  }

  /// The loss of each token: (1 − smoothing) of the cross-entropy, smoothing of its mean over all targets, and zLoss times the
  /// square of the logarithm of the sum of the exponentials.
  ///
  /// *Error bound*: that of `crossEntropy(_:targets:)` for the plain loss; otherwise that of the formula in Float64, rounded once.
  ///
  /// - Precondition: there is one target a row, and each is one of its columns, or is ignored.
  package static func crossEntropy(
    _ logits: Activation<Float>, targets: [Int], _ layer: CrossEntropyLayer
  ) -> Activation<Float> {
    if layer == CrossEntropyLayer() { return crossEntropy(logits, targets: targets) }
    precondition(targets.count == logits.rows, "\(targets.count) targets for \(logits.rows) rows")
    precondition(
      targets.allSatisfy { $0 == layer.ignored || 0..<logits.columns ~= $0 }, "a target outside the vocabulary")
    let (smoothing, zLoss) = (Double(layer.smoothing), Double(layer.zLoss))
    let losses = targets.enumerated().map { token, target -> Double in
      if target == layer.ignored { return 0 }
      let row = logits.wideRow(token)
      let greatest = row.max() ?? 0
      let whole = row.logarithmOfSum
      let logarithm = row.map { $0 - greatest }.logarithmOfSum
      let logarithms = row.map { $0 - greatest - logarithm }
      let loss =
        smoothing == 0
        ? -logarithms[target]
        : (1 - smoothing) * -logarithms[target] - smoothing / Double(row.count) * logarithms.total
      return zLoss == 0 ? loss : loss + zLoss * (whole * whole)
    }
    return Activation(shape: [targets.count], elements: losses.map { Float($0) })
  }
}
