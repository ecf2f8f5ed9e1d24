import PlumbEngine
import PlumbExact
import PlumbModel
import PlumbReference
import PlumbTolerance

extension Checks {
  /// A clamp of Float32s by a Float32, which rounds nothing.
  package static func clamp(_ x: Activation<Float>, _ layer: ClampLayer) throws(EnclosureError) -> Expectation? {
    guard let inputs = x.asBalls else { return nil }
    return try clamp(Expectation(exactly: inputs), layer)
  }

  /// A clamp of what the engine computed: |clamp a − clamp b| ≤ |a − b|, so that the error passes and none is added.
  static func clamp(_ x: Expectation, _ layer: ClampLayer) throws(EnclosureError) -> Expectation {
    Expectation(exact: try Reference.clamp(x.exact, layer), bounds: x.bounds)
  }
}
