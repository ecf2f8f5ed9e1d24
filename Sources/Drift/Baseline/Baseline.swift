import Foundation
import PlumbFormats
import PlumbModel
import PlumbVerdicts

/// A recorded profile of drift, to which later runs are held.
///
/// This is the second statement, not the proved one: a run that is within every bound can be worse than it was, and one
/// that is no worse than it was can be outside. Its numbers are the greatest of every layer of every block.
package struct Baseline: Sendable, Codable {
  /// One activation as it was.
  package struct Entry: Sendable, Codable, Hashable {
    /// The activation's name.
    package let name: String
    /// The greatest local margin.
    package let margin: Double
    /// The greatest accumulated drift, relative to the greatest element; `nil` where it was not asked for.
    package let accumulated: Double?
  }

  /// The version of the schema.
  package var schema = 1
  /// The SHA-256 of the weights.
  package let fingerprint: String
  /// The tokens of the prompt.
  package let tokens: [Int]
  /// The arithmetic that was measured.
  package let arithmetic: String
  /// The activations in the order of the pass.
  package let activations: [Entry]

  /// The profile of `report`.
  package init(_ report: DriftReport) {
    fingerprint = report.fingerprint
    tokens = report.tokens
    arithmetic = report.arithmetic
    activations = report.activations.map {
      Entry(name: $0.name, margin: $0.local.margin, accumulated: $0.accumulated?.relative)
    }
  }

  /// Reads the profile in the file at `path`.
  ///
  /// - Throws: `BaselineError` when it cannot be read or holds no profile.
  package init(path: String) throws(BaselineError) {
    let bytes: Data
    do throws(ModelError) {
      let read = try WholeFile.read(path)
      try JSONFile.refuseRepeatedKeys(read, file: path)
      bytes = Data(read)
    } catch {
      throw BaselineError(path, "\(error.problem); '--record-baseline' writes one")
    }
    let decoder = JSONDecoder()
    decoder.nonConformingFloatDecodingStrategy = .convertFromString(
      positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
    do {
      self = try decoder.decode(Baseline.self, from: bytes)
    } catch {
      throw BaselineError(path, "is no recorded profile; '--record-baseline' writes one")
    }
    guard schema == 1 else { throw BaselineError(path, "has schema \(schema); this plumb reads 1: record it again") }
    if let problem = ChecksumLine.json.problem(in: String(decoding: bytes, as: UTF8.self)) {
      throw BaselineError(path, problem + "; or record it again")
    }
    guard activations.allSatisfy({ $0.margin >= 0 && $0.accumulated ?? 0 >= 0 }) else {
      throw BaselineError(path, "holds a number that is negative or not a number: record it again")
    }
  }

  /// Refuses what the profile says nothing of, before it is measured: `blocks` of `model` on `tokens`.
  ///
  /// - Throws: `BaselineError`, in which the profile's file is `path`.
  package func expect(
    _ model: LoadedModel, tokens: [Int], blocks: ClosedRange<Int>, path: String
  ) throws(BaselineError) {
    let names = model.transformer.plan.names.filter { $0.block.map(blocks.contains) ?? true }
    try expect(fingerprint: model.fingerprint, tokens: tokens, names: names.map(\.description), path: path)
  }

  /// Refuses a measurement of which the profile says nothing.
  func expect(fingerprint: String, tokens: [Int], names: [String], path: String) throws(BaselineError) {
    guard fingerprint == self.fingerprint else {
      throw BaselineError(
        path,
        "was recorded with other weights (\(self.fingerprint.prefix(12))…, here \(fingerprint.prefix(12))…): "
          + "record it again")
    }
    guard tokens == self.tokens else {
      throw BaselineError(path, "was recorded with other tokens: give the same prompt, or record it again")
    }
    guard !Set(names).isDisjoint(with: activations.map(\.name)) else {
      throw BaselineError(path, "has no activation of this report: record it with the same '--layers'")
    }
  }

  /// The bytes of the file, as text with its checksum: the same profile gives the same bytes.
  package var text: String {
    get throws {
      ChecksumLine.json.sealed(try ReportJSON.text(of: self) + "\n")
    }
  }
}

/// The reason why a profile cannot be used: one line for the person who must act.
package struct BaselineError: Error, CustomStringConvertible {
  /// The file, and what is wrong with it.
  package let description: String

  init(_ path: String, _ problem: String) { description = "\(path): \(problem)".onOneLine }
}
