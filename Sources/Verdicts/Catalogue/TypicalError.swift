import PlumbBounds
import PlumbModel
import PlumbTolerance

/// The errors of an output beside those that its arithmetic typically makes: a note, from which no verdict follows.
///
/// The model: what is typical are the errors of the layer's formula computed on the same inputs by this machine, every operation rounded to
/// nearest, sums added one term after the other, steps stored or kept, by the first or the second of two formulas; of these, those that err most.
/// Rounding errors of one computation behave as independent numbers do, and grow with the root of the number of operations where a bound
/// grows with the number. Source: Higham and Mary, "A New Approach to Probabilistic Rounding Error Analysis" (2019), model 2.1.
package struct TypicalError: Sendable, Codable, Equatable {
  /// The root mean squares of the margins: of the output, and of what is typical.
  package let margin, typical: Double
  /// The margin ÷ the typical one.
  package let times: Double

  /// The fewest elements whose mean tells of an arithmetic rather than of chance.
  static let fewest = 16

  /// The errors of `output`, whose elements have `margins`; `nil` where there are too few with a bound that is not 0, nothing is lost, or no
  /// machine computes the layer in `model`.
  init?(_ margins: [Double?], of input: CheckedCase, in model: ArithmeticModel, _ judge: inout CaseJudge) {
    let machines = MachineContext.all(in: model).filter { $0.order == .forwards && !$0.fuses }
    let places = margins.indices.filter { margins[$0] != nil }
    guard !machines.isEmpty, places.count >= Self.fewest, let margin = Self.mean(margins, at: places) else {
      return nil
    }
    var typical = 0.0
    for machine in machines {
      guard let output = Catalogue.forward(CaseInput(input, in: machine)),
        let elements = judge.margins(of: output), let mean = Self.mean(elements, at: places)
      else { return nil }
      typical = max(typical, mean)
    }
    guard typical > 0 else { return nil }
    (self.margin, self.typical, times) = (margin, typical, margin / typical)
  }

  /// The root mean square of the margins at `places`; `nil` where one is not finite, or not known.
  private static func mean(_ margins: [Double?], at places: [Int]) -> Double? {
    var sum = 0.0
    for place in places {
      guard let margin = margins[place], margin.isFinite else { return nil }
      sum += margin * margin
    }
    return (sum / Double(places.count)).squareRoot()
  }

  /// The errors of `output` on `input`; `nil` where they are not known.
  package static func of(
    _ output: Activation<Float>, _ input: CheckedCase, in arithmetic: Arithmetic
  ) -> TypicalError? {
    guard case .model(let model) = arithmetic, output.shape == input.outputShape,
      var judge = try? CaseJudge(input, in: arithmetic), let margins = judge.margins(of: output)
    else { return nil }
    return TypicalError(margins, of: input, in: model, &judge)
  }
}

extension CaseJudge {
  /// The margins of the elements of `output` that have a bound above 0; `nil` where no element has.
  fileprivate mutating func margins(of output: Activation<Float>) -> [Double?]? {
    answer(output).elements?.map { element in
      guard let element, element.bound > 0, element.bound < .infinity else { return nil }
      return element.margin
    }
  }
}
