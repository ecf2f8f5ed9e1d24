import PlumbFuzzing

/// The sentence on the review of failures that an interruption left out.
enum InterruptedReview {
  /// Says on the standard error stream what was not done with the failures of `reports`, where somebody interrupted the run.
  static func say(_ reports: [FuzzReport]) {
    guard Interrupt.isRequested, let last = reports.last, let text = text(last) else { return }
    StandardError.write("plumb: \(last.layer): \(text)\n")
  }

  /// The words on what was left out of the report, `nil` where nothing was.
  private static func text(_ report: FuzzReport) -> String? {
    guard !report.failures.isEmpty else { return nil }
    let isReviewed = report.isComplete
    guard !isReviewed || (!report.isOwn && report.explanations == nil) else { return nil }
    let shrinking = isReviewed ? "its failures may not be as small as they get" : "its failures are not made smaller"
    return shrinking
      + (report.isOwn ? "" : ", and no other arithmetic or bug that would explain them was looked for")
      + "; the same command without an interruption does it"
  }
}
