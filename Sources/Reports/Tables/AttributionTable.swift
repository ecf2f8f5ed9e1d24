import PlumbDrift
import PlumbExact
import PlumbVerdicts

/// The sources of drift, as people read them: at most 80 columns.
struct AttributionTable {
  let attribution: Attribution

  /// The lines; each column of parts adds up to its last line, those set in to the one above them.
  var lines: [String] {
    var lines = ["where the drift of the logits comes from; the parts add up exactly"]
    lines += attribution.logits.map {
      "  \(ReportText.left($0.choice, 13)) \(ReportText.shortened(Self.name(of: $0), 60))"
    }
    let names = attribution.logits.map(\.choice) + ["any, at most"]
    for parts in [attribution.places.map { (Self.label(of: $0), $0) }, causes] {
      lines += ["", ReportText.left("", 40) + names.map { ReportText.right($0, 13) }.joined()]
      lines += parts.map { label, part in
        let numbers = part.values.map(Self.number) + [ReportText.scientific(part.greatest)]
        return ReportText.left(label, 40) + numbers.map { ReportText.right($0, 13) }.joined()
      }
      lines.append(
        ReportText.left("together", 40)
          + attribution.logits.map { ReportText.right(Self.number($0.drift), 13) }.joined())
    }
    return lines
  }

  /// Each cause, and below it, set in, its kinds of layer where there are several.
  private var causes: [(label: String, part: Attribution.Part)] {
    attribution.totals.flatMap { total in
      let parts = attribution.causes.filter { $0.name == total.name }
      if parts.count <= 1 { return [(parts.first.map { Self.label(of: $0) } ?? total.name, total)] }
      return [(total.name, total)] + parts.map { ("  " + ($0.layer ?? $0.name), $0) }
    }
  }

  /// The token in quotes, or its number where its text is only part of a character.
  static func name(of logit: Attribution.Logit) -> String {
    logit.text.contains("\u{FFFD}") ? "token \(logit.token)" : ReportText.quoted(logit.text)
  }

  /// `sums of products, linear`.
  static func label(of part: Attribution.Part) -> String { part.name + (part.layer.map { ", \($0)" } ?? "") }

  /// Three digits of an exact hex float.
  static func number(_ exact: String) -> String { Rational(exact)?.decimal(significantDigits: 3) ?? exact }
}
