public import PlumbModel
public import PlumbTolerance
import PlumbVerdicts

/// The failure of a kernel that was held to its bounds.
public struct KernelFailure: Error, Sendable, CustomStringConvertible {
  /// The sentences for the person who must act: what is wrong where, and the line that `plumb fuzz LAYER --replay` decides again.
  public let description: String
}

extension Catalogue {
  /// Holds a kernel to its bounds on `count` drawn cases of `layer`.
  ///
  /// - Parameter kernel: the computation of a case's output.
  /// - Throws: `KernelFailure` where an output is outside its bounds or undecided, with the ten shortest and the number of the others;
  ///   or where nothing could be claimed of any case. `ArithmeticError` where nothing is proved of the layer; what `kernel` throws.
  public static func requireWithin(
    _ layer: LayerKind, cases count: Int = 100, seed: UInt64 = 0, arithmetic: ArithmeticModel = .f32,
    _ kernel: (CheckedCase) throws -> Activation<Float>
  ) throws {
    var (failures, claimed): ([String], Int) = ([], 0)
    for input in try cases(of: layer, count: count, seed: seed, representableIn: arithmetic.inputs)
    where isProved(input, in: arithmetic) {
      let output = try kernel(input)
      let drift = try judge(input, output: output, in: arithmetic)
      if drift.outsideDomain < output.elements.count || output.elements.isEmpty { claimed += 1 }
      if drift.verdict == .outside || drift.verdict == .undecided {
        failures.append(
          (drift.failureText ?? "undecided")
            + "\n  plumb fuzz \(ReportText.argument(layer.rawValue)) --arithmetic \(arithmetic) --replay '\(input)'")
      }
    }
    if !failures.isEmpty {
      let rest = failures.count > 10 ? ["and \(failures.count - 10) more"] : []
      throw KernelFailure(
        description: (["\(layer.rawValue), arithmetic '\(arithmetic)': \(failures.count) of \(count) cases fail"]
          + failures.sorted { $0.utf8.count < $1.utf8.count }.prefix(10) + rest).joined(separator: "\n"))
    }
    guard claimed > 0 || count == 0 else {
      throw KernelFailure(
        description: "\(layer.rawValue): nothing could be claimed of any case in the arithmetic '\(arithmetic)'")
    }
  }
}
