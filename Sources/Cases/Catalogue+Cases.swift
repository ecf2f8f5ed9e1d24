import PlumbModel
import PlumbTolerance
import PlumbVerdicts

// The short way to test a kernel of one's own: cases for a parameterised test, and a verdict.
extension Catalogue {
  /// `count` cases of `layer`, drawn by every strategy in turn: the same on every machine.
  ///
  /// A kernel that stores its tensors in a narrower format than Float32 names it, and is given numbers of it.
  package static func cases(
    of layer: LayerKind, count: Int, seed: UInt64 = 0, representableIn format: FloatFormat = .float32
  ) throws(CaseError) -> [CheckedCase] {
    let drawn = CaseSequence(layer: layer, strategies: Strategy.allCases, seed: seed)
    var cases: [CheckedCase] = []
    for number in 0..<count { cases.append(try CheckedCase(drawn[number].representable(in: format))) }
    return cases
  }

  /// Whether `output`, which a kernel computed on `input` in `arithmetic`, is within its bounds.
  ///
  /// *Edge cases*: *outside* for another shape; *outside the domain* where nothing is claimed of an element, or proved of an
  /// attribute of the case. `judge` says how far off it is, and where.
  /// - Throws: `ArithmeticError` where nothing is proved of the layer at all; `DriftError` where no precision decides.
  package static func verdict(
    of output: Activation<Float>, on input: CheckedCase, arithmetic: ArithmeticModel = .f32
  ) throws -> Verdict {
    guard isProved(input, in: arithmetic) || missingPart(of: input.source.layer, in: arithmetic) != nil else {
      return .outsideDomain
    }
    return try judge(input, output: output, in: arithmetic).verdict
  }
}

extension CheckedCase: CustomStringConvertible {
  /// The line that `plumb fuzz LAYER --replay` decides again.
  package var description: String { CaseLine(source).text }
}
