import PlumbExact
import PlumbGradients
import PlumbVerdicts

/// The sources of a gradient's drift, as people read them: at most 80 columns.
struct GradientAttributionTable {
  let attribution: GradientAttribution

  /// The lines; each column of parts adds up to its last line.
  var lines: [String] {
    var lines = ["where the drift of the gradient comes from; the parts add up exactly"]
    lines += attribution.elements.map {
      "  \(ReportText.left($0.choice, 13)) \(ReportText.shortened(Self.name(of: $0), 60))"
    }
    for parts in [attribution.places, attribution.layers] {
      let names = attribution.elements.map(\.choice) + ["norm of all"]
      lines += ["", ReportText.left("", 40) + names.map { ReportText.right($0, 13) }.joined()]
      lines += parts.map { part in
        let numbers = part.values.map(Self.number) + [part.norm.map { ReportText.scientific($0) } ?? ""]
        return ReportText.left(part.name, 40) + numbers.map { ReportText.right($0, 13) }.joined()
      }
      lines.append(
        ReportText.left("together", 40)
          + attribution.elements.map { ReportText.right(Self.number($0.drift), 13) }.joined())
    }
    return lines
  }

  /// `blk.0.attn_q.weight[3, 5]`.
  static func name(of element: GradientAttribution.Element) -> String {
    element.tensor + "[" + element.index.map(String.init).joined(separator: ", ") + "]"
  }

  /// Three digits of an exact hex float.
  static func number(_ exact: String) -> String { Rational(exact)?.decimal(significantDigits: 3) ?? exact }
}
