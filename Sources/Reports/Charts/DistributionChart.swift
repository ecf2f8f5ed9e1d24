import PlumbDrift
import PlumbExact
import PlumbVerdicts

/// The likeliest next tokens: the exact probability with its certified error bar, and the engine's.
struct DistributionChart {
  var subject = ReportSubject.engine
  let next: [NextToken]

  /// The drawing, and the numbers in a table.
  var markup: [Markup] { [.tag("figure", [:], [drawing]), table] }

  private var drawing: Markup {
    let (left, reach, row) = (128.0, 272.0, 22.0)
    let greatest = next.compactMap { Double($0.upper) }.max() ?? 1
    let scale = { (text: String) in left + reach * (Double(text) ?? 0) / greatest }
    var content: [Markup] = []
    for (index, token) in next.enumerated() {
      let y = Double(index) * row + 2
      let (lower, upper, engine) = (scale(token.lower), scale(token.upper), scale(token.engine))
      content += [
        Drawing.text(left - 8, y + 15, ReportText.shortened(DriftTable.name(of: token), 16), anchor: "end"),
        Drawing.rectangle(left, y + 3, max(0.5, upper - left), row - 8, class: "s5"),
        .tag(
          "path",
          [
            "class": "error",
            "d": "M\(Drawing.number(lower)) \(Drawing.number(y + 3))v14M\(Drawing.number(upper)) "
              + "\(Drawing.number(y + 3))v14M\(Drawing.number(lower)) \(Drawing.number(y + 10))"
              + "H\(Drawing.number(upper))",
          ]),
      ]
      // A probability that is not finite has no place.
      guard engine.isFinite else { continue }
      content.append(
        .tag("circle", ["cx": Drawing.number(engine), "cy": Drawing.number(y + 10), "r": "4", "class": "mark"]))
    }
    let bottom = Double(next.count) * row + 6
    content += [
      Drawing.rectangle(left, bottom + 4, 18, 10, class: "s5"),
      Drawing.text(left + 24, bottom + 13, "exact, | error bar |", class: "soft"),
      .tag("circle", ["cx": "300", "cy": Drawing.number(bottom + 9), "r": "4", "class": "mark"]),
      Drawing.text(310, bottom + 13, subject.rawValue, class: "soft"),
    ]
    return Drawing(
      name: "next", title: "Probability of the next token, exact and the \(subject)'s",
      description: "The \(next.count) likeliest tokens. The numbers are in the table that follows.", width: 420,
      height: bottom + 22, content: content
    ).markup
  }

  private var table: Markup {
    let rows = next.map { token in
      ReportTable.row(
        DriftTable.name(of: token),
        [
          (token.exact, "n"), (ReportText.fixed(Double(token.engine) ?? .nan), "n"), (Self.distance(token), "n"),
          (token.engine, "hex"),
        ])
    }
    return ReportTable(
      caption: "Next token",
      columns: [
        "token", "exact, each digit proved", subject.rawValue, "off by at most", "\(subject), as a hex float",
      ],
      rows: rows
    ).markup
  }

  /// The greatest distance of the engine's probability from a number of the enclosure, rounded up.
  static func distance(_ token: NextToken) -> String {
    guard let engine = Double(token.engine).flatMap({ Rational(exactly: $0) }),
      let lower = Double(token.lower).flatMap({ Rational(exactly: $0) }),
      let upper = Double(token.upper).flatMap({ Rational(exactly: $0) })
    else { return "inf" }
    return ReportText.scientific(max((engine - lower).magnitude, (engine - upper).magnitude).doubleRoundedUp)
  }
}
