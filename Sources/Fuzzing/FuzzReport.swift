import PlumbDrift
import PlumbModel

/// What a run found; its coding keys are the documented JSON schema.
public struct FuzzReport: Sendable, Codable {
  /// The case with the greatest margin, or one that failed.
  public struct Finding: Sendable, Codable {
    /// The number of the case in its run.
    public let number: Int
    /// Its greatest margin.
    public let margin: Double
    /// The element with that margin.
    public let worst: WorstElement?
    /// The case as one line, for `--replay`.
    public let replay: String
  }

  /// The version of the schema.
  public var schema = 1
  /// The layer.
  public let layer: String
  /// Where random choices started.
  public let seed: UInt64
  /// The number of cases decided.
  public private(set) var cases = 0
  /// The number of cases with an element about which nothing is claimed.
  public private(set) var outsideDomain = 0
  /// The greatest distance of an element within the domain, in ulps.
  public private(set) var worstUlps = 0.0
  /// The case with the greatest margin.
  public private(set) var greatest: Finding?
  /// The cases that are outside their bounds.
  public private(set) var failures: [Finding] = []

  /// The most failures that are kept whole; all are counted.
  static let keptFailures = 20
  /// The number of cases outside their bounds.
  public private(set) var failed = 0

  init(layer: String, seed: UInt64) {
    self.layer = layer
    self.seed = seed
  }

  mutating func add(_ drift: LocalDrift, of input: LayerCase, number: Int) {
    cases += 1
    if drift.outsideDomain > 0 { outsideDomain += 1 }
    worstUlps = max(worstUlps, drift.worstUlps)
    let isRecord = drift.margin > (greatest?.margin ?? -1)
    guard isRecord || drift.verdict == .outside else { return }
    let finding = Finding(number: number, margin: drift.margin, worst: drift.worst, replay: CaseLine(input).text)
    if isRecord { greatest = finding }
    if drift.verdict == .outside {
      failed += 1
      if failures.count < Self.keptFailures { failures.append(finding) }
    }
  }
}
