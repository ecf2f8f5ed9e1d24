import PlumbModel

extension Engine {
  /// The gradient of softmax's input: p·(gradient − Σ p·gradient), in each row.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func softmaxBackward(_ x: Activation<Float>, gradient: Activation<Float>) -> Activation<Float> {
    let rows = (0..<x.rows).map { index -> [Double] in
      let (shares, gradient) = (x.wideRow(index).softmax, gradient.wideRow(index))
      let sum = shares.dot(gradient)
      return zip(shares, gradient).map { $0 * ($1 - sum) }
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of log-softmax's input: gradient − p·Σ gradient, in each row.
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func logSoftmaxBackward(_ x: Activation<Float>, gradient: Activation<Float>) -> Activation<Float> {
    let rows = (0..<x.rows).map { index -> [Double] in
      let (shares, gradient) = (x.wideRow(index).softmax, gradient.wideRow(index))
      let sum = gradient.total
      return zip(shares, gradient).map { $1 - $0 * sum }
    }
    return .rounded(rows, shape: x.shape)
  }

  /// The gradient of the logits of a loss of each token: gradient·(p·(1 + 2·zLoss·log Σ e^logit) − q).
  ///
  /// *Error bound*: that of the formula in Float64, rounded once.
  package static func crossEntropyBackward(
    _ logits: Activation<Float>, targets: [Int], gradient: Activation<Float>, _ layer: CrossEntropyLayer
  ) -> Activation<Float> {
    let others = Double(layer.smoothing) / Double(logits.columns)
    let rows = targets.enumerated().map { token, target -> [Double] in
      if target == layer.ignored { return [Double](repeating: 0, count: logits.columns) }
      let row = logits.wideRow(token)
      let factor = layer.zLoss == 0 ? 1 : 1 + 2 * Double(layer.zLoss) * row.logarithmOfSum
      return row.softmax.enumerated().map { index, share in
        let wanted = index == target ? others + (1 - Double(layer.smoothing)) : others
        return Double(gradient.elements[token]) * (share * factor - wanted)
      }
    }
    return .rounded(rows, shape: logits.shape)
  }
}
