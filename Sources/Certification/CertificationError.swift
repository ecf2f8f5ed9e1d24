/// The reason why nothing was certified.
package enum CertificationError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The checkpoint file cannot be used; `line` counts from 1.
  case checkpoint(file: String, line: Int?, problem: String)
  /// A file could not be read or written.
  case file(String)
  /// The pass was interrupted.
  case interrupted(checkpoint: String?)
  /// Not even the greatest precision encloses the result.
  case tooWide(precision: Int)

  /// Whether somebody ended the pass, which could go on.
  package var isInterruption: Bool {
    if case .interrupted = self { true } else { false }
  }

  /// One line for the person who must act.
  package var description: String {
    switch self {
    case .checkpoint(let file, let line, let problem):
      "\(file)\(line.map { ":\($0)" } ?? ""): \(problem); remove it to begin anew, or name another checkpoint"
    case .file(let problem): problem
    case .interrupted(let checkpoint?): "interrupted; the same command goes on from '\(checkpoint)'"
    case .interrupted(nil): "interrupted; with '--checkpoint FILE' it could go on later"
    case .tooWide(let precision):
      "not enclosed at \(precision / 2) bits: an activation may stand on the edge of its function's domain"
    }
  }
}
