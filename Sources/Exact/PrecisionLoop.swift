/// Raises the precision until a question is decided, or a stated precision is reached.
///
/// Source: Ziv, "Fast evaluation of elementary mathematical functions with correctly rounded last bit" (1991).
package enum PrecisionLoop {
  /// The answer of the first precision that decides: 64, 128, 256 … bits, and last `greatest`.
  ///
  /// `attempt` returns nil, or throws `EnclosureError`, where its precision did not suffice. Throws `PrecisionExhausted`
  /// when the greatest precision did not either: the question may have no answer that any precision decides, as whether
  /// a number that is exactly halfway between two floats lies above the middle.
  /// - Precondition: 1 ≤ `first` ≤ `greatest`.
  package static func decide<Answer>(
    from first: Int = 64, upTo greatest: Int = 4096,
    _ attempt: (_ precision: Int) throws(EnclosureError) -> Answer?
  ) throws(PrecisionExhausted) -> Answer {
    try decide(from: first, upTo: greatest) { precision, _ throws(EnclosureError) in try attempt(precision) }
  }

  /// The same where an attempt may know how much more it takes: `next` is the precision that is tried after it, twice its own
  /// unless it says otherwise.
  ///
  /// *Edge cases*: a `next` that is no greater counts as twice, so that the loop ends whatever an attempt says.
  package static func decide<Answer>(
    from first: Int, upTo greatest: Int,
    _ attempt: (_ precision: Int, _ next: inout Int) throws(EnclosureError) -> Answer?
  ) throws(PrecisionExhausted) -> Answer {
    precondition(1 <= first && first <= greatest, "PrecisionLoop: the precisions are in the wrong order")
    var precision = first
    while true {
      var reason: EnclosureError?
      var next = 2 * precision
      do throws(EnclosureError) {
        if let answer = try attempt(precision, &next) { return answer }
      } catch {
        reason = error
      }
      if precision == greatest { throw PrecisionExhausted(precision: greatest, reason: reason) }
      precision = min(next > precision ? next : 2 * precision, greatest)
    }
  }

  /// The same for an attempt that may fail otherwise, too: an error that is no `EnclosureError` ends the loop.
  ///
  /// - Throws: `PrecisionExhausted`, or that error.
  package static func decideOrFail<Answer>(
    from first: Int, upTo greatest: Int, _ attempt: (_ precision: Int, _ next: inout Int) throws -> Answer?
  ) throws -> Answer {
    let result = try decide(from: first, upTo: greatest) {
      precision, next throws(EnclosureError) -> Result<Answer, any Error>? in
      do {
        return try attempt(precision, &next).map { .success($0) }
      } catch let error as EnclosureError {
        throw error
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }
}

/// A question that the greatest precision allowed did not decide.
package struct PrecisionExhausted: Error, Hashable, Sendable, CustomStringConvertible {
  /// The greatest precision tried, in bits.
  package let precision: Int
  /// The reason why the last attempt gave no enclosure, where that is what failed.
  package let reason: EnclosureError?

  /// Makes the error; `reason` is nil where the last attempt gave an enclosure that was too wide.
  package init(precision: Int, reason: EnclosureError?) {
    self.precision = precision
    self.reason = reason
  }

  /// The fault, and what to do.
  package var description: String {
    let detail = reason.map { ": \($0)" } ?? ""
    return "not decided at \(precision) bits\(detail); allow more bits, or the value lies on a boundary exactly"
  }
}
