import Foundation
import PlumbFormats
import PlumbModel

extension NameTable {
  /// The table in the JSON file at `path`: an object from tensors' names, with `{block}` for a block's index, to the words
  /// of `ActivationName.Role`, or to whole names such as `blocks.3.query`.
  ///
  /// - Throws: `GradeError` that names the file and the key.
  package init(path: String) throws(GradeError) {
    let pairs: [String: String]
    let bytes: [UInt8]
    do throws(ModelError) {
      bytes = try WholeFile.read(path)
      try JSONFile.refuseRepeatedKeys(bytes, file: path)
    } catch {
      throw GradeError("\(error.file): \(error.problem); give a JSON file, or one of \(Self.words)")
    }
    guard let named = try? JSONDecoder().decode([String: String].self, from: Data(bytes)) else {
      throw GradeError("\(path): is no JSON object from names of tensors to names of activations")
    }
    pairs = named
    guard !pairs.isEmpty else { throw GradeError("\(path): names no tensor; map at least one to an activation") }
    var rules: [Rule] = []
    // Longer patterns first, so that a name meets the most particular one.
    for (pattern, word) in pairs.sorted(by: { ($1.key.count, $0.key) < ($0.key.count, $1.key) }) {
      let named = Self.plumb.activation(word)
      guard let role = named?.role ?? ActivationName.Role(rawValue: word) else {
        throw GradeError(
          "\(path): '\(pattern)' is to be '\(word)', which is no activation; the nearest are "
            + Self.plumb.nearest(to: word).joined(separator: ", "))
      }
      rules.append(Rule(pattern: pattern, role: role, block: named?.block))
    }
    self.init(label: path, rules: rules)
  }

  /// The words of the tables that ship, for people.
  static var words: String { all.map(\.word).joined(separator: ", ") }
}
