import PlumbFormats
import PlumbModel

/// The reason why a case does not fit its layer: what was expected, and what was found.
package struct CaseError: Error, Sendable, Equatable, CustomStringConvertible {
  /// The layer.
  package let layer: LayerKind
  /// The fault and what was expected.
  package let problem: String

  init(_ layer: LayerKind, _ problem: String) {
    self.layer = layer
    self.problem = problem
  }

  /// One line for the person who must act.
  package var description: String { "\(layer.rawValue): \(problem); see 'plumb layer --list'".onOneLine }
}
