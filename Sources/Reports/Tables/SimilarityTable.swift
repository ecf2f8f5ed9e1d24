import PlumbCertification
import PlumbVerdicts

/// The report of cosines as people read it.
package struct SimilarityTable {
  private let report: SimilarityReport

  /// Makes the table of `report`.
  package init(_ report: SimilarityReport) { self.report = report }

  /// All lines, each ended by a newline.
  package var text: String {
    var lines = [
      "model        \(report.model)",
      "fingerprint  \(report.fingerprint)",
      "pooling      \(report.pooling.rawValue)\(products)",
      "precision    \(report.precision) bits; every enclosure is narrower than 1e-\(report.digits)",
      "",
    ]
    for (index, text) in report.texts.enumerated() {
      lines.append(
        "\(ReportText.right("\(index + 1)", 4))  \(ReportText.quoted(ReportText.shortened(text.text, 56))), "
          + "\(text.tokens.count) tokens")
    }
    let width = max(report.pairs.map(\.exact.count).max() ?? 0, 32)
    lines += ["", "texts      \(ReportText.left("cosine, each digit proved", width))  engine        off by, at most"]
    for pair in report.pairs {
      let texts = "\(ReportText.right("\(pair.first + 1)", 4)) \(ReportText.left("\(pair.second + 1)", 4))"
      lines.append(
        "\(texts)  \(ReportText.left(pair.exact, width))  \(ReportText.left(Self.engine(pair), 12))  "
          + ReportText.scientific(pair.distance))
    }
    lines.append("")
    if report.pairs.count > 1 {
      lines.append("order        \(order)")
      lines.append("engine       \(engine)")
    }
    return lines.map { $0 + "\n" }.joined()
  }

  private var products: String {
    switch report.products {
    case 0: ""
    case 1: ", then a product"
    case let count: ", then \(count) products"
    }
  }

  private var order: String {
    let open = report.pairs.dropLast().enumerated().filter { $1.isNearerThanNext != .proved }.map { $0.offset }
    guard let first = open.first else { return "every pair is proved nearer than the next" }
    func name(_ pair: SimilarityReport.Pair) -> String { "\(pair.first + 1) \(pair.second + 1)" }
    let pairs = "\(name(report.pairs[first])) and \(name(report.pairs[first + 1]))"
    let places = open.count == 1 ? "" : " and \(open.count - 1) more"
    return "undecided of \(pairs)\(places): equal or too close"
  }

  private var engine: String {
    switch report.engineNearest {
    case .proved: "its nearest pair is proved to be the nearest"
    case .refuted: "its nearest pair is proved NOT to be the nearest"
    case .undecided: "its nearest pair may not be the nearest: undecided"
    }
  }

  private static func engine(_ pair: SimilarityReport.Pair) -> String {
    guard let value = Float(pair.engine) else { return pair.engine }
    return "\(value)"
  }
}
