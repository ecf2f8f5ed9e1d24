/// A criterion that the field holds an engine's output against: one rule for all layers, with constants that somebody chose.
package enum FieldCriterion: String, Sendable, Codable, CaseIterable {
  /// `numpy.allclose` with its defaults: |a − b| ≤ 1e-8 + 1e-5·|b| for every element.
  case allclose
  /// `torch.testing.assert_close` with its defaults for Float32: |a − b| ≤ 1e-5 + 1.3e-6·|b| for every element.
  case assertClose = "assert_close"
  /// Relative and absolute 1e-3, which many test suites of kernels settle on.
  case thousandth = "1e-3"
  /// Normalised mean squared error of at most 1e-7, the default of llama.cpp's test-backend-ops.
  case nmse = "nmse"
  /// A cosine of at least 0.999 between the two outputs.
  case cosine

  /// Whether this criterion lets `output` pass where `expected` is right; computed in Float64, which is kinder than the
  /// programs that it comes from.
  ///
  /// *Edge cases*: equal infinities are equal, NaN is never; two outputs of zeros have no error and a cosine of 1.
  package func accepts(_ output: [Float], expected: [Float]) -> Bool {
    switch self {
    case .allclose: Self.isClose(output, expected, relative: 1e-5, absolute: 1e-8)
    case .assertClose: Self.isClose(output, expected, relative: 1.3e-6, absolute: 1e-5)
    case .thousandth: Self.isClose(output, expected, relative: 1e-3, absolute: 1e-3)
    case .nmse: Self.isNear(output, expected) { error, size, _, _ in error == 0 || error / size <= 1e-7 }
    case .cosine:
      Self.isNear(output, expected) { _, size, otherSize, product in
        (size == 0 && otherSize == 0) || product / (size.squareRoot() * otherSize.squareRoot()) >= 0.999
      }
    }
  }

  private static func isClose(_ output: [Float], _ expected: [Float], relative: Double, absolute: Double) -> Bool {
    zip(output, expected).allSatisfy { a, b in
      let distance = (Double(a) - Double(b)).magnitude
      return a == b || distance <= absolute + relative * Double(b).magnitude && b.isFinite
    }
  }

  /// Asks `rule` of Σ(a − b)², Σb², Σa² and Σab, which neither overflow nor underflow in Float64.
  private static func isNear(
    _ output: [Float], _ expected: [Float], _ rule: (Double, Double, Double, Double) -> Bool
  ) -> Bool {
    var (error, size, otherSize, product) = (0.0, 0.0, 0.0, 0.0)
    for (a, b) in zip(output, expected) where a != b || a.isFinite {
      guard a.isFinite, b.isFinite else { return false }
      let (a, b) = (Double(a), Double(b))
      error += (a - b) * (a - b)
      size += b * b
      otherSize += a * a
      product += a * b
    }
    return rule(error, size, otherSize, product)
  }
}
