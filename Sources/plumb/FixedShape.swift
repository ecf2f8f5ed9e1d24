import ArgumentParser
import PlumbDrift
import PlumbModel

/// The extents that `--shape` fixes, such as `rows=1,columns=64`.
struct FixedShape {
  /// The greatest extent: tensors of a few such extents still fit in memory.
  private static let limit = 1 << 16
  /// The most elements that a tensor may have.
  private static let mostElements = 1 << 24
  /// The greatest extent that is drawn where none is fixed.
  private static let drawn = 64

  /// The extents, by name.
  let extents: [String: Int]

  /// Reads `text`, whose names must be those of extents of `layers`.
  ///
  /// - Throws: `ValidationError` with the names that there are, where one is unknown or a number is not.
  init(_ text: String, of layers: [LayerKind]) throws {
    var names: [String] = []
    for name in layers.flatMap({ Catalogue.signature(of: $0).tensors.flatMap(\.shape) }) where !names.contains(name) {
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
    for tensor in Catalogue.signature(of: layer).tensors {
      let count = tensor.shape.reduce(1.0) { $0 * Double(extents[$1] ?? Self.drawn) }
      guard count <= Double(Self.mostElements) else {
        throw ValidationError(
          "'--shape' makes the tensor '\(tensor.name)' of \(layer.rawValue) too large: at most \(Self.mostElements) "
            + "elements can be drawn.")
      }
    }
  }
}
