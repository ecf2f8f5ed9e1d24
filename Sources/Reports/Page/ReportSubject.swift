/// The numbers that a page shows beside the exact ones; their word stands in headings.
enum ReportSubject: String, Sendable {
  /// This engine's.
  case engine
  /// The activations that somebody's engine left in a file.
  case dump
}
