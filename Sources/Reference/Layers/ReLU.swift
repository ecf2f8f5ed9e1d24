import PlumbExact
import PlumbModel

extension Reference {
  /// The rectified linear unit max(x, 0) of each element, in the shape of `x`.
  ///
  /// *Error bound*: exact for exact inputs; otherwise encloses the true values.
  package static func relu(_ x: Activation<Ball>) -> Activation<Ball> { x.map { Ball.max($0, Ball(0)) } }
}
