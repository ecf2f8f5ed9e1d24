public import PlumbDrift
public import PlumbModel

/// Many cases of one layer, each decided.
public struct FuzzRun: Sendable {
  private let layer: LayerKind
  private let strategies: [Strategy]
  private let seed: UInt64

  /// Makes a run over `strategies` in turn.
  public init(layer: LayerKind, strategies: [Strategy], seed: UInt64) {
    self.layer = layer
    self.strategies = strategies
    self.seed = seed
  }

  /// The case number `number` of the run: the strategies take turns.
  public func makeCase(_ number: Int) -> LayerCase {
    CaseGenerator(layer: layer, strategy: strategies[number % strategies.count], seed: seed)
      .makeCase(number / strategies.count)
  }

  /// Decides the cases `numbers`, until `isDone` says to stop, and calls `progress` after each.
  ///
  /// - Throws: `CaseError` or `DriftError`, which are bugs of the generators or of the reference.
  public func report(
    _ numbers: Range<Int>, isDone: () -> Bool = { false }, progress: (FuzzReport) -> Void = { _ in }
  ) throws -> FuzzReport {
    var report = FuzzReport(layer: layer.rawValue, seed: seed)
    for number in numbers {
      if isDone() { break }
      let input = makeCase(number)
      report.add(try Catalogue.judge(try CheckedCase(input)), of: input, number: number)
      progress(report)
    }
    return report
  }
}
