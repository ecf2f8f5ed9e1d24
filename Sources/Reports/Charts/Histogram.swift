import PlumbExact
import PlumbVerdicts

/// The number of elements by value, a bar for each power of two.
package struct Histogram {
  let name: String
  let title: String
  /// The text that follows the number at a bar, such as ` ulp`.
  let unit: String
  let bins: [HistogramBin]

  /// Makes a histogram called `name`, unique on its page.
  package init(name: String, title: String, unit: String, bins: [HistogramBin]) {
    (self.name, self.title, self.unit, self.bins) = (name, title, unit, bins)
  }

  /// The drawing under a `heading`.
  package func figure(_ heading: String) -> Markup {
    .tag("div", [:], [.tag("h3", heading), .tag("figure", [:], [markup])])
  }

  /// The drawing.
  var markup: Markup {
    let total = bins.reduce(0) { $0 + $1.count }
    let greatest = bins.map(\.count).max() ?? 0
    let (left, reach, row) = (96.0, 190.0, 19.0)
    var content: [Markup] = []
    for (index, bin) in bins.enumerated() {
      let y = Double(index) * row + 4
      let length = max(1, reach * Double(bin.count) / Double(max(1, greatest)))
      content += [
        Drawing.text(left - 8, y + 12, label(of: index), anchor: "end", class: "soft"),
        Drawing.rectangle(left, y + 1, length, row - 4, class: "bar"),
        Drawing.text(left + length + 6, y + 12, "\(bin.count)  \(Self.share(bin.count, of: total))"),
      ]
    }
    let spoken = bins.indices.map { "\(label(of: $0)): \(bins[$0].count)" }.joined(separator: "; ")
    return Drawing(
      name: name, title: title, description: "\(total) elements. \(spoken).", width: 420,
      height: Double(bins.count) * row + 8, content: content
    ).markup
  }

  private func label(of index: Int) -> String {
    let edge = bins[index].upTo
    if edge == 0 { return "0, exact" }
    return edge.isFinite ? "≤ \(Self.text(of: edge))\(unit)" : "not finite"
  }

  /// A power of two: `1/8`, `4`, or `2^40`.
  package static func text(of edge: Double) -> String {
    if edge >= 1 { return edge < 0x1p20 ? "\(Int(edge))" : "2^\(edge.exponent)" }
    return edge > 0x1p-20 ? "1/\(Int(1 / edge))" : "2^\(edge.exponent)"
  }

  /// A part in percent.
  package static func share(_ count: Int, of total: Int) -> String {
    guard total > 0 else { return "" }
    let percent = Rational(Integer(100 * count), over: Integer(total))
    if percent > 0 && percent < Rational(1, over: 10) { return "< 0.1 %" }
    return percent.decimal(fractionDigits: 1) + " %"
  }
}
