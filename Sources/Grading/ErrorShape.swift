import PlumbModel
import PlumbVerdicts

/// The shape of an error, for people: where it is, its sign, its ratio.
struct ErrorShape {
  /// The words for the extents.
  let labels: [String]
  let dumped: Activation<Float>
  let exact: [Double]
  let bounds: [Double?]

  /// The elements that are beyond their bounds.
  private var wrong: [Int] {
    exact.indices.filter { index in
      guard let bound = bounds[index] else { return false }
      let value = Double(dumped.elements[index])
      return !value.isFinite || (value - exact[index]).magnitude > bound
    }
  }

  /// One sentence each.
  var sentences: [String] {
    let wrong = wrong
    let claimed = bounds.count { $0 != nil }
    guard !wrong.isEmpty, claimed > 0 else { return [] }
    var sentences = ["\(wrong.count) of \(claimed) elements are beyond their bounds."]
    sentences += axes(wrong)
    sentences += values(wrong)
    return sentences
  }

  /// The indices of each axis that have the error, where these are not all.
  private func axes(_ wrong: [Int]) -> [String] {
    var sentences: [String] = []
    for (axis, extent) in dumped.shape.enumerated() where extent > 1 {
      let touched = Set(wrong.map { LocalComparison.coordinates(of: $0, in: dumped.shape)[axis] }).sorted()
      guard touched.count < extent else { continue }
      let label =
        switch labels[axis] {
        case "heads", "keyValueHeads": "heads"
        case "tokens": axis == 2 ? "positions" : "tokens"
        default: "channels"
        }
      sentences.append("Only \(label) \(ReportText.listed(touched)) of \(extent) are touched.")
    }
    return sentences
  }

  /// The sign of the error, and whether it is a factor.
  private func values(_ wrong: [Int]) -> [String] {
    let values = wrong.map { (engine: Double(dumped.elements[$0]), exact: exact[$0]) }
    if values.allSatisfy({ $0.engine.isNaN }) { return ["Each of them is NaN."] }
    if values.allSatisfy({ $0.engine == 0 }) { return ["Each of them is 0."] }
    if values.allSatisfy({ !$0.engine.isFinite }) { return ["None of them is finite."] }
    let odd = values.count { !$0.engine.isFinite }
    var sentences = odd > 0 ? ["\(odd) of them \(odd == 1 ? "is" : "are") not finite."] : []
    let ratios = values.filter { $0.exact != 0 && $0.engine.isFinite }.map { $0.engine / $0.exact }.sorted()
    if let low = ratios.first, let high = ratios.last, ratios.count > 1 {
      // A factor is on one side of 1, and nearly the same everywhere.
      if ratios.count == values.count, low > 1 || high < 1, high - low <= 0.001 * ratios[ratios.count / 2].magnitude {
        let (least, most) = (Self.short(low), Self.short(high))
        return ["Each is \(least == most ? least : "\(least) to \(most)") times what it should be."]
      }
    }
    if values.allSatisfy({ $0.engine > $0.exact }) { sentences.append("All of them are too great.") }
    if values.allSatisfy({ $0.engine < $0.exact }) { sentences.append("All of them are too small.") }
    if !ratios.isEmpty {
      sentences.append("The median quotient of found and exact is \(Self.short(ratios[ratios.count / 2])).")
    }
    return sentences
  }

  /// Four digits behind the point, or as many as tell the value from 1 and from 0.
  static func short(_ value: Double) -> String {
    var scale = 10_000.0
    func scaled() -> Double { (value * scale).rounded() / scale }
    while scale < 1e15, scaled() == 1 && value != 1 || scaled() == 0 { scale *= 10 }
    return scaled() == 0 ? "\(value)" : "\(scaled())"
  }
}
