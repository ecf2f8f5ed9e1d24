import PlumbCertification
import PlumbVerdicts

/// The report of a certification as people read it.
package struct CertificationTable {
  private let report: CertificationReport

  /// Makes the table of `report`.
  package init(_ report: CertificationReport) { self.report = report }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "tokens       \(report.tokens.count)",
      "precision    \(report.precision) bits; every enclosure is narrower than 1e-\(report.digits)",
      "",
      "next token               exact, each digit proved",
    ]
    for token in report.next {
      lines.append(ReportText.left(DriftTable.name(of: token), 24) + " " + token.exact)
    }
    for comparison in report.comparisons {
      lines += [
        "",
        "\(comparison.source):",
        "  first choice       \(Self.words(comparison.firstChoice, comparison))",
        "  top-\(ReportText.left("\(comparison.topKCount) set", 14)) \(Self.words(comparison.topK, comparison))",
        "  top-p \(ReportText.left("\(comparison.topPMass) set", 12)) \(Self.words(comparison.topP, comparison))",
      ]
      lines += comparison.nonFinite.map { "  not finite         \($0.text)" }
      if comparison.nonFinite.isEmpty {
        lines.append(
          "  farthest logit     off by \(ReportText.scientific(comparison.greatestAbsolute)) at most, "
            + "of token \(comparison.token)")
      }
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private static func words(_ proof: Proof, _ comparison: CertificationReport.Comparison) -> String {
    switch proof {
    case .proved: "proved to be the exact one"
    case .refuted: "proved NOT to be the exact one"
    case .undecided:
      comparison.nonFinite.isEmpty
        ? "undecided: equal or too close logits" : "nothing is claimed: a logit is not finite"
    }
  }
}
