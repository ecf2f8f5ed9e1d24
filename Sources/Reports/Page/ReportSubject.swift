/// Whose numbers a page shows beside the exact ones; its word stands in headings.
enum ReportSubject: String, Sendable {
  /// This engine's.
  case engine
  /// Those that somebody's engine left in a file.
  case dump
}
