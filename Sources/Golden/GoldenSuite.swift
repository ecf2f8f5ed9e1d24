import Foundation
import PlumbBounds
import PlumbExact
import PlumbFormats
import PlumbModel
import PlumbReference
import PlumbTolerance
import PlumbVerdicts

/// The folder of golden files, and what should stand in it.
package struct GoldenSuite: Sendable {
  /// The folder.
  package let folder: String

  /// The suite in `folder`.
  package init(folder: String) { self.folder = folder }

  /// The path of the file of `subject`.
  package func path(_ subject: GoldenFile.Subject) -> String { "\(folder)/\(subject.fileName)" }

  /// The goldens of `subjects`, computed; the same on every machine and for any number of threads.
  ///
  /// - Throws: `DriftError.undecided` where a Float32 is not decided at the greatest precision.
  package static func compute(_ subjects: [GoldenFile.Subject]) throws(DriftError) -> [GoldenFile] {
    // Cases of all layers side by side: a slow one then holds nobody up.
    let cases = subjects.map { subject -> [GoldenCase] in
      if case .layer(let layer) = subject { GoldenCases.of(layer) } else { [] }
    }
    let models = subjects.map { subject in GoldenModel.all.filter { $0.name == subject.name } }
    let work = subjects.indices.flatMap { subject in
      cases[subject].indices.map { (subject, $0) } + models[subject].indices.map { (subject, $0) }
    }
    let records = try concurrentMap(work.count) { index throws(DriftError) in
      let (subject, number) = work[index]
      return models[subject].isEmpty
        ? GoldenRecord(cases[subject][number]) : try models[subject][number].record()
    }
    return subjects.indices.map { subject in
      GoldenFile(
        subject: subjects[subject], arithmetic: GoldenRecord.arithmetic.description,
        cases: zip(work, records).filter { $0.0.0 == subject }.map(\.1))
    }
  }

  /// Computes the goldens of `subjects`, then writes those files that differ, each whole or not at all.
  ///
  /// - Returns: the paths that were written.
  /// - Throws: `DriftError`, or `ModelError` where a file cannot be written: it is then as it was.
  package func regenerate(_ subjects: [GoldenFile.Subject]) throws -> [String] {
    let files = try Self.compute(subjects)
    // Where the folder cannot be made, writing the first file says why.
    try? FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    var written: [String] = []
    for file in files {
      let (path, bytes) = (path(file.subject), Array(file.text.utf8))
      if let old = FileManager.default.contents(atPath: path), old.elementsEqual(bytes) { continue }
      try AtomicFile.write(bytes, to: path)
      written.append(path)
    }
    return written
  }

  /// The goldens of `subject` as they stand in the folder.
  ///
  /// - Throws: `GoldenError`.
  package func read(_ subject: GoldenFile.Subject) throws(GoldenError) -> GoldenFile {
    let path = path(subject)
    let file = try GoldenFile(path: path)
    guard file.subject == subject else {
      throw GoldenError(
        path, line: 2, "holds goldens of \(file.subject.name)", "run 'plumb golden regenerate \(subject.name)'")
    }
    return file
  }
}

extension GoldenFile {
  /// Reads the file at `path`.
  ///
  /// - Throws: `GoldenError`.
  package init(path: String) throws(GoldenError) {
    try self.init(text: try Self.text(path: path), file: path)
  }

  /// The text of the file at `path`.
  static func text(path: String) throws(GoldenError) -> String {
    guard let data = FileManager.default.contents(atPath: path) else {
      throw GoldenError(path, "cannot be read", "run 'plumb golden regenerate'")
    }
    guard let text = String(validating: data, as: UTF8.self) else {
      let line = data.prefix(data.count).split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
        .firstIndex { String(validating: $0, as: UTF8.self) == nil }
      throw GoldenError(path, line: line.map { $0 + 1 }, "is not UTF-8", "run 'plumb golden regenerate'")
    }
    return text
  }
}

extension GoldenRecord {
  /// The arithmetic that the bounds of the suite assume: that of every plain Float32 kernel.
  static let arithmetic = ArithmeticModel.f32

  /// The record of what `golden` must give.
  init(_ golden: GoldenCase) {
    let checked: CheckedCase
    do throws(CaseError) {
      checked = try CheckedCase(golden.input)
    } catch {
      preconditionFailure("the suite's case '\(golden.name)' does not fit its layer: \(error)")
    }
    // Where nothing is proved in this arithmetic, there is no bound.
    let tracked = try? Catalogue.tracked(checked, in: Self.arithmetic)
    // Where no precision gives an enclosure, there is no value to record.
    let answer = try? Catalogue.decided(checked) { expectation, precision in
      expectation.bounded(by: tracked, name: golden.name).answer(precision: precision)
    }
    let shape = checked.outputShape
    let signature = Catalogue.signature(of: golden.input.layer)
    let count = shape.reduce(1, *)
    self.init(
      name: golden.name, note: golden.note, seed: golden.seed,
      attributes: signature.attributes.map {
        Attribute(name: $0.name, value: (golden.input.attributes[$0.name] ?? $0.defaultValue).exactText)
      },
      tensors: signature.tensors.compactMap { slot in
        golden.input.tensors[slot.name].map { Input(name: slot.name, tensor: $0) }
      },
      precision: answer?.precision,
      outputs: [
        GoldenOutput(
          name: "output", shape: shape,
          elements: answer.map { $0.elements.map { $0.map(GoldenElement.init) } }
            ?? [GoldenElement?](repeating: nil, count: count))
      ])
  }
}

extension Expectation {
  /// The same exact values with the bounds of `tracked`, or with none.
  func bounded(by tracked: Activation<Tracked>?, name: String) -> Expectation {
    guard let tracked else {
      return Expectation(
        exact: exact, bounds: [Rational?](repeating: nil, count: bounds.count), holdsValue: holdsValue)
    }
    precondition(
      disagreement(with: tracked) == nil, "the formula of '\(name)' and its reference enclose different numbers")
    // A golden file has no word for an infinity that is allowed.
    return bounded(by: tracked.map(\.certain))
  }
}

extension AttributeValue {
  /// The value as goldens write it: numbers as hex floats.
  var exactText: String {
    if case .real(let real) = self { real.hexadecimal } else { text }
  }
}
