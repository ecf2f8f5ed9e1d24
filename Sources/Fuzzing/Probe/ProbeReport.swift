import PlumbCases
import PlumbTolerance
import PlumbVerdicts

/// The report of a probe; its coding keys are the documented JSON schema.
///
/// An arithmetic that fits was refuted by none of the chosen inputs, which is no proof of it.
package struct ProbeReport: Sendable, Codable {
  /// An arithmetic that has the order that was found.
  package struct Fit: Sendable, Codable {
    /// The arithmetic, as `--arithmetic` takes it.
    package let arithmetic: String
    /// The drawn cases that were decided in it.
    package let cases: Int
    /// The number of them that were outside.
    package let outside: Int
    /// The greatest margin.
    package let margin: Double
  }

  /// An arithmetic that the outputs refute.
  package struct Exclusion: Sendable, Codable {
    /// The arithmetic.
    package let arithmetic: String
    /// The finding that it contradicts.
    package let reason: String
  }

  /// The version of the schema.
  package var schema = 1
  /// The engine's command; `nil` for this engine.
  package var engine: String?
  /// The number of products in each sum.
  package let terms: Int
  /// The order of the additions, in words.
  package let order: String
  /// The sum with its partial sums in parentheses, a run of terms by its ends; `nil` where the outputs are those of no tree.
  package let tree: String?
  /// The bits that a sum of two numbers keeps below the greater; `nil` where it keeps all that were tried.
  package let keptBits: Int?
  /// Whether what lies below them is rounded to the nearest, rather than cut; `nil` where nothing is lost.
  package let isNearest: Bool?
  /// The arithmetics that fit; the last one allows any order.
  package let fits: [Fit]
  /// The arithmetics that do not fit.
  package let excluded: [Exclusion]
}

extension SummationProbe {
  /// The report on the subject, whose fits are held to `cases` drawn cases.
  ///
  /// - Throws: `ProbeError` where the outputs are no sums; as `FuzzRun.report`.
  package func report(cases: Int, seed: UInt64) throws -> ProbeReport {
    let found = try meetings()
    let precision = try precision(found)
    var (name, fitting): (String?, [String]) = (nil, [])
    var refuted: [(words: String, reason: String)] = []
    for order in KnownOrder.all(terms, of: model.operands) {
      let difference = order.difference(from: found)
      if difference == nil { name = name ?? order.name }
      for words in order.words {
        if let difference {
          refuted.append((words, difference))
        } else if let problem = mismatch(words, precision) {
          refuted.append((words, problem))
        } else if !fitting.contains(words) {
          fitting.append(words)
        }
      }
    }
    // A word may have several orders.
    var excluded: [ProbeReport.Exclusion] = []
    for (words, reason) in refuted
    where !fitting.contains(words) && !excluded.contains(where: { $0.arithmetic == words }) {
      excluded.append(.init(arithmetic: words, reason: reason))
    }
    let order =
      name ?? (found.losesNothing ? "no term is lost: an exact sum, or one of far more bits" : "none that has a name")
    // Any order holds whatever was found, in the format of the sums.
    let fits = try (fitting.map { ",\($0)" } + [""]).map { try fit(model.description + $0, cases: cases, seed: seed) }
    return ProbeReport(
      engine: subject.command?.command, terms: terms, order: order,
      tree: SummationTree(found)?.description, keptBits: precision?.bits,
      isNearest: precision?.isNearest, fits: fits, excluded: excluded)
  }

  /// The reason why the unit that `words` name keeps another number of bits than was found.
  private func mismatch(_ words: String, _ precision: (bits: Int, isNearest: Bool)?) -> String? {
    guard words.hasPrefix("unit="), let unit = MatrixUnit(rawValue: String(words.dropFirst(5))) else { return nil }
    let bits = Set(unit.alignedBlocks(of: model.operands).map(\.bits))
    guard let precision, !bits.contains(precision.bits) else { return nil }
    let known = bits.sorted().map(String.init).joined(separator: " or ")
    return "\(precision.bits) bits are kept below the greatest product, not \(known)"
  }

  private func fit(_ text: String, cases: Int, seed: UInt64) throws -> ProbeReport.Fit {
    let arithmetic = Arithmetic.model(try ArithmeticModel(parsing: text))
    let drawn = CaseSequence(layer: .linear, strategies: [.random, .exact, .illConditioned], seed: seed, shape: [:])
    var (outside, margin) = (0, 0.0)
    for number in 0..<cases {
      let input = try CheckedCase(arithmetic.prepared(drawn[number]))
      let drift = try arithmetic.judge(input, answer: try subject.answer(input, number: nil))
      if drift.verdict == .outside { outside += 1 }
      margin = max(margin, drift.margin)
    }
    return ProbeReport.Fit(arithmetic: text, cases: cases, outside: outside, margin: margin)
  }
}
