import PlumbModel
import PlumbMutants
import PlumbTolerance
import PlumbVerdicts

/// The search for the bugs of a layer's catalogue that give what a kernel gave.
///
/// A bug explains a kernel where every element of a failing case lies within its bound of what the bug gives in exact arithmetic, and
/// no element of any case lies beyond. Cases that did not fail count, too: a bug that would have shown in one is refuted. Where no bug
/// explains it, changes of right outputs are tried, such as a tail that is left 0, with the size of the vector that it does not fill.
struct BugSearch {
  /// An output of the kernel.
  struct Answer {
    let input: CheckedCase
    let output: Activation<Float>
    /// Whether it is outside its bounds.
    let fails: Bool
  }

  /// The most numbers of a case that is looked at.
  static let greatestCase = 1 << 12

  /// The arithmetic of the kernel.
  let model: ArithmeticModel
  /// Whether no time is left.
  let isOver: () -> Bool

  /// The bugs that explain `answers`, which are of one layer; those that no time was left for are left out.
  func explanations(of answers: [Answer]) -> [FuzzReport.Explanation] {
    guard let layer = answers.first?.input.source.layer else { return [] }
    // A case that failed refutes most bugs at once.
    let answers = answers.filter(\.fails) + answers.filter { !$0.fails }
    let planted = Mutant.of(layer).filter { $0.proof == nil }.compactMap {
      isOver() ? nil : explanation(by: $0, of: answers)
    }
    return FuzzReport.sorted(planted.isEmpty ? edits(of: answers) : planted)
  }

  /// The changes of right outputs that explain `answers`, of each family the first: once it is undone, all of them are within.
  private func edits(of answers: [Answer]) -> [FuzzReport.Explanation] {
    guard let first = answers.first else { return [] }
    // Another engine's numbers are of its format.
    let rights = answers.map { Catalogue.engine($0.input).map { model.storage.nearest(to: $0) } }
    return OutputEdit.families(rank: first.output.shape.count).compactMap { family in
      family.lazy.compactMap { isOver() ? nil : explanation(by: $0, of: answers, rights) }.first
    }
  }

  private func explanation(
    by edit: OutputEdit, of answers: [Answer], _ rights: [Activation<Float>]
  ) -> FuzzReport.Explanation? {
    var (greatest, explained, hasOthers) = (0.0, 0, edit.spoils == nil)
    for (answer, right) in zip(answers, rights) {
      if let spoils = edit.spoils {
        let spoiled = answer.output.elements.indices.count { spoils($0, answer.output) }
        if !answer.fails && spoiled > 0 { return nil }
        if answer.fails && spoiled < answer.output.elements.count { hasOthers = true }
      }
      guard let undone = edit.undone(answer.output, right),
        let drift = try? Catalogue.judge(answer.input, output: undone, in: model),
        drift.verdict == .within || !answer.fails && drift.verdict != .outside
      else { return nil }
      greatest = max(greatest, drift.margin)
      if answer.fails { explained += 1 }
    }
    let layer = answers[0].input.source.layer
    return explained == 0 || !hasOthers
      ? nil
      : FuzzReport.Explanation(
        mutant: "\(layer.rawValue) \(edit.name)", cause: edit.sentence, margin: greatest, cases: explained)
  }

  /// The arithmetics in which nothing of `answers` is outside, and what fails is within: the kernel's with one option more.
  func arithmetics(of answers: [Answer]) -> [String] {
    let answers = answers.filter(\.fails) + answers.filter { !$0.fails }
    return model.withOneOptionMore.compactMap { other in
      guard !isOver() else { return nil }
      for answer in answers {
        guard Catalogue.isProved(answer.input, in: other),
          let verdict = try? Catalogue.judge(answer.input, output: answer.output, in: other).verdict,
          verdict == .within || !answer.fails && verdict != .outside
        else { return nil }
      }
      return other.description
    }
  }

  private func explanation(by mutant: Mutant, of answers: [Answer]) -> FuzzReport.Explanation? {
    var (greatest, explained) = (0.0, 0)
    for answer in answers {
      guard let margin = margin(of: answer, mutant) else { continue }
      if margin > 1 { return nil }
      greatest = max(greatest, margin)
      if answer.fails { explained += 1 }
    }
    guard explained > 0 else { return nil }
    return FuzzReport.Explanation(
      mutant: "\(mutant.layer.rawValue) \(mutant.name)", cause: mutant.bug, margin: greatest, cases: explained)
  }

  /// The greatest distance of the output from what `mutant` gives, in bounds; `nil` where it is not decided on which side of 1 it is.
  private func margin(of answer: Answer, _ mutant: Mutant) -> Double? {
    if let other = mutant.restated(answer.input), other.outputCount == answer.output.elements.count,
      Catalogue.isProved(other, in: model),
      let drift = try? Catalogue.judge(other, output: answer.output.reshaped(other.outputShape), in: model),
      drift.verdict.isClaimed
    {
      return drift.margin
    }
    let enclosed = mutant.enclosed?.result(CaseInput(answer.input, in: EnclosureContext(model)))
    // Every element of a case that failed must be explained.
    guard let elements = enclosed?.elements, elements.count == answer.output.elements.count,
      elements.contains(where: \.isKnown)
    else { return nil }
    return EnclosedMargin.decided(answer.output.elements, elements) { answer.fails || elements[$0].isKnown }
  }
}
