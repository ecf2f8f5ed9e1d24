import PlumbFormats
public import PlumbModel

/// The reason why a case does not fit its layer: what was expected, and what was found.
public struct CaseError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The layer.
  public let layer: LayerKind
  /// The fault and what was expected.
  public let problem: String

  init(_ layer: LayerKind, _ problem: String) {
    self.layer = layer
    self.problem = problem
  }

  /// One line for the person who must act.
  public var description: String { "\(layer.rawValue): \(problem); see 'plumb layer --list'".onOneLine }
}
