import PlumbCases
import PlumbTolerance
import PlumbVerdicts

extension FuzzRun {
  /// The number of cases, beside those that failed, whose outputs a bug must explain.
  private static let compared = 24

  /// The bugs and the arithmetics that explain `failures`; `nil` where there are none with an output, or where they are those of this
  /// engine.
  ///
  /// A failure that does not come again, or has no output, tells nothing of a formula.
  func causes(
    of failures: [FuzzReport.Finding], below count: Int, isInterrupted: @escaping () -> Bool
  ) throws -> (bugs: [FuzzReport.Explanation], arithmetics: [String])? {
    guard case .model(let model) = subject.arithmetic, isFiltered, !failures.isEmpty else { return nil }
    let end = ContinuousClock.now + min(shrinking.time, .seconds(20))
    let isOver = { isInterrupted() || ContinuousClock.now >= end }
    let failing = Set(failures.filter { $0.repetition?.text == nil && $0.problem == nil }.map(\.replay))
    var inputs = try failing.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.map(CaseLine.parse)
    if !strategies.isEmpty { inputs += (0..<min(Self.compared, count)).map { subject.arithmetic.prepared(drawn[$0]) } }
    var answers: [BugSearch.Answer] = []
    try subject.aside {
      for input in inputs where input.tensors.values.reduce(0, { $0 + $1.shape.reduce(1, *) }) <= BugSearch.greatestCase
      {
        if isOver() { break }
        let checked = try CheckedCase(input)
        guard case .output(let output) = try subject.answer(checked, number: nil), output.shape == checked.outputShape
        else { continue }
        let fails = try subject.arithmetic.judge(checked, output: output).verdict == .outside
        answers.append(BugSearch.Answer(input: checked, output: output, fails: fails))
      }
    }
    guard answers.contains(where: \.fails) else { return nil }
    let search = BugSearch(model: model, isOver: isOver)
    return (search.explanations(of: answers), search.arithmetics(of: answers))
  }
}
