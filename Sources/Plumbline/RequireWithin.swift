import PlumbCases
import PlumbVerdicts

/// Holds a kernel to its bounds on `count` drawn cases of `layer`.
///
/// *Edge cases*: of a case with an attribute of which nothing is proved nothing is asked.
///
/// - Parameters:
///   - layer: the layer that the kernel computes, or a formula of one's own.
///   - count: the number of cases; they are drawn by every strategy in turn.
///   - seed: the seed that the cases follow from, the same on every machine.
///   - arithmetic: the arithmetic of the kernel.
///   - kernel: the computation of a case's output, called by this thread alone.
/// - Throws: `PlumblineError` where an output is outside its bounds or undecided, with the smallest failing case that was found, the
///   nine shortest of the others, and the number of the rest; where nothing could be claimed of any case; and where nothing is proved
///   of the layer. What `kernel` throws.
public func requireWithin(
  _ layer: Layer, cases count: Int = 100, seed: UInt64 = 0, arithmetic: Arithmetic = .f32,
  _ kernel: (Case) throws -> Tensor
) throws {
  let cases = try Case.drawn(of: layer, count: count, seed: seed, arithmetic: arithmetic)
  var (failures, claimed): ([(input: Case, drift: LocalDrift)], Int) = ([], 0)
  for input in cases where Catalogue.isProved(input.input, in: arithmetic.model) {
    let output = try kernel(input)
    let drift = try input.judge(output, arithmetic: arithmetic).drift
    if drift.outsideDomain < output.elements.count || output.elements.isEmpty { claimed += 1 }
    if drift.verdict.isRefuted || drift.verdict == .undecided { failures.append((input, drift)) }
  }
  if !failures.isEmpty {
    throw PlumblineError(failures: failures, of: count, layer, arithmetic, kernel)
  }
  guard claimed > 0 || count == 0 else {
    try cases.first?.provable(arithmetic)
    throw PlumblineError(
      .nothingClaimed, "\(layer): nothing could be claimed of any case in the arithmetic '\(arithmetic)'")
  }
}

extension PlumblineError {
  /// The number of cases that are decided to make the shortest failure smaller.
  private static let shrinkingBudget = 500

  /// The error of a kernel that fails in `failures` of so many cases, which are not none.
  fileprivate init(
    failures: [(input: Case, drift: LocalDrift)], of count: Int, _ layer: Layer, _ arithmetic: Arithmetic,
    _ kernel: (Case) throws -> Tensor
  ) {
    var shown = failures.sorted { "\($0.input)".utf8.count < "\($1.input)".utf8.count }
    if let worst = shown.first, let small = Self.smallest(worst, arithmetic, kernel) { shown[0] = small }
    let lines = shown.prefix(10).map { input, drift in
      (drift.failureText ?? "undecided") + "\n  plumb fuzz \(ReportText.argument(layer.description)) "
        + "--arithmetic \(arithmetic) --replay '\(input)'"
    }
    let rest = shown.count > 10 ? ["and \(shown.count - 10) more"] : []
    self.init(
      .kernelFails,
      (["\(layer), arithmetic '\(arithmetic)': \(shown.count) of \(count) cases fail"] + lines + rest)
        .joined(separator: "\n"),
      remedy: "Case(\"…\") is the case of such a line, to be given to the kernel under a debugger")
  }

  /// The smallest case found that fails as `failure` does, and its drift; `nil` where there is none smaller.
  private static func smallest(
    _ failure: (input: Case, drift: LocalDrift), _ arithmetic: Arithmetic, _ kernel: (Case) throws -> Tensor
  ) -> (input: Case, drift: LocalDrift)? {
    guard failure.drift.verdict == .outside else { return nil }
    return withoutActuallyEscaping(kernel) { kernel in
      // Sound: a shrinker that waits decides every case on the thread that called it.
      nonisolated(unsafe) let kernel = kernel
      let judge: Shrinker.Judge = { candidate in
        guard candidate.source == candidate.source.representable(in: arithmetic.model.inputs) else {
          return LocalDrift(unmeasured: "numbers of another format")
        }
        let input = Case(candidate)
        return try input.judge(try unsafe kernel(input), arithmetic: arithmetic).drift
      }
      let source = failure.input.input.source
      let small = Shrinker.failure(
        source, margin: failure.drift.margin, kind: failure.drift.failure, budget: shrinkingBudget, waits: true,
        judge: judge)
      guard small != source, let input = try? CheckedCase(small), let drift = try? judge(input) else { return nil }
      return (Case(input), drift)
    }
  }
}
