/// The reports of walks as text: one line a function.
public struct ExhaustiveTable: Sendable {
  private let reports: [ExhaustiveReport]

  /// Makes the table.
  public init(_ reports: [ExhaustiveReport]) { self.reports = reports }

  /// The text, which ends with a newline.
  public var text: String {
    let header = [
      "function", "isa", "inputs", "correctly rounded", "exact path", "ulps", "at", "against", "outside", "seconds",
    ]
    let rows = reports.map { report in
      [
        report.function, report.instructionSet, "\(report.inputs)" + (report.isComplete ? "" : "+"),
        "\(report.correctlyRounded)", "\(report.decidedExactly)", report.furthest.map { Self.ulps($0.ulps) } ?? "≤ 0.5",
        report.furthest?.input.hexadecimal ?? "-", "\(report.monotonicityViolations)", "\(report.outside)",
        "\(Int(report.seconds.rounded(.up)))",
      ]
    }
    let widths = header.indices.map { column in ([header] + rows).map { $0[column].count }.max() ?? 0 }
    var text = ([header] + rows).map { row in
      zip(row, widths).enumerated().map { index, cell in
        let space = String(repeating: " ", count: cell.1 - cell.0.count)
        return index < 2 ? cell.0 + space : space + cell.0
      }.joined(separator: "  ") + "\n"
    }.joined()
    for report in reports {
      for failure in report.failures {
        let call = "\(report.function)(\(failure.input.hexadecimal)) = \(failure.output.hexadecimal)"
        text += "outside: \(call), \(Self.ulps(failure.ulps)) ulps off\n"
      }
      if let input = report.firstViolation {
        text += "against its direction: \(report.function) at \(input), and \(report.monotonicityViolations - 1) more\n"
      }
    }
    return text
  }

  /// Ten decimals, rounded up.
  private static func ulps(_ value: Double) -> String {
    guard value.isFinite, value < 1e6 else { return "\(value)" }
    let scaled = (value * 1e10).rounded(.up)
    let fraction = String(Int(scaled) % 10_000_000_000)
    return "\(Int(scaled) / 10_000_000_000)." + String(repeating: "0", count: 10 - fraction.count) + fraction
  }
}
