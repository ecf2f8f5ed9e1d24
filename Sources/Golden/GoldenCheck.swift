import Foundation
import PlumbExact
import PlumbVerdicts

extension GoldenSuite {
  /// The faults of the files of `subjects`, in order; empty where each is byte for byte what it should be.
  ///
  /// Files that belong to no subject are faults too where `isWhole`.
  /// - Throws: `DriftError.undecided` where a Float32 is not decided at the greatest precision.
  package func check(_ subjects: [GoldenFile.Subject], isWhole: Bool) throws(DriftError) -> [GoldenFinding] {
    var findings: [GoldenFinding] = []
    for file in try Self.compute(subjects) {
      let path = path(file.subject)
      do throws(GoldenError) {
        let text = try GoldenFile.text(path: path)
        if text == file.text && Array(text.utf8) == Array(file.text.utf8) { continue }
        // What is no golden file says why; what is one differs in a line.
        _ = try GoldenFile(text: text, file: path)
        findings.append(
          GoldenFinding(path: path, isDifference: true, text: Self.difference(text, file.text, path: path)))
      } catch {
        findings.append(GoldenFinding(path: path, isDifference: false, text: "\(error)"))
      }
    }
    if isWhole {
      let known = Set(GoldenFile.Subject.all.map(\.fileName))
      let found = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
      for name in found.sorted() where name.hasSuffix(".golden") && !known.contains(name) {
        let path = "\(folder)/\(name)"
        let error = GoldenError(path, "belongs to no layer and no model", "delete the file")
        findings.append(GoldenFinding(path: path, isDifference: false, text: "\(error)"))
      }
    }
    return findings
  }

  /// The first line in which `recorded` differs from `computed`, and whose it is.
  static func difference(_ recorded: String, _ computed: String, path: String) -> String {
    let old = recorded.split(separator: "\n", omittingEmptySubsequences: false)
    let new = computed.split(separator: "\n", omittingEmptySubsequences: false)
    let line = zip(old, new).enumerated().first { $1.0 != $1.1 }?.offset ?? min(old.count, new.count)
    let context = place(of: line, in: line < new.count ? new : old)
    func quoted(_ lines: [Substring]) -> String {
      guard line < lines.count else { return "nothing" }
      let text = lines[line].drop { $0 == " " }
      return text.count > 160 ? "'\(text.prefix(160))…'" : "'\(text)'"
    }
    return "\(path), line \(line + 1)\(context): recorded \(quoted(old)), computed \(quoted(new)); "
      + "run 'plumb golden regenerate', then 'plumb golden diff' on both"
  }

  /// The case, tensor and element of the line `line`.
  private static func place(of line: Int, in lines: [Substring]) -> String {
    var tensor: Substring?
    for index in stride(from: min(line, lines.count - 1), through: 0, by: -1) {
      let words = lines[index].split(separator: " ", maxSplits: 2)
      guard let first = words.first, !lines[index].hasPrefix(" ") else { continue }
      if ["output", "tensor", "indices"].contains(first), words.count == 3, tensor == nil {
        let shape = words[2].dropFirst().dropLast().split(separator: ", ").compactMap { Int($0) }
        let row = line - index - 1
        let axes = first == "output" ? shape : Array(shape.dropLast())
        let coordinates = row >= 0 ? " \(LocalComparison.coordinates(of: row, in: axes))" : ""
        tensor = " \(words[0]) '\(words[1])'\(coordinates)"
      }
      if first == "case", words.count > 1 { return ": case '\(words[1])'\(tensor ?? "")" }
    }
    return ""
  }
}

/// A fault of a golden file.
package struct GoldenFinding: Sendable {
  /// The file.
  package let path: String
  /// Whether the file is sound and says something else, rather than unreadable.
  package let isDifference: Bool
  /// One line for the person who must act.
  package let text: String
}
