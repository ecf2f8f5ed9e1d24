import Foundation
import PlumbVerdicts

/// The growth of drift from block to block, beside what each block's layers add alone.
struct GrowthChart {
  /// One place along the pass.
  private struct Place {
    let label: String
    /// `nil` where there was no pass from the tokens.
    let accumulated: Double?
    let local: Double
  }

  private let places: [Place]
  /// Whether there was a pass from the tokens.
  let isAccumulated: Bool

  /// The chart of `activations`, in the order of the pass: what comes before the blocks, each block's output, what
  /// follows the blocks.
  ///
  /// `nil` where there is nothing to draw: fewer than two places, or no drift.
  init?(_ activations: [ActivationDrift]) {
    var places: [Place] = []
    var start = activations.startIndex
    while start < activations.endIndex {
      let block = activations[start].block
      let end =
        block == nil ? start + 1 : activations[start...].firstIndex { $0.block != block } ?? activations.endIndex
      let group = activations[start..<end]
      places.append(
        Place(
          label: block.map { "\($0)" } ?? activations[start].name,
          accumulated: activations[end - 1].accumulated?.relative, local: group.map(\.local.relative).max() ?? 0))
      start = end
    }
    guard places.count > 1, places.contains(where: { Self.isDrawn($0.accumulated ?? 0) || Self.isDrawn($0.local) })
    else { return nil }
    self.places = places
    isAccumulated = places.allSatisfy { $0.accumulated != nil }
  }

  private static func isDrawn(_ value: Double) -> Bool { value > 0 && value.isFinite }

  private static let frame = (left: 54.0, right: 506.0, top: 34.0, bottom: 232.0)

  /// The drawing.
  var markup: Markup {
    let values = places.flatMap { [$0.accumulated ?? 0, $0.local] }.filter(Self.isDrawn)
    let low = Int(log10(values.min() ?? 1).rounded(.down))
    let high = max(low + 1, Int(log10(values.max() ?? 1).rounded(.up)))
    let scale = { (value: Double) -> Double in
      let frame = Self.frame
      guard value > 0 else { return frame.bottom }
      guard value.isFinite else { return frame.top }
      return frame.bottom - (log10(value) - Double(low)) / Double(high - low) * (frame.bottom - frame.top)
    }
    let content =
      grid(low, high, scale) + (isAccumulated ? curve(scale, "line1") { $0.accumulated ?? 0 } : [])
      + curve(scale, "line2", \.local) + marks(scale) + infinities + legend
    return Drawing(
      name: "growth",
      title: isAccumulated ? "Accumulated and local drift along the pass" : "Local drift along the pass",
      description: "Relative to the greatest element of each activation, on a logarithmic scale. "
        + places.map {
          "\($0.label): " + ($0.accumulated.map { "accumulated \(ReportText.scientific($0)), " } ?? "")
            + "local at most \(ReportText.scientific($0.local))"
        }.joined(separator: "; ") + ".",
      width: 560, height: 312, leastWidth: 460, content: content
    ).markup
  }

  private func x(_ index: Int) -> Double {
    Self.frame.left + Double(index) / Double(places.count - 1) * (Self.frame.right - Self.frame.left)
  }

  private func grid(_ low: Int, _ high: Int, _ scale: (Double) -> Double) -> [Markup] {
    let frame = Self.frame
    let every = max(1, (high - low + 5) / 6)
    var content: [Markup] = stride(from: low, through: high, by: every).flatMap { power -> [Markup] in
      let y = frame.bottom - Double(power - low) / Double(high - low) * (frame.bottom - frame.top)
      return [
        Drawing.line(frame.left, y, frame.right, y, class: "axis"),
        Drawing.text(frame.left - 6, y + 4, "1e\(power)", anchor: "end", class: "soft"),
      ]
    }
    // Every block's number where there is room for it; what stands outside the blocks has a name, turned.
    let numbered = max(1, (places.count + 15) / 16)
    for (index, place) in places.enumerated() {
      if let block = Int(place.label) {
        guard block.isMultiple(of: numbered) else { continue }
        content.append(Drawing.text(x(index), frame.bottom + 16, place.label, anchor: "middle", class: "soft"))
      } else {
        content.append(
          Drawing.text(
            x(index) + 3, frame.bottom + 12, place.label, anchor: "end", class: "soft", size: 11, turned: -60))
      }
    }
    return content
  }

  private func curve(
    _ scale: (Double) -> Double, _ style: String, _ value: (Place) -> Double
  ) -> [Markup] {
    let points = places.enumerated().map {
      "\(Drawing.number(x($0.offset))) \(Drawing.number(scale(value($0.element))))"
    }
    return [.tag("path", ["class": style, "d": "M" + points.joined(separator: "L")])]
  }

  /// A circle for accumulated, a square for local drift: the series differ in more than colour.
  private func marks(_ scale: (Double) -> Double) -> [Markup] {
    places.enumerated().flatMap { index, place -> [Markup] in
      (place.accumulated.map { accumulated -> [Markup] in
        [
          .tag(
            "circle",
            ["cx": Drawing.number(x(index)), "cy": Drawing.number(scale(accumulated)), "r": "3", "class": "first"],
            .tag("title", "\(place.label): accumulated \(ReportText.scientific(accumulated))"))
        ]
      } ?? []) + [
        Drawing.rectangle(
          x(index) - 2.5, scale(place.local) - 2.5, 5, 5, class: "second",
          title: "\(place.label): local at most \(ReportText.scientific(place.local))")
      ]
    }
  }

  /// The signs on the highest line, at the places whose drift is not finite.
  private var infinities: [Markup] {
    places.enumerated().filter { !($0.element.accumulated ?? 0).isFinite || !$0.element.local.isFinite }.map {
      Drawing.text(x($0.offset), Self.frame.top - 5, "∞", anchor: "middle")
    }
  }

  private var legend: [Markup] {
    let accumulated: [Markup] = [
      .tag("path", ["class": "line1", "d": "M54 14H84"]),
      .tag("circle", ["cx": "69", "cy": "14", "r": "3", "class": "first"]),
      Drawing.text(90, 18, "accumulated, from the tokens"),
    ]
    return (isAccumulated ? accumulated : []) + [
      .tag("path", ["class": "line2", "d": "M282 14H312"]),
      Drawing.rectangle(294.5, 11.5, 5, 5, class: "second"),
      Drawing.text(318, 18, "local, the worst layer alone"),
    ]
  }
}
