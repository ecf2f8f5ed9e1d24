import PlumbCases
import PlumbModel
import PlumbVerdicts

/// The findings of a run; its coding keys are the documented JSON schema.
package struct FuzzReport: Sendable, Codable {
  /// The version of the schema.
  package var schema = 1
  /// The layer.
  package let layer: String
  /// The command that computed the outputs; `nil` where it was this engine.
  package var engine: String?
  /// The folder of `plumb cases` that held the outputs; `nil` where they were computed for the run.
  package var outputs: String?
  /// The arithmetic that the bounds are those of.
  package var arithmetic: String?
  /// The seed of random choices.
  package let seed: UInt64
  /// The options that the run was asked for.
  package var run: RunPlan
  /// The parts of the run that this reports.
  package internal(set) var shards: [Shard]
  /// Whether every case was decided that was asked for: false after an interruption.
  package internal(set) var isComplete = true
  /// The number of cases decided, those of the corpus included.
  package internal(set) var cases = 0
  /// The number of cases that the corpus held.
  package internal(set) var replayed = 0
  /// The number of cases with an element outside the domain, about which nothing is claimed.
  package internal(set) var outsideDomain = 0
  /// The number of cases with an element that no precision decided, about which nothing is claimed either.
  package internal(set) var undecided = 0
  /// The greatest distance, in ulps, of the cases that are within the domain.
  package internal(set) var worstUlps = 0.0
  /// The case with the greatest margin.
  package internal(set) var greatest: Finding?
  /// The case with the greatest distance in ulps.
  package internal(set) var furthest: Finding?
  /// The first cases that are outside their bounds, and the first of each kind of failure.
  package internal(set) var failures: [Finding] = []
  /// The bugs of the layer's catalogue that give what the kernel gave; `nil` where nothing failed, or the engine is this one.
  package internal(set) var explanations: [Explanation]?
  /// The arithmetics, this one with one option more, in which every case that was looked at is within; `nil` where nothing failed, or
  /// the engine is this one.
  package internal(set) var otherArithmetics: [String]?
  /// The number of cases outside their bounds.
  package internal(set) var failed = 0
  /// The errors of the first cases beside those that are typical of the arithmetic; `nil` where a case failed, or none is known.
  package internal(set) var typical: Typical?

  /// The number of elements that the filter decided.
  package internal(set) var filteredElements = 0
  /// The number of elements that the exact path decided.
  package internal(set) var exactElements = 0

  /// The numbers of cases by their greatest margin; a case without an element of which anything is claimed has none.
  ///
  /// The margin of a case that the filter decided is the filter's, which is never too small.
  package internal(set) var margins: [HistogramBin] = []

  /// The most failures that are kept whole, but for the first of a kind; all are counted.
  private static let keptFailures = 20

  /// The failures of `failures` that are kept, in the order of the run: those kept of parts are enough to choose those of the whole.
  static func kept(_ failures: [Finding]) -> [Finding] {
    var kinds = Set<FailureKind?>()
    return failures.enumerated().filter { kinds.insert($1.kind).inserted || $0 < keptFailures }.map(\.element)
  }

  /// Whether nothing was claimed of any case, as where all are outside the domain: such a run has shown nothing.
  package var claimsNothing: Bool { margins.isEmpty }

  /// Whether the run of `reports` has passed: no case is outside, and of some case something was claimed.
  package static func hasPassed(_ reports: [FuzzReport]) -> Bool {
    reports.allSatisfy { $0.failed == 0 } && !reports.allSatisfy(\.claimsNothing)
  }

  init(layer: String, run: RunPlan, seed: UInt64, shard: Shard) {
    self.layer = layer
    self.run = run
    self.seed = seed
    shards = [shard]
  }

  /// Takes in a case that the exact path decided.
  mutating func add(
    _ drift: LocalDrift, of input: LayerCase, elements: Int, number: Int? = nil, corpusLine: Int? = nil
  ) {
    cases += 1
    exactElements += elements
    if corpusLine != nil { replayed += 1 }
    if drift.outsideDomain > 0 { outsideDomain += 1 }
    if drift.undecided > 0 { undecided += 1 }
    if drift.worst != nil || drift.problem != nil { HistogramBin.add(margin: drift.margin, to: &margins) }
    consider(drift, of: input, number: number, corpusLine: corpusLine)
    guard drift.verdict == .outside else { return }
    failed += 1
    let isKept = failures.count < Self.keptFailures || !failures.contains { $0.kind == drift.failure }
    if isKept { failures.append(finding(drift, input, number, corpusLine)) }
  }

  /// Takes in a case that the filter decided and did not find outside; its figures are considered later.
  mutating func add(_ drift: FilteredDrift) {
    cases += 1
    filteredElements += drift.elements
    if drift.outsideDomain > 0 { outsideDomain += 1 }
    // What is within is at most at its bound, though the filter's quotient may be a last digit greater.
    if drift.claimsSomething { HistogramBin.add(margin: min(drift.margin, 1), to: &margins) }
  }

  /// Keeps a case that the exact path decided, where it is a record.
  mutating func consider(
    _ drift: LocalDrift, of input: LayerCase, number: Int? = nil, corpusLine: Int? = nil
  ) {
    worstUlps = max(worstUlps, drift.ulpsWithinDomain)
    let order = Finding.order(number, corpusLine)
    guard
      Self.passes(greatest, drift.margin, \.margin, order)
        || Self.passes(furthest, drift.ulpsWithinDomain, \.ulps, order)
    else { return }
    let finding = finding(drift, input, number, corpusLine)
    greatest = Self.greater(greatest, finding, \.margin)
    furthest = Self.greater(furthest, finding, \.ulps)
  }

  /// Whether a case with `score` comes before `known`; of equals, the first of the run does.
  private static func passes(
    _ known: Finding?, _ score: Double, _ key: KeyPath<Finding, Double>, _ order: (Int, Int)
  ) -> Bool {
    guard let known else { return true }
    return known[keyPath: key] == score ? order < known.order : score > known[keyPath: key]
  }

  private func finding(_ drift: LocalDrift, _ input: LayerCase, _ number: Int?, _ corpusLine: Int?) -> Finding {
    Finding(drift, replay: CaseLine(input).text, number: number, corpusLine: corpusLine)
  }
}
