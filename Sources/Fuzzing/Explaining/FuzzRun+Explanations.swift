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
    let isHere = shrinking.cases > 0
    let end = ContinuousClock.now + (isHere ? min(shrinking.time, .seconds(20)) : .seconds(20))
    let isOver = { isInterrupted() || ContinuousClock.now >= end }
    let failing = Set(failures.filter { $0.repetition?.text == nil && $0.problem == nil }.map(\.replay))
    let drawn = strategies.isEmpty ? [] : (0..<min(Self.compared, count)).map { $0 }
    // A kernel that is elsewhere has the outputs of numbered cases only.
    let numbers = Set(isHere ? [] : failures.filter { $0.problem == nil }.compactMap(\.number)).subtracting(drawn)
    var inputs: [(input: LayerCase, number: Int?)] = []
    if isHere {
      inputs = try failing.sorted { ($0.utf8.count, $0) < ($1.utf8.count, $1) }.map { (try CaseLine.parse($0), nil) }
    }
    inputs += (numbers.sorted() + drawn).map { (subject.arithmetic.prepared(self.drawn[$0]), $0) }
    var answers: [BugSearch.Answer] = []
    try subject.aside {
      for (input, number) in inputs
      where input.tensors.values.reduce(0, { $0 + $1.shape.reduce(1, *) }) <= BugSearch.greatestCase {
        if isOver() { break }
        let checked = try CheckedCase(input)
        guard case .output(let output) = try subject.answer(checked, number: isHere ? nil : number),
          output.shape == checked.outputShape
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
