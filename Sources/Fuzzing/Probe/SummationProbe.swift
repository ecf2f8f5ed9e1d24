import PlumbModel
import PlumbTolerance
import PlumbVerdicts

/// The way in which a kernel of `linear` adds its products, found from its outputs on chosen inputs.
///
/// All of K products are small but two, M and −M, and a small one is lost in every sum that has one of them. The result is then the
/// sum of the products that were added after M and −M had met, so that their number tells how many terms the first partial sum of
/// both has. All pairs together are the tree of the sum. Source: FPRev (arXiv 2411.00442), section 4.
package struct SummationProbe: Sendable {
  /// The numbers of products that are asked of.
  package static let terms = 4...256
  /// The most bits below a number that are looked for; binary16 has one so far below 2¹⁰.
  private static let triedBits = 34

  let subject: FuzzSubject
  let model: ArithmeticModel
  let terms: Int

  /// Makes a probe of `subject` with sums of `terms` products.
  ///
  /// - Precondition: `terms` is one of `SummationProbe.terms`.
  package init(_ subject: FuzzSubject, _ model: ArithmeticModel, terms: Int) {
    precondition(Self.terms.contains(terms), "\(terms) terms")
    (self.subject, self.model, self.terms) = (subject, model, terms)
  }

  /// The most terms of whose sum a unit that keeps 25 bits below M keeps nothing, in the format of the tensors.
  private var mostTerms: Int { great < 0x1p50 ? 17 : Self.terms.upperBound }

  /// M, and the small number.
  private var great: Float { model.storage.greatest < 0x1p100 ? 0x1p15 : 0x1p100 }
  private var small: Float { model.storage.greatest < 0x1p100 ? 0x1p-14 : 1 }

  /// The rows of every batch, as a kernel may add otherwise for another number: at least one for each two terms.
  private var rows: Int { max(terms * (terms - 1) / 2, Self.triedBits) }

  /// The outputs for rows of `terms` numbers that are multiplied by 1 and added; they stand in the batch again and again.
  ///
  /// - Throws: `ProbeError` where there is no output to read; as `EngineCommand.judge`.
  private func outputs(_ numbers: [[Float]]) throws -> [Float] {
    let x = Activation(shape: [rows, terms], elements: (0..<rows).flatMap { numbers[$0 % numbers.count] })
    let weight = Activation(shape: [1, terms], elements: [Float](repeating: 1, count: terms))
    let source = LayerCase(layer: .linear, tensors: ["x": .real(x), "weight": .real(weight)])
    switch try subject.answer(try CheckedCase(source), number: nil) {
    case .failure(let failure): throw ProbeError(problem: failure.description)
    case .output(let output):
      guard output.shape == [rows, 1], output.elements.allSatisfy(\.isFinite) else {
        throw ProbeError(
          problem: "the output of sums of at most \(great) has another shape than [\(rows), 1], or is not finite")
      }
      return output.elements
    }
  }

  /// How many terms the first partial sum of each two has.
  ///
  /// - Throws: `ProbeError` where the outputs are no sums of some of the terms.
  func meetings() throws -> TermMeetings {
    guard terms <= mostTerms else {
      throw ProbeError(
        problem:
          "sums of \(model.storage.name) tell the order of at most \(mostTerms) terms: give '--terms \(mostTerms)'")
    }
    var rows: [[Float]] = []
    for first in 0..<terms {
      for second in first + 1..<terms {
        var row = [Float](repeating: small, count: terms)
        (row[first], row[second]) = (great, -great)
        rows.append(row)
      }
    }
    let left = try outputs(rows)
    var meetings = TermMeetings(terms)
    var place = 0
    for first in 0..<terms {
      for second in first + 1..<terms {
        let count = left[place] / small
        guard count >= 0, count <= Float(terms - 2), count == count.rounded() else {
          throw ProbeError(
            problem:
              "with \(great) and −\(great) at \(first) and \(second) of \(terms) terms of \(small) the output is "
              + "\(left[place]), which is no sum of some of them")
        }
        meetings[first, second] = terms - Int(count)
        place += 1
      }
    }
    return meetings
  }

  /// The bits below the greatest exponent of two numbers that their sum keeps, and whether what lies below them is rounded to the
  /// nearest; `nil` where all are kept that were tried.
  func precision(_ meetings: TermMeetings) throws -> (bits: Int, isNearest: Bool)? {
    // The two terms that meet the first one earliest: the small one no later than the opposite, and both in one block of a unit,
    // whose sum has fewer bits than are kept in it.
    let near = (1..<terms).sorted { (meetings[0, $0], $0) < (meetings[0, $1], $1) }
    let (beside, opposite) = (near[0], near[1])
    func row(_ number: Float) -> [Float] {
      var row = [Float](repeating: 0, count: terms)
      (row[0], row[beside], row[opposite]) = (0x1p10, number, -0x1p10)
      return row
    }
    let kept = try outputs((1...Self.triedBits).map { row(Float(sign: .plus, exponent: 10 - $0, significand: 1)) })
    let bits = kept.prefix(Self.triedBits).prefix { $0 != 0 }.count
    guard bits > 0, bits < Self.triedBits else { return nil }
    let above = Float(sign: .plus, exponent: 10 - bits - 1, significand: 1.5)
    return (bits, try outputs([row(above)])[0] != 0)
  }
}

/// The reason why a kernel's additions could not be found.
package struct ProbeError: Error, Sendable, CustomStringConvertible {
  /// The problem.
  package let problem: String
  /// One line for the person who must act.
  package var description: String { "probe: \(problem)" }
}
