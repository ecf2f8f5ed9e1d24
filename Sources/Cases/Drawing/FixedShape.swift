import PlumbModel
import PlumbVerdicts

/// The extents that every case of a run has, such as `rows=1,columns=64`.
package struct FixedShape {
  /// The greatest extent: that of a tensor which has no other.
  private static let limit = ExtentLimits.mostElements

  /// The extents, by name.
  package let extents: [String: Int]

  /// Reads `text`, whose names must be those of extents of `layers`.
  ///
  /// - Throws: `FixedShapeError` with the names that there are, where one is unknown or a number is not.
  package init(_ text: String, of layers: [LayerKind]) throws(FixedShapeError) {
    var extents: [String: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "=", omittingEmptySubsequences: false)
      guard words.count == 2, let extent = Int(words[1]) else {
        throw FixedShapeError(problem: "'\(text)' is not NAME=N[,NAME=N…], such as rows=1,columns=64")
      }
      guard extents.updateValue(extent, forKey: String(words[0])) == nil else {
        throw FixedShapeError(problem: "'\(words[0])' is fixed twice")
      }
    }
    try self.init(extents, of: layers)
  }

  /// Checks `extents`, whose names must be those of extents of `layers`.
  ///
  /// - Throws: `FixedShapeError` with the names that there are, where one is unknown or a number is too great or too small.
  package init(_ extents: [String: Int], of layers: [LayerKind]) throws(FixedShapeError) {
    var names: [String] = []
    for name in layers.flatMap({ Catalogue.signature(of: $0).extentNames }) where !names.contains(name) {
      names.append(name)
    }
    for (name, extent) in extents.sorted(by: { $0.key < $1.key }) {
      guard names.contains(name) else {
        throw FixedShapeError(problem: "there is no extent '\(name)'; there are \(names.joined(separator: ", "))")
      }
      guard 1...Self.limit ~= extent else {
        throw FixedShapeError(problem: "'\(name)=\(extent)' is not from 1 to \(Self.limit)")
      }
    }
    self.extents = extents
    for layer in layers {
      guard let name = ExtentLimits(Catalogue.signature(of: layer)).tooLarge(with: extents) else { continue }
      throw FixedShapeError(
        problem: "makes '\(name)' of \(layer.rawValue) too large: at most \(ExtentLimits.mostElements) elements can be "
          + "drawn")
    }
  }
}

/// The reason why extents cannot be fixed.
package struct FixedShapeError: Error, CustomStringConvertible {
  /// The fault, and what there is instead.
  package let problem: String

  /// One line for the person who must act.
  package var description: String { problem }
}
