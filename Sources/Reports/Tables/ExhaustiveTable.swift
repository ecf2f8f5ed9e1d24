import PlumbExhaustion

/// The reports of walks as text: a line a function, and one that says how far it is at most.
package struct ExhaustiveTable: Sendable {
  private let reports: [ExhaustiveReport]

  /// Makes the table.
  package init(_ reports: [ExhaustiveReport]) { self.reports = reports }

  /// The text, which ends with a newline.
  package var text: String {
    let header = ["function", "inputs", "correctly rounded", "exact path", "against", "outside", "seconds"]
    let rows = reports.map { report in
      [
        report.function, "\(report.inputs)" + (report.isComplete ? "" : "+"), "\(report.correctlyRounded)",
        "\(report.decidedExactly)", "\(report.monotonicityViolations)", "\(report.outside)",
        "\(Int(report.seconds.rounded(.up)))",
      ]
    }
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    var text = reports.first.map { "instructions: \($0.instructionSet)\n" } ?? ""
    text += ([header] + rows).map { row in
      zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index < 1 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ") + "\n"
    }.joined()
    for report in reports {
      let distance = report.furthest.map { "\(Self.ulps($0.ulps)) ulps, at \($0.input.hexadecimal)" }
      text += "\(report.function): at most \(distance ?? "0.5 ulps") from the exact value\n"
    }
    for line in reports.flatMap(Self.failures) { text += line + "\n" }
    return text
  }

  /// The faults of the function of `report`, a line each.
  static func failures(of report: ExhaustiveReport) -> [String] {
    var lines = report.failures.map { failure in
      let call = "\(report.function)(\(failure.input.hexadecimal)) = \(failure.output.hexadecimal)"
      return "outside: \(call), \(ulps(failure.ulps)) ulps off"
    }
    if let input = report.firstViolation {
      lines.append(
        "against its direction: \(report.function) at \(input), and \(report.monotonicityViolations - 1) more")
    }
    if let input = report.firstUndecided {
      lines.append("undecided: \(report.function) at \(input), and \(report.undecided - 1) more")
    }
    return lines
  }

  /// Ten decimals, rounded up.
  private static func ulps(_ value: Double) -> String {
    guard value.isFinite, value < 1e6 else { return "\(value)" }
    let scaled = (value * 1e10).rounded(.up)
    let fraction = String(Int(scaled) % 10_000_000_000)
    return "\(Int(scaled) / 10_000_000_000)." + String(repeating: "0", count: 10 - fraction.count) + fraction
  }
}
