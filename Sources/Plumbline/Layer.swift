import PlumbModel
import PlumbVerdicts

/// A layer of the catalogue, or a formula of one's own.
///
/// The page *Layers* has each with its tensors and attributes.
public struct Layer: Sendable, Hashable, CustomStringConvertible {
  let kind: LayerKind

  /// The layer of that name, such as `rms-norm`, or a formula of one's own, such as
  /// `"x[rows,hidden], r[rows,hidden], w[hidden]: rms_norm(x + r, w, epsilon=1e-6)"`.
  ///
  /// - Throws: `PlumblineError`, which lists the layers or says where the formula is wrong.
  public init(_ name: String) throws(PlumblineError) {
    kind = try PlumblineError.translating { try Catalogue.layer(named: name) }
  }

  init(_ kind: LayerKind) { self.kind = kind }

  /// The layers of the catalogue.
  public static let all = LayerKind.allCases.map { Layer($0) }

  /// The layer's name, or the text of the formula.
  public var description: String { kind.rawValue }
}
