/// The reason why a training cannot begin or go on.
package enum TrainingError: Error, Sendable, Hashable, CustomStringConvertible {
  /// The configuration contradicts itself, as the line says.
  case configuration(String)
  /// A text has `count` bytes where a sequence needs `needed`; `name` says which text.
  case shortText(name: String, count: Int, needed: Int)
  /// A loss or a gradient was not finite in `step`; `first` is the first tensor or activation that was not.
  case diverged(step: Int, first: String)
  /// The file of a checkpoint cannot be used.
  case checkpoint(file: String, problem: String)
  /// Another part of the package refused, as the line says.
  case other(String)
  /// Somebody asked for an end; the checkpoint holds as many steps where one is written.
  case interrupted(steps: Int, checkpoint: String?)

  /// One line: what is wrong, where, and what to do.
  package var description: String {
    switch self {
    case .configuration(let problem): problem
    case .shortText(let name, let count, let needed):
      count == 0
        ? "\(name) is empty; give a text of at least \(needed) bytes"
        : "\(name) has \(count) bytes, and a sequence with what follows it \(needed); give a longer text, or lower --context"
    case .diverged(let step, let first):
      "step \(step): the loss diverged, and \(first) was the first that is not finite; lower --rate or --clip, or lengthen "
        + "--warm-up"
    case .checkpoint(let file, let problem): "\(file): \(problem)"
    case .other(let line): line
    case .interrupted(let steps, let checkpoint):
      checkpoint.map { "interrupted after step \(steps), which '\($0)' holds; go on from it with --resume" }
        ?? "interrupted after step \(steps); nothing was kept, as there is no --checkpoint"
    }
  }
}
