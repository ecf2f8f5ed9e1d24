import ArgumentParser
import PlumbCases
import PlumbModel
import PlumbVerdicts

/// The extents that `--shape` fixes, such as `rows=1,columns=64`.
struct FixedShape {
  /// The greatest extent: that of a tensor which has no other.
  private static let limit = ExtentLimits.mostElements

  /// The extents, by name.
  let extents: [String: Int]

  /// Reads `text`, whose names must be those of extents of `layers`.
  ///
  /// - Throws: `ValidationError` with the names that there are, where one is unknown or a number is not.
  init(_ text: String, of layers: [LayerKind]) throws {
    var names: [String] = []
    for name in layers.flatMap({ Catalogue.signature(of: $0).extentNames }) where !names.contains(name) {
      names.append(name)
    }
    var extents: [String: Int] = [:]
    for part in text.split(separator: ",", omittingEmptySubsequences: false) {
      let words = part.split(separator: "=", omittingEmptySubsequences: false)
      guard words.count == 2, let extent = Int(words[1]), 1...Self.limit ~= extent else {
        throw ValidationError(
          "'--shape \(text)' is not NAME=N[,NAME=N…], such as rows=1,columns=64, with N from 1 to \(Self.limit).")
      }
      let name = String(words[0])
      guard names.contains(name) else {
        throw ValidationError("There is no extent '\(name)'; there are \(names.joined(separator: ", ")).")
      }
      guard extents.updateValue(extent, forKey: name) == nil else {
        throw ValidationError("'--shape' fixes '\(name)' twice.")
      }
    }
    self.extents = extents
    for layer in layers { try refuseHugeTensors(of: layer) }
  }

  private func refuseHugeTensors(of layer: LayerKind) throws {
    guard let name = ExtentLimits(Catalogue.signature(of: layer)).tooLarge(with: extents) else { return }
    throw ValidationError(
      "'--shape' makes '\(name)' of \(layer.rawValue) too large: at most \(ExtentLimits.mostElements) elements can be "
        + "drawn.")
  }
}
