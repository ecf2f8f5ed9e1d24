/// What `plumb drift --local-only` learns; its coding keys are the documented JSON schema.
public struct LocalReport: Sendable, Codable {
  /// One activation: a row of the report.
  public struct Row: Sendable, Codable {
    /// The activation's name, such as `blocks.3.query`.
    public let name: String
    /// The block, or `nil` outside the blocks.
    public let block: Int?
    /// The layer that computed it.
    public let layer: String
    /// The extents, outermost first.
    public let shape: [Int]
    /// The layer alone, fed what the engine fed it.
    public let local: LocalDrift

    /// Writes every key, `block` too where it is null.
    public func encode(to encoder: any Encoder) throws {
      var container = encoder.container(keyedBy: CodingKeys.self)
      try container.encode(name, forKey: .name)
      try container.encode(block, forKey: .block)
      try container.encode(layer, forKey: .layer)
      try container.encode(shape, forKey: .shape)
      try container.encode(local, forKey: .local)
    }
  }

  /// The version of the schema.
  public var schema = 1
  /// The model's name.
  public let model: String
  /// The SHA-256 of the weights.
  public let fingerprint: String
  /// The tokens of the prompt.
  public let tokens: [Int]
  /// The text of each token of the prompt; bytes that are not UTF-8 are replaced.
  public let texts: [String]
  /// The arithmetic that the bounds are proved for: `engine`, with the instructions that it used.
  public let arithmetic: String
  /// A row for every activation, in the order of the pass.
  public let activations: [Row]
  /// What is proved of all activations together.
  public let verdict: Verdict
  /// How many elements were decided against their bounds in Float64 with proved errors.
  public let filteredElements: Int
  /// How many the exact path looked at: those that the filter left open, and those that the report's numbers are of.
  public let exactElements: Int
  /// How long the engine takes over the prompt when nobody watches it.
  public let engineSeconds: Double
  /// How long the verdicts took, from the activations to the report.
  public let verdictSeconds: Double
  /// How long it took, loading included.
  public let seconds: Double
}

/// The local report as people read it: at most 80 columns, a line for every layer of every block.
public struct LocalTable {
  private let report: LocalReport
  private let colours: TerminalColours

  /// Makes the table of `report`; coloured, it says nothing that it does not say without.
  public init(_ report: LocalReport, isColoured: Bool = false) {
    self.report = report
    colours = TerminalColours(isOn: isColoured)
  }

  /// All lines, each ended by a newline.
  public var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count)",
      "",
      "                       local, on the engine's inputs",
      "block layer            max ulps  median  margin verdict",
    ]
    lines += groups.map(line)
    lines.append("")
    lines.append(DriftTable.paths(filtered: report.filteredElements, exact: report.exactElements))
    lines.append(conclusion)
    return lines.map { $0 + "\n" }.joined()
  }

  private func line(_ group: [LocalReport.Row]) -> String {
    let local = group.map(\.local)
    var line = DriftTable.right(group[0].block.map(String.init) ?? "-", 5) + " " + DriftTable.left(group[0].layer, 16)
    line += DriftTable.right(DriftTable.short(local.map(\.worstUlps).max() ?? 0), 10)
    line += DriftTable.right(DriftTable.short(local.map(\.medianUlps).max() ?? 0), 8)
    line += DriftTable.right(DriftTable.short(local.map(\.margin).max() ?? 0), 8)
    let verdict = local.reduce(Verdict.within) { $0.joined($1.verdict) }
    return line + " " + colours.paint(verdict.rawValue, verdict)
  }

  /// The activations of one layer kind of one block, in the order of the pass.
  private var groups: [[LocalReport.Row]] {
    var order: [String] = []
    var members: [String: [LocalReport.Row]] = [:]
    for row in report.activations {
      let key = "\(row.block ?? -1) \(row.block == nil ? row.name : row.layer)"
      if members[key] == nil { order.append(key) }
      members[key, default: []].append(row)
    }
    return order.compactMap { members[$0] }
  }

  /// What is proved, in one or two lines.
  private var conclusion: String {
    func count(_ verdict: Verdict) -> Int { report.activations.count { $0.local.verdict == verdict } }
    let (outside, unclaimed) = (count(.outside), count(.outsideDomain))
    if let first = report.activations.first(where: { $0.local.verdict == .outside }) {
      return "\(count(.within)) activations within, \(outside) outside, \(unclaimed) outside the domain.\n"
        + "Rounding cannot explain '\(first.name)', the first that is outside."
    }
    guard report.verdict == .within else {
      return "\(count(.within)) activations within, \(unclaimed) outside the domain: an intermediate may overflow, or\n"
        + "an input is not finite."
    }
    return "\(report.activations.count) activations checked: all within; rounding explains the drift of every layer."
  }
}
