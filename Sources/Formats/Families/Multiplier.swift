import PlumbModel

extension Family {
  /// A number that multiplies or divides what a part of the model gives.
  enum Multiplier: Sendable {
    case none
    case rootOfHidden
    case factor(key: String, otherwise: Float)
    case divisor(key: String, otherwise: Float)

    /// The scale that it is of activations of `hidden` elements; `nil` where it changes nothing.
    ///
    /// - Parameter number: the positive number at a key, or the default.
    func scale(
      hidden: Int, _ number: (_ key: String, _ otherwise: Float) throws(ModelError) -> Float
    ) throws(ModelError) -> ScaleLayer? {
      switch self {
      case .none: return nil
      case .rootOfHidden: return ScaleLayer(factor: Float(hidden), isRoot: true)
      case .factor(let key, let otherwise):
        let factor = try number(key, otherwise)
        return factor == 1 ? nil : ScaleLayer(factor: factor)
      case .divisor(let key, let otherwise):
        let divisor = try number(key, otherwise)
        return divisor == 1 ? nil : ScaleLayer(factor: divisor, divides: true)
      }
    }
  }
}
