extension GradeReport {
  /// The report as JUnit's XML: a test case for every activation, failing where it is outside its bound.
  public var junit: String {
    let failures = activations.count { $0.local.verdict == .outside }
    let skipped = activations.count { $0.local.verdict == .outsideDomain }
    var lines = [
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>",
      "<testsuite name=\"plumb grade\" tests=\"\(activations.count)\" failures=\"\(failures)\" skipped=\"\(skipped)\">",
    ]
    for activation in activations {
      let opening =
        "  <testcase classname=\"\(Self.escaped(activation.layer))\" name=\"\(Self.escaped(activation.name))\""
      let margin = "margin \(activation.local.margin)"
      switch activation.local.verdict {
      case .within: lines.append(opening + "/>")
      case .outsideDomain: lines.append(opening + "><skipped message=\"outside the domain of the bounds\"/></testcase>")
      case .outside:
        let isFirst = activation.name == firstCause?.name
        let message = isFirst ? "first cause, \(margin)" : margin
        let body = isFirst ? firstCauseText : ""
        lines.append(
          opening + "><failure message=\"\(Self.escaped(message))\">\(Self.escaped(body))</failure></testcase>")
      }
    }
    return (lines + ["</testsuite>"]).map { $0 + "\n" }.joined()
  }

  private var firstCauseText: String {
    guard let firstCause else { return "" }
    return (firstCause.shape + firstCause.explanations.map { "Explained by \($0.mutant): \($0.cause)" })
      .joined(separator: "\n")
  }

  /// `text` as XML has it; characters that XML does not allow are replaced.
  private static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "\n", "\t": result.unicodeScalars.append(scalar)
      case "\u{0}"..<" ", "\u{fffe}", "\u{ffff}": result += "?"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
