/// The report of a certification as people read it.
public struct CertificationTable {
  private let report: CertificationReport

  /// Makes the table of `report`.
  public init(_ report: CertificationReport) { self.report = report }

  /// All lines, each ended by a newline.
  public var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count)",
      "precision    \(report.precision) bits; every enclosure is narrower than 1e-\(report.digits)",
      "",
      "next token               exact, each digit proved",
    ]
    for token in report.next {
      lines.append(DriftTable.left(DriftTable.name(of: token), 24) + " " + token.exact)
    }
    for comparison in report.comparisons {
      lines += [
        "",
        "\(comparison.source):",
        "  first choice       \(Self.words(comparison.firstChoice))",
        "  top-\(DriftTable.left("\(comparison.topKCount) set", 15))\(Self.words(comparison.topK))",
        "  top-p \(DriftTable.left("\(comparison.topPMass) set", 13))\(Self.words(comparison.topP))",
        "  farthest logit     off by \(DriftTable.scientific(comparison.greatestAbsolute)) at most, "
          + "of token \(comparison.token)",
      ]
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func words(_ proof: Proof) -> String {
    switch proof {
    case .proved: "proved to be the exact one"
    case .refuted: "proved NOT to be the exact one"
    case .undecided: "undecided: equal or too close logits"
    }
  }
}
