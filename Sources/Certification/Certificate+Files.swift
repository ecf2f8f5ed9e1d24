import PlumbExact
import PlumbFormats

extension Certificate {
  /// The certificate as a safetensors file of `[vocabulary]` tensors.
  ///
  /// `logits` and `probabilities` are the exact values, each rounded to the nearest Float32; `logits.lower`,
  /// `logits.upper`, `probabilities.lower` and `probabilities.upper` enclose them in Float64, rounded outward: Float64 has
  /// some 16 digits, the text has them all.
  package func safeTensors(fingerprint: String) -> SafeTensorsWriter {
    var writer = SafeTensorsWriter()
    writer.metadata = [
      "digits": "\(digits)", "precision": "\(precision)", "fingerprint": fingerprint,
      "tokens": tokens.map(String.init).joined(separator: ","),
    ]
    for (name, balls) in [("logits", logits), ("probabilities", probabilities)] {
      writer.add(name, shape: [balls.count], balls.map { $0.midpoint.rounded(to: Float.self, .toNearestOrEven) })
      writer.add("\(name).lower", shape: [balls.count], balls.map(\.lower.doubleRoundedDown))
      writer.add("\(name).upper", shape: [balls.count], balls.map(\.upper.doubleRoundedUp))
    }
    return writer
  }

  /// The certificate as text: a line a token, with the token's number, its logit and its probability, separated by tabs,
  /// each in decimal with all its digits and ± what is left open.
  package var text: String {
    var result = "token\tlogit\tprobability\n"
    for token in logits.indices {
      result += "\(token)\t\(decimal(logits[token]))\t\(decimal(probabilities[token]))\n"
    }
    return result
  }

  /// The ball in decimal down to one place beyond the digits asked for.
  private func decimal(_ ball: Ball) -> String {
    let midpoint = ball.midpoint.decimal(fractionDigits: digits + 1)
    let cut = (ball.midpoint - (Rational(midpoint) ?? 0)).magnitude + ball.radius
    return cut.isZero ? midpoint : "\(midpoint) ± \(cut.decimal(significantDigits: 2, .up))"
  }
}
