extension LocalDrift {
  /// The distance of the worst element from its exact value, with the verb that it takes: the end of a sentence about an
  /// activation that is outside its bound.
  package var worstText: String {
    guard margin == .infinity, let worst, let engine = Double(worst.engine), let exact = Double(worst.lower) else {
      return "its worst element is \(ReportText.short(margin)) times its bound away"
    }
    let place = "its element \(worst.index)"
    if engine.isNaN { return "\(place) is not a number, where the exact value is \(exact)" }
    if engine.isInfinite { return "\(place) is infinite, where the exact value is \(exact)" }
    return "\(place) is \(engine), where the exact value is \(exact) and nothing may be rounded"
  }
}
