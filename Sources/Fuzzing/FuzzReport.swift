import PlumbDrift
import PlumbModel

/// What a run found; its coding keys are the documented JSON schema.
public struct FuzzReport: Sendable, Codable {
  /// A case with the greatest margin or drift, or one that failed.
  public struct Finding: Sendable, Codable {
    /// The number of the case in its run; `nil` for a line of the corpus.
    public let number: Int?
    /// The line of the corpus, from 1; `nil` for a new case.
    public let corpusLine: Int?
    /// Its greatest margin.
    public let margin: Double
    /// Its greatest drift, in ulps; 0 where something is outside the domain.
    public let ulps: Double
    /// The element with that margin.
    public let worst: WorstElement?
    /// The case as one line, for `--replay`.
    public internal(set) var replay: String

    /// The corpus comes before the cases of the run.
    var order: (Int, Int) { corpusLine.map { (0, $0) } ?? (1, number ?? 0) }
  }

  /// A part of a run, where several processes share it.
  public struct Shard: Sendable, Codable, Hashable {
    /// The number of the part, from 0.
    public let index: Int
    /// The number of parts.
    public let count: Int

    /// The part `index` of `count`.
    public init(index: Int, count: Int) {
      self.index = index
      self.count = count
    }
  }

  /// The version of the schema.
  public var schema = 1
  /// The layer.
  public let layer: String
  /// Where random choices started.
  public let seed: UInt64
  /// The parts of the run that this reports.
  public internal(set) var shards: [Shard]
  /// Whether every case was decided that was asked for: false after an interruption.
  public internal(set) var isComplete = true
  /// The number of cases decided, those of the corpus included.
  public internal(set) var cases = 0
  /// The number of cases that the corpus held.
  public internal(set) var replayed = 0
  /// The number of cases with an element about which nothing is claimed.
  public internal(set) var outsideDomain = 0
  /// The greatest distance, in ulps, of the cases that are within the domain.
  public internal(set) var worstUlps = 0.0
  /// The case with the greatest margin.
  public internal(set) var greatest: Finding?
  /// The case with the greatest distance in ulps.
  public internal(set) var furthest: Finding?
  /// The first cases that are outside their bounds.
  public internal(set) var failures: [Finding] = []
  /// The number of cases outside their bounds.
  public internal(set) var failed = 0

  /// The most failures that are kept whole; all are counted.
  static let keptFailures = 20

  init(layer: String, seed: UInt64, shard: Shard = Shard(index: 0, count: 1)) {
    self.layer = layer
    self.seed = seed
    shards = [shard]
  }

  mutating func add(_ drift: LocalDrift, of input: LayerCase, number: Int? = nil, corpusLine: Int? = nil) {
    cases += 1
    if corpusLine != nil { replayed += 1 }
    if drift.outsideDomain > 0 { outsideDomain += 1 }
    worstUlps = max(worstUlps, drift.ulpsWithinDomain)
    let isRecord = drift.margin > greatest?.margin ?? -1
    let isFurthest = drift.ulpsWithinDomain > furthest?.ulps ?? -1
    guard isRecord || isFurthest || drift.verdict == .outside else { return }
    let finding = Finding(
      number: number, corpusLine: corpusLine, margin: drift.margin, ulps: drift.ulpsWithinDomain, worst: drift.worst,
      replay: CaseLine(input).text)
    if isRecord { greatest = finding }
    if isFurthest { furthest = finding }
    if drift.verdict == .outside {
      failed += 1
      if failures.count < Self.keptFailures { failures.append(finding) }
    }
  }
}
